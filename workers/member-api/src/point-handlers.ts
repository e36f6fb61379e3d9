// Handlers of balances, statement, adjustments and holds.
import { adjustRequest, captureRequest, emptyRequest, holdRequest, pageQuery } from "@regulars/contracts/points";
import type { Refusal } from "@regulars/contracts/refusals";
import { readQuery } from "@regulars/edge/body";
import { problemResponse } from "@regulars/edge/problem";
import { isRefusal, refuseCall, replyResponse, type Call, type Handler } from "./call.ts";
import { callLedger } from "./ledger.ts";
import { memberContext } from "./member-handlers.ts";
import { readWrite } from "./read-write.ts";
import { refuseStore } from "./session.ts";

export const pointHandlers = {
  getBalances: async (call: Call) => {
    const at = memberContext(call);
    if (isRefusal(at)) return refuseCall(call, at);
    return replyResponse(call, await callLedger(call.env, call.ctx, at, (ledger) => ledger.balances(at)));
  },

  getStatement: async (call: Call) => {
    const at = memberContext(call);
    if (isRefusal(at)) return refuseCall(call, at);
    const query = readQuery(call.request.url, pageQuery);
    if (!query.ok) return problemResponse(query.refusals, call.context);
    const before = query.value.cursor === undefined ? null : placeOf(query.value.cursor);
    if (before === undefined) return refuseCall(call, { code: "invalid_cursor", field: "cursor" });
    const page = { limit: query.value.limit, before };
    return replyResponse(call, await callLedger(call.env, call.ctx, at, (ledger) => ledger.statement(at, page)));
  },

  adjustPoints: async (call: Call) => {
    const read = await readWrite(call, adjustRequest);
    if (!read.ok) return read.response;
    const { storeId = null, ...rest } = read.value;
    const refused = refuseAdjusting(call, storeId);
    if (refused !== null) return refuseCall(call, refused);
    const wish = { ...rest, storeId };
    return replyResponse(call, await callLedger(call.env, call.ctx, read.at, (ledger) => ledger.adjust(read.at, wish)));
  },

  placeHold: async (call: Call) => {
    const read = await readWrite(call, holdRequest);
    if (!read.ok) return read.response;
    const { at, value } = read;
    return replyResponse(call, await callLedger(call.env, call.ctx, at, (ledger) => ledger.placeHold(at, value)));
  },

  captureHold: async (call: Call) => {
    const read = await readWrite(call, captureRequest);
    if (!read.ok) return read.response;
    const { at, value } = read;
    const points = value.points ?? null;
    return replyResponse(
      call,
      await callLedger(call.env, call.ctx, at, (ledger) => ledger.captureHold(at, holdIdOf(call), points)),
    );
  },

  voidHold: async (call: Call) => {
    const read = await readWrite(call, emptyRequest);
    if (!read.ok) return read.response;
    const { at } = read;
    return replyResponse(
      call,
      await callLedger(call.env, call.ctx, at, (ledger) => ledger.voidHold(at, holdIdOf(call))),
    );
  },
} satisfies Record<string, Handler>;

// A key that is bound to stores must say for which of them it adjusts.
function refuseAdjusting({ session }: Call, storeId: string | null): Refusal | null {
  if (storeId !== null) return refuseStore(session, storeId, "storeId");
  return session.key.storeIds === null ? null : { code: "store_not_allowed", field: "storeId" };
}

function placeOf(cursor: string): { sequence: number; place: number } | undefined {
  const [, sequence, place] = /^(\d{1,15})_(\d{1,6})$/.exec(cursor) ?? [];
  return sequence === undefined ? undefined : { sequence: Number(sequence), place: Number(place) };
}

const holdIdOf = ({ parameters }: Call) => parameters["holdId"] ?? "";
