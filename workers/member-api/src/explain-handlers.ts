// Handler of explanations: why an order earned what it did, asked of the member's object under the version that decided it.
import { explanationQuery } from "@regulars/contracts/operations-explain";
import { readQuery } from "@regulars/edge/body";
import { problemResponse } from "@regulars/edge/problem";
import { callLook } from "./acts.ts";
import { isRefusal, refuseCall, replyResponse, type Call, type Handler } from "./call.ts";
import { orderContext, readOrder } from "./checkout-handlers.ts";
import { explanationInWords } from "./explanation-words.ts";

export const explainHandlers = {
  explainOrder: async (call: Call) => {
    const query = readQuery(call.request.url, explanationQuery);
    if (!query.ok) return problemResponse(query.refusals, call.context);
    const at = await orderContext(call, query.value.memberId);
    if (isRefusal(at)) return refuseCall(call, at);
    const known = await readOrder(call, at);
    if (!known.ok) return replyResponse(call, known);
    const { order, programVersion } = known.value;
    const reply = await callLook(call, { ...at, programVersion }, "order.explain", { orderId: order.id });
    return replyResponse(call, reply, (explanation) => explanationInWords(call, explanation, order.currency));
  },
} satisfies Record<string, Handler>;
