// Handlers of households: the pool is an account of its own, under an id that follows from the household's.
import type { HouseholdAnswer } from "@regulars/contracts/acts-sharing";
import { emptyRequest } from "@regulars/contracts/points";
import { putHouseholdMemberRequest, type HouseholdRole } from "@regulars/contracts/sharing";
import type { WriteContext } from "@regulars/contracts/rpc";
import { memberIdFrom } from "@regulars/domain/naming";
import { callAct, callLook } from "./acts.ts";
import { refuseCall, replyResponse, type Call, type Handler } from "./call.ts";
import { callContext } from "./ledger.ts";
import { readWrite } from "./read-write.ts";

export const householdHandlers = {
  getHousehold: async (call: Call) => {
    const accountId = poolAccount(call);
    const reply = await callLook(call, callContext(call.session, accountId), "household.get", null);
    const isUnknown = !reply.ok && reply.refusal.code === "member_not_found";
    if (isUnknown) return refuseCall(call, { code: "household_not_found", field: "householdId" });
    return replyResponse(call, reply, shapeWith(accountId));
  },

  letIntoHousehold: async (call: Call) => {
    const read = await readWrite(call, putHouseholdMemberRequest);
    if (!read.ok) return read.response;
    if (read.at.memberId === poolAccount(call)) return refuseCall(call, { code: "transfer_to_self", field: "id" });
    const belongs = await callLook(call, read.at, "household.of", null);
    if (!belongs.ok) return refuseCall(call, belongs.refusal);
    const { household } = belongs.value;
    // Told at once where it can be; one that joins two at the same moment stays in the first that reaches it.
    if (household !== null && household.id !== householdOf(call)) return refuseCall(call, { code: "household_taken" });
    return letMember(call, read.at, read.value.role);
  },

  leaveHousehold: async (call: Call) => {
    const read = await readWrite(call, emptyRequest);
    return read.ok ? letMember(call, read.at, null) : read.response;
  },
} satisfies Record<string, Handler>;

async function letMember(call: Call, at: WriteContext, role: HouseholdRole | null): Promise<Response> {
  const accountId = poolAccount(call);
  const ask = { householdId: householdOf(call), memberId: at.memberId, role };
  return replyResponse(
    call,
    await callAct(call, { ...at, memberId: accountId }, "household.let", ask),
    shapeWith(accountId),
  );
}

const householdOf = ({ parameters }: Call) => parameters["householdId"] ?? "";

const poolAccount = (call: Call) => memberIdFrom(call.session.tenantKey, `household:${householdOf(call)}`);

const shapeWith = (accountId: string) => (answer: HouseholdAnswer) => ({ ...answer, accountId });
