// Handlers of allowances for tills without network.
import type { AllowanceAnswer } from "@regulars/contracts/acts-tills";
import { ALLOWANCE_SETTLE_SECONDS } from "@regulars/contracts/limits";
import { emptyRequest } from "@regulars/contracts/points";
import type { CallContext, Reply } from "@regulars/contracts/rpc";
import { allowanceRequest, type AllowanceAnswer as PublicAnswer } from "@regulars/contracts/tills";
import { answerResponse } from "@regulars/edge/problem";
import { callAct, callLook } from "./acts.ts";
import { allowanceKeysOf, signAllowance } from "@regulars/domain/allowance-tokens";
import { isRefusal, refuseCall, replyResponse, type Call, type Handler } from "./call.ts";
import { memberContext } from "./member-handlers.ts";
import { readWrite } from "./read-write.ts";
import { refuseStore } from "./session.ts";

export const tillHandlers = {
  issueAllowance: async (call: Call) => {
    const read = await readWrite(call, allowanceRequest);
    if (!read.ok) return read.response;
    const { at, value } = read;
    const { ttlSeconds, ...wish } = value;
    const refused = refuseStore(call.session, wish.storeId, "storeId");
    if (refused !== null) return refuseCall(call, refused);
    const spendUntil = at.now + ttlSeconds * 1000;
    const ask = { ...wish, spendUntil, settleUntil: spendUntil + ALLOWANCE_SETTLE_SECONDS * 1000 };
    const reply = await callAct(call, at, "allowance.issue", ask);
    if (!reply.ok) return replyResponse(call, reply);
    const { tenantId, memberId } = at;
    const token = await signAllowance(call.session.tenantKey, { tenantId, memberId, hold: reply.value.hold });
    return replyResponse(call, reply, (answer) => ({ ...publicAnswer(memberId, answer), token }));
  },

  getAllowance: async (call: Call) => {
    const at = memberContext(call);
    if (isRefusal(at)) return refuseCall(call, at);
    return allowanceResponse(call, at, await readAllowance(call, at));
  },

  releaseAllowance: async (call: Call) => {
    const read = await readWrite(call, emptyRequest);
    if (!read.ok) return read.response;
    const { at } = read;
    if (call.session.key.storeIds !== null) {
      const known = await readAllowance(call, at);
      if (!known.ok) return replyResponse(call, known);
      const refused = refuseStore(call.session, known.value.hold.allowance.storeId, "allowanceId");
      if (refused !== null) return refuseCall(call, refused);
    }
    const ask = { holdId: allowanceIdOf(call) };
    const reply = await callAct(call, at, "allowance.release", ask);
    return allowanceResponse(call, at, reply);
  },

  getAllowanceKeys: async (call: Call) =>
    answerResponse(await allowanceKeysOf(call.session.tenantKey), call.operation.answer.status, call.context),
} satisfies Record<string, Handler>;

function readAllowance(call: Call, at: CallContext): Promise<Reply<AllowanceAnswer>> {
  return callLook(call, at, "allowance.read", { holdId: allowanceIdOf(call) });
}

// A key that is bound to stores sees the allowances of its own.
function allowanceResponse(call: Call, at: CallContext, reply: Reply<AllowanceAnswer>): Response {
  const refused = reply.ok ? refuseStore(call.session, reply.value.hold.allowance.storeId, "allowanceId") : null;
  if (refused?.code === "store_not_allowed") return refuseCall(call, refused);
  return replyResponse(call, reply, (answer) => publicAnswer(at.memberId, answer));
}

function publicAnswer(memberId: string, { hold, balances, sequence }: AllowanceAnswer): PublicAnswer {
  const { id, currency, points, capturedPoints, state, lapsesAt } = hold;
  const { storeId, spendUntil } = hold.allowance;
  const times = { spendUntil: new Date(spendUntil).toISOString(), settleUntil: new Date(lapsesAt).toISOString() };
  const figures = { currency, points, spentPoints: capturedPoints, state, ...times };
  return { allowance: { id, memberId, storeId, ...figures }, balances: [...balances], sequence };
}

const allowanceIdOf = ({ parameters }: Call) => parameters["allowanceId"] ?? "";
