// How a referrer hears of a referee's order, and a partner of an order with the partner's code.
import type { PartnerAsk } from "@regulars/domain/partners";
import type { ReferralAsk } from "@regulars/domain/referrals";
import { tenantKeyOf } from "@regulars/domain/naming";
import { demandOf } from "./demand.ts";
import { telling, type DutyHandler } from "./duties.ts";
import { identityHashes } from "./identity-hashes.ts";

const reward = telling<ReferralAsk>(async (env, { tenantId, memberId }, ask, told) => {
  const { referrerId, orderId, ownPrize, ...rest } = ask;
  const hashes = identityHashes(tenantKeyOf(env.MASTER_KEY, tenantId), told.person);
  const reply = await demandOf(env, { tenantId, memberId: referrerId }, told, (ledger, context) =>
    ledger.act(context, "referral.reward", { ...rest, orderId, refereeId: memberId, hashes }),
  );
  return { act: "referral.settle", ask: { orderId, given: reply.ok, prize: ownPrize } };
});

const reverse = telling<{ referrerId: string; orderId: string }>(async (env, owner, { referrerId, orderId }, told) => {
  const { tenantId, memberId } = owner;
  const reply = await demandOf(env, { tenantId, memberId: referrerId }, told, (ledger, context) =>
    ledger.act(context, "referral.reverse", { orderId, refereeId: memberId }),
  );
  if (!reply.ok) throw new Error(`a referral could not be reversed: ${reply.refusal.code}`);
  return "done";
});

const partner = telling<PartnerAsk>(async (env, { tenantId, memberId: buyerId }, { memberId, ...ask }, told) => {
  // Nobody is paid for what he buys himself; one who is gone is not paid at all.
  if (memberId === buyerId) return "done";
  await demandOf(env, { tenantId, memberId }, told, (ledger, context) =>
    ledger.act(context, "partner.settle", { ...ask, buyerId }),
  );
  return "done";
});

export const referralDuties: Readonly<Record<string, DutyHandler>> = {
  "referral.reward": reward,
  "referral.reverse": reverse,
  "partner.settle": partner,
};
