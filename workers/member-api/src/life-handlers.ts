// Handlers of tiers, entitlements, ends of points, deliveries and labels.
import {
  deliveryRequest,
  extensionRequest,
  labelsRequest,
  reinstatementRequest,
  setTierRequest,
} from "@regulars/contracts/life";
import { emptyRequest } from "@regulars/contracts/points";
import { readJson } from "@regulars/edge/body";
import { readIdempotencyKey, requestHash } from "@regulars/edge/idempotency";
import { problemResponse } from "@regulars/edge/problem";
import { callAct, callLook } from "./acts.ts";
import { isRefusal, refuseCall, replyResponse, type Call, type Handler } from "./call.ts";
import { orderContext } from "./checkout-handlers.ts";
import { writeContext } from "./ledger.ts";
import { memberContext } from "./member-handlers.ts";
import { readWrite } from "./read-write.ts";

export const lifeHandlers = {
  getTier: async (call: Call) => {
    const at = memberContext(call);
    if (isRefusal(at)) return refuseCall(call, at);
    return replyResponse(call, await callLook(call, at, "tier.progress", null));
  },

  setTier: async (call: Call) => {
    const read = await readWrite(call, setTierRequest);
    if (!read.ok) return read.response;
    if (isBoundToStores(call)) return refuseCall(call, { code: "store_not_allowed" });
    const { tier, until, reason } = read.value;
    const ask = { tier, until: until === undefined ? null : Date.parse(until), reason };
    return replyResponse(call, await callAct(call, read.at, "tier.set", ask));
  },

  useEntitlement: async (call: Call) => {
    const read = await readWrite(call, emptyRequest);
    if (!read.ok) return read.response;
    const ask = { entitlement: call.parameters["entitlementId"] ?? "" };
    return replyResponse(call, await callAct(call, read.at, "entitlement.use", ask));
  },

  extendPoints: async (call: Call) => {
    const read = await readWrite(call, extensionRequest);
    if (!read.ok) return read.response;
    if (isBoundToStores(call)) return refuseCall(call, { code: "store_not_allowed" });
    const ask = { ...read.value, endsBefore: Date.parse(read.value.endsBefore) };
    return replyResponse(call, await callAct(call, read.at, "points.extend", ask));
  },

  reinstatePoints: async (call: Call) => {
    const read = await readWrite(call, reinstatementRequest);
    if (!read.ok) return read.response;
    if (isBoundToStores(call)) return refuseCall(call, { code: "store_not_allowed" });
    const ask = { ...read.value, endedAfter: Date.parse(read.value.endedAfter) };
    return replyResponse(call, await callAct(call, read.at, "points.reinstate", ask));
  },

  reportDelivery: async (call: Call) => {
    const keyed = readIdempotencyKey(call.request.headers);
    if (!keyed.ok) return refuseCall(call, keyed.refusal);
    const body = await readJson(call.request, deliveryRequest);
    if (!body.ok) return problemResponse(body.refusals, call.context);
    const at = await orderContext(call, body.value.memberId);
    if (isRefusal(at)) return refuseCall(call, at);
    const orderId = call.parameters["orderId"] ?? "";
    const write = writeContext(at, `k/${keyed.key}`, requestHash(call.operation.id, [orderId]));
    return replyResponse(call, await callAct(call, write, "order.delivered", { orderId }));
  },

  setLabels: async (call: Call) => {
    const read = await readWrite(call, labelsRequest);
    if (!read.ok) return read.response;
    const { tags, segments } = read.value;
    const ask = { ...(tags !== undefined && { tags }), ...(segments !== undefined && { segments }) };
    return replyResponse(call, await callAct(call, read.at, "facts.set", ask));
  },
} satisfies Record<string, Handler>;

// What concerns every store of a tenant is not for the key of one of them.
const isBoundToStores = ({ session }: Call) => session.key.storeIds !== null;
