// Handlers of transfers, gifts, donations and referral codes.
import type { TransferAnswer, TransferAsk } from "@regulars/contracts/acts-sharing";
import type { MemberReference } from "@regulars/contracts/members";
import type { Refusal } from "@regulars/contracts/refusals";
import {
  mergeRequest,
  transferRequest,
  unmergeRequest,
  type TransferOutcome,
  type TransferRequest,
} from "@regulars/contracts/sharing";
import { isMemberIdOf, memberIdFrom } from "@regulars/domain/naming";
import { answerResponse } from "@regulars/edge/problem";
import { callAct, callLook } from "./acts.ts";
import { isRefusal, refuseCall, replyResponse, type Call, type Handler } from "./call.ts";
import { callLedger, pointLedger } from "./ledger.ts";
import { memberContext } from "./member-handlers.ts";
import { readWrite } from "./read-write.ts";
import { findMember, identityOf } from "./resolve.ts";

export const sharingHandlers = {
  sendTransfer: async (call: Call) => {
    const read = await readWrite(call, transferRequest);
    if (!read.ok) return read.response;
    const receiver = await receiverOf(call, read.value);
    if (isRefusal(receiver)) return refuseCall(call, receiver);
    const { currency = null, points = 0, vouchers, note = null } = read.value;
    const ask: TransferAsk = { ...receiver, currency, points, vouchers, note };
    return replyResponse(call, await callAct(call, read.at, "transfer.send", ask), publicTransfer);
  },

  getTransfer: async (call: Call) => {
    const at = memberContext(call);
    if (isRefusal(at)) return refuseCall(call, at);
    const ask = { transferId: call.parameters["transferId"] ?? "" };
    return replyResponse(call, await callLook(call, at, "transfer.get", ask), publicTransfer);
  },

  mergeMember: async (call: Call) => {
    const read = await readWrite(call, mergeRequest);
    if (!read.ok) return read.response;
    const { into } = read.value;
    if (!isMemberIdOf(call.session.tenantKey, into))
      return refuseCall(call, { code: "member_not_found", field: "into" });
    return replyResponse(call, await callAct(call, read.at, "merge.begin", { into }), publicTransfer);
  },

  unmergeMember: async (call: Call) => {
    const read = await readWrite(call, unmergeRequest);
    if (!read.ok) return read.response;
    return replyResponse(call, await callAct(call, read.at, "merge.undo", { from: read.value.from }), publicTransfer);
  },

  getReferralCode: async (call: Call) => {
    const at = memberContext(call);
    if (isRefusal(at)) return refuseCall(call, at);
    const reply = await callLedger(call.env, call.ctx, at, (ledger) => ledger.member(at));
    if (!reply.ok) return refuseCall(call, reply.refusal);
    const { tenantId, memberId } = at;
    const code = await pointLedger(call.env).referralCode(tenantId, memberId);
    return answerResponse({ memberId, code }, 200, call.context);
  },
} satisfies Record<string, Handler>;

/** The account of a cause: a reserved id, the same for ever. */
export const causeAccount = (tenantKey: string, cause: string) => memberIdFrom(tenantKey, `cause:${cause}`);

type Receiver = Pick<TransferAsk, "purpose" | "to" | "cause">;

async function receiverOf(call: Call, { to, cause, purpose }: TransferRequest): Promise<Receiver | Refusal> {
  const { tenantKey } = call.session;
  if (cause !== undefined) return { purpose: "donation", to: causeAccount(tenantKey, cause), cause };
  // The member's object knows its household's pool.
  if (to === undefined) return { purpose: "pool", to: "", cause: null };
  const found = await referredMember(call, to);
  return isRefusal(found) ? found : { purpose, to: found, cause: null };
}

async function referredMember({ env, session }: Call, reference: MemberReference): Promise<string | Refusal> {
  if (reference.id !== undefined) {
    const isOurs = isMemberIdOf(session.tenantKey, reference.id);
    return isOurs ? reference.id : { code: "member_not_found", field: "to.id" };
  }
  const identity = identityOf(session, reference, "to");
  if (identity === null) return { code: "missing_field", field: "to" };
  if (isRefusal(identity)) return identity;
  return (await findMember(env, session, identity)) ?? { code: "member_not_found", field: "to" };
}

function publicTransfer({ transfer, state, at, balances, sequence }: TransferAnswer): TransferOutcome {
  const { id, purpose, from, to, parts, vouchers, note } = transfer;
  const points = new Map<string, number>();
  for (const { lot, points: count } of parts) points.set(lot.currency, (points.get(lot.currency) ?? 0) + count);
  const sums = [...points].map(([currency, count]) => ({ currency, points: count }));
  const about = { id, purpose, from, to, points: sums, vouchers: vouchers.map((one) => one.id), note };
  return { transfer: { ...about, state, at: new Date(at).toISOString() }, balances: [...balances], sequence };
}
