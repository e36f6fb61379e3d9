// Handlers of the catalogue and of a member's vouchers.
import type { OfferedReward as Offered, VoucherAnswer as LedgerVoucher } from "@regulars/contracts/acts-rewards";
import { programPath, versionInForce } from "@regulars/contracts/directory";
import type { VoucherRecord } from "@regulars/contracts/events-effects";
import type { Language } from "@regulars/contracts/messages/catalog";
import { emptyRequest } from "@regulars/contracts/points";
import type { Program } from "@regulars/contracts/program";
import type { Refusal } from "@regulars/contracts/refusals";
import {
  issueRequest,
  purchaseRequest,
  rewardsQuery,
  voidRequest,
  vouchersQuery,
  type OfferedReward,
  type Voucher,
  type VoucherAnswer,
} from "@regulars/contracts/rewards";
import { isMemberIdOf } from "@regulars/domain/naming";
import { readQuery } from "@regulars/edge/body";
import { answerResponse, problemResponse } from "@regulars/edge/problem";
import { callAct, callLook } from "./acts.ts";
import { isRefusal, refuseCall, replyResponse, type Call, type Handler } from "./call.ts";
import { callContext } from "./ledger.ts";
import { memberContext } from "./member-handlers.ts";
import { readWrite } from "./read-write.ts";
import { refuseStore } from "./session.ts";

export const rewardHandlers = {
  listRewards: async (call: Call) => {
    const query = readQuery(call.request.url, rewardsQuery);
    if (!query.ok) return problemResponse(query.refusals, call.context);
    const { memberId } = query.value;
    if (memberId === undefined) return plainCatalogue(call);
    if (!isMemberIdOf(call.session.tenantKey, memberId)) {
      return refuseCall(call, { code: "member_not_found", field: "memberId" });
    }
    const reply = await callLook(call, callContext(call.session, memberId), "rewards.list", null);
    return replyResponse(call, reply, ({ rewards, programVersion }) => ({
      rewards: rewards.map((one) => offered(one, call.context.language, true)),
      programVersion,
    }));
  },

  listVouchers: async (call: Call) => {
    const at = memberContext(call);
    if (isRefusal(at)) return refuseCall(call, at);
    const query = readQuery(call.request.url, vouchersQuery);
    if (!query.ok) return problemResponse(query.refusals, call.context);
    const reply = await callLook(call, at, "vouchers.list", { all: query.value.all === "true" });
    return replyResponse(call, reply, ({ vouchers, sequence }) => ({
      vouchers: vouchers.map(publicVoucher),
      sequence,
    }));
  },

  buyReward: async (call: Call) => {
    const read = await readWrite(call, purchaseRequest);
    if (!read.ok) return read.response;
    const place = placeOf(call, read.value.storeId);
    if (isRefusal(place)) return refuseCall(call, place);
    const ask = { rewardId: call.parameters["rewardId"] ?? "", ...place, money: call.session.tenant.currency };
    return replyResponse(call, await callAct(call, read.at, "reward.buy", ask), publicAnswer);
  },

  issueVoucher: async (call: Call) => {
    const read = await readWrite(call, issueRequest);
    if (!read.ok) return read.response;
    const { rewardId, reason, storeId } = read.value;
    const place = placeOf(call, storeId);
    if (isRefusal(place)) return refuseCall(call, place);
    const ask = { rewardId, reason, ownerId: place.ownerId };
    return replyResponse(call, await callAct(call, read.at, "voucher.issue", ask), publicAnswer);
  },

  voidVoucher: async (call: Call) => {
    const read = await readWrite(call, voidRequest);
    if (!read.ok) return read.response;
    if (call.session.key.storeIds !== null) return refuseCall(call, { code: "store_not_allowed" });
    const ask = { voucherId: voucherIdOf(call), reason: read.value.reason };
    return replyResponse(call, await callAct(call, read.at, "voucher.void", ask), publicAnswer);
  },

  returnVoucher: async (call: Call) => {
    const read = await readWrite(call, emptyRequest);
    if (!read.ok) return read.response;
    const ask = { voucherId: voucherIdOf(call) };
    return replyResponse(call, await callAct(call, read.at, "reward.return", ask), publicAnswer);
  },
} satisfies Record<string, Handler>;

/** The catalogue as it is for everybody: the document of the version in force, straight from where it was published. */
async function plainCatalogue(call: Call): Promise<Response> {
  const { tenant, now } = call.session;
  const version = versionInForce(tenant.programs, now);
  const document =
    version === null ? null : await call.env.DIRECTORY.get<Program>(programPath(tenant.tenantId, version), "json");
  if (version === null || document === null) return refuseCall(call, { code: "program_missing" });
  // A version published before there were rewards has none.
  const rewards = (document.rewards ?? []).map((reward) =>
    offered({ reward, unavailable: null }, call.context.language, false),
  );
  return answerResponse({ rewards, programVersion: version }, call.operation.answer.status, call.context);
}

/** The owner of the store that was named; a key that is bound to stores must name one of them. */
function placeOf(
  { session }: Call,
  storeId: string | undefined,
): { storeId: string | null; ownerId: string | null } | Refusal {
  if (storeId === undefined) {
    return session.key.storeIds === null
      ? { storeId: null, ownerId: null }
      : { code: "store_not_allowed", field: "storeId" };
  }
  const refused = refuseStore(session, storeId, "storeId");
  return refused ?? { storeId, ownerId: session.tenant.stores[storeId]?.ownerId ?? null };
}

function offered({ reward, unavailable }: Offered, language: Language, forMember: boolean): OfferedReward {
  const { id, name, description, imageUrl, benefit, cost, terms, tiers, from, until, perMember, stock } = reward;
  return {
    id,
    name: wordsIn(name, language),
    description: description === undefined ? null : wordsIn(description, language),
    imageUrl: imageUrl ?? null,
    benefit,
    cost,
    minNet: terms.minNet,
    tiers: tiers ?? null,
    from: from ?? null,
    until: until ?? null,
    perMember: perMember ?? null,
    stock: stock ?? null,
    transferable: reward.transferable,
    available: forMember ? unavailable === null : null,
    unavailableBecause: unavailable,
  };
}

// The program's own language is the one that it always has.
const wordsIn = (words: Offered["reward"]["name"], language: Language) => words[language] ?? words["zh-TW"];

const publicAnswer = ({ voucher, balances, sequence }: LedgerVoucher): VoucherAnswer => ({
  voucher: publicVoucher(voucher),
  balances: [...balances],
  sequence,
});

function publicVoucher(voucher: VoucherRecord): Voucher {
  const { id, rewardId, state, benefit, terms, transferable, issuedAt, expiresAt, origin, orderId, paid } = voucher;
  return {
    id,
    rewardId,
    state,
    benefit,
    minNet: terms.minNet,
    transferable,
    issuedAt: iso(issuedAt),
    expiresAt: expiresAt === null ? null : iso(expiresAt),
    reservedUntil: voucher.reservedUntil === undefined ? null : iso(voucher.reservedUntil),
    origin,
    orderId,
    paid: paid === undefined ? null : { currency: paid.currency, points: paid.points },
  };
}

const voucherIdOf = ({ parameters }: Call) => parameters["voucherId"] ?? "";
const iso = (instant: number) => new Date(instant).toISOString();
