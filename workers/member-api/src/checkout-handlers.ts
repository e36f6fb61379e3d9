// Handlers of checkout: quote, order, refund. Each is one call to the member's own object.
import type { StoredLine } from "@regulars/contracts/events-orders";
import { CLOCK_TOLERANCE_SECONDS } from "@regulars/contracts/limits";
import { orderQuery } from "@regulars/contracts/operations-checkout";
import {
  putOrder,
  quoteRequest,
  refundRequest,
  type OrderLine,
  type PutOrder,
  type QuoteRequest,
} from "@regulars/contracts/orders";
import type { Refusal } from "@regulars/contracts/refusals";
import type {
  BasketCommand,
  CallContext,
  HashedIdentity,
  LedgerOrder,
  OrderCommand,
  ReasonedEarn,
  Reply,
} from "@regulars/contracts/rpc";
import { claimHash, isMemberIdOf, memberIdFrom } from "@regulars/domain/naming";
import { readJson, readQuery } from "@regulars/edge/body";
import { requestHash } from "@regulars/edge/idempotency";
import { earnWhy } from "@regulars/edge/message";
import { problemResponse } from "@regulars/edge/problem";
import { isRefusal, refuseCall, replyResponse, type Call, type Handler } from "./call.ts";
import { explanationInWords } from "./explanation-words.ts";
import { callContext, callLedger, pointLedger, relayLater, writeContext } from "./ledger.ts";
import { byIdentity } from "./member-handlers.ts";
import { findOrderMember, identityOf, keepOrderMember } from "./resolve.ts";
import { refuseStore } from "./session.ts";

/** Two first orders of one person may race to enrol; the loser finds the winner's member on its next look. */
const ENROL_ATTEMPTS_MAX = 5;
const ENROL_WAIT_MS = 40;

export const checkoutHandlers = {
  quoteCheckout: async (call: Call) => {
    const body = await readJson(call.request, quoteRequest);
    if (!body.ok) return problemResponse(body.refusals, call.context);
    const placedAt = body.value.placedAt === undefined ? call.session.now : Date.parse(body.value.placedAt);
    const basket = basketOf(call, body.value, placedAt);
    if (isRefusal(basket)) return refuseCall(call, basket);
    const reply = await byMember(call, body.value.member, placedAt, (at) =>
      callLedger(call.env, call.ctx, at, (ledger) => ledger.quote(withOrigin(call, at, basket), basket)),
    );
    if (isRefusal(reply)) return refuseCall(call, reply);
    return replyResponse(call, reply, ({ earn, explanation, ...quote }) => ({
      ...quote,
      earn: worded(call, earn, basket.currency),
      explanation: explanation && explanationInWords(call, explanation, basket.currency),
    }));
  },

  putOrder: async (call: Call) => {
    const body = await readJson(call.request, putOrder);
    if (!body.ok) return problemResponse(body.refusals, call.context);
    const { state, member, enrol = false } = body.value;
    const placedAt = Date.parse(body.value.placedAt);
    const basket = basketOf(call, body.value, placedAt);
    if (isRefusal(basket)) return refuseCall(call, basket);
    const orderId = call.parameters["orderId"] ?? "";
    const order: OrderCommand = { ...basket, orderId, state };
    const hash = requestHash("putOrder", order);
    const put = (at: CallContext) => {
      const write = writeContext(withOrigin(call, at, order), `o/${encodeURIComponent(orderId)}/${state}`, hash);
      return callLedger(call.env, call.ctx, at, (ledger) => ledger.putOrder(write, order));
    };
    let reply = await byMember(call, member, placedAt, put);
    if (enrol && isRefusal(reply) && reply.code === "member_not_found") {
      reply = await enrolAndPut(call, body.value, placedAt, put);
    }
    if (isRefusal(reply)) return refuseCall(call, reply);
    if (reply.ok) keepOrderMember(call.session, orderId, reply.value.order.memberId);
    return orderResponse(call, reply);
  },

  refundOrder: async (call: Call) => {
    const body = await readJson(call.request, refundRequest);
    if (!body.ok) return problemResponse(body.refusals, call.context);
    const { refundId, lines = null } = body.value;
    const at = await orderContext(call, body.value.memberId);
    if (isRefusal(at)) return refuseCall(call, at);
    const orderId = call.parameters["orderId"] ?? "";
    const refund = { orderId, refundId, lines };
    const key = `o/${encodeURIComponent(orderId)}/r/${encodeURIComponent(refundId)}`;
    const write = writeContext(at, key, requestHash("refundOrder", refund));
    return replyResponse(call, await callLedger(call.env, call.ctx, at, (ledger) => ledger.refundOrder(write, refund)));
  },

  getOrder: async (call: Call) => {
    const query = readQuery(call.request.url, orderQuery);
    if (!query.ok) return problemResponse(query.refusals, call.context);
    const at = await orderContext(call, query.value.memberId);
    if (isRefusal(at)) return refuseCall(call, at);
    return orderResponse(call, await readOrder(call, at));
  },
} satisfies Record<string, Handler>;

/** Calls the member that a basket names; an unknown one is a refusal. */
async function byMember<Value>(
  call: Call,
  reference: QuoteRequest["member"],
  placedAt: number,
  run: (context: CallContext) => Promise<Reply<Value>>,
): Promise<Reply<Value> | Refusal> {
  const { session } = call;
  if (reference.id !== undefined) {
    if (!isMemberIdOf(session.tenantKey, reference.id)) return { code: "member_not_found", field: "member.id" };
    return run(callContext(session, reference.id, { placedAt }));
  }
  const identity = identityOf(session, reference, "member");
  if (identity === null) return { code: "missing_field", field: "member" };
  if (isRefusal(identity)) return identity;
  const reply = await byIdentity<Reply<Value>>(call, identity, run, placedAt);
  return reply ?? { code: "member_not_found", field: "member" };
}

/** Enrols the identity that nobody has, then puts the order. The order's id makes the member's, so a retry resumes. */
async function enrolAndPut(
  call: Call,
  { member, storeId }: PutOrder,
  placedAt: number,
  put: (context: CallContext) => Promise<Reply<LedgerOrder>>,
): Promise<Reply<LedgerOrder> | Refusal> {
  const { env, ctx, session } = call;
  const identity = identityOf(session, member, "member");
  if (identity === null || isRefusal(identity)) return identity ?? { code: "member_not_found", field: "member.id" };
  const orderId = call.parameters["orderId"] ?? "";
  const at = callContext(session, memberIdFrom(session.tenantKey, `order:${orderId}:${identity.hash}`));
  for (let attempt = 1; attempt <= ENROL_ATTEMPTS_MAX; attempt += 1) {
    const enrolled = await pointLedger(env).enrol(
      writeContext(at, "k/enrolled-at-checkout", requestHash("enrolAtCheckout", [identity.hash, storeId])),
      enrolment(identity, storeId),
      session.tenant.stores[storeId]?.locationHint ?? undefined,
    );
    relayLater(env, ctx, enrolled.events);
    const reply = await byIdentity<Reply<LedgerOrder>>(call, identity, put, placedAt);
    if (reply !== null) return reply;
    await scheduler.wait(ENROL_WAIT_MS * attempt);
  }
  return { code: "unavailable" };
}

function enrolment(identity: HashedIdentity, storeId: string) {
  return { identities: [identity], profile: {}, homeStoreId: storeId, source: "checkout", consent: {} };
}

/** Wrong codes are counted by the key that brought them and the address it called from, which is kept as a hash only. */
function withOrigin({ session, request }: Call, at: CallContext, { codes }: BasketCommand): CallContext {
  if (codes === undefined) return at;
  const from = `${session.key.keyId} ${request.headers.get("CF-Connecting-IP") ?? ""}`;
  return { ...at, origin: claimHash(session.tenantKey, "origin", from) };
}

/** The basket as the ledger takes it, or what is wrong with its store, currency or time. */
function basketOf(call: Call, basket: QuoteRequest | PutOrder, placedAt: number): BasketCommand | Refusal {
  const { session } = call;
  const { storeId, currency, channel = null, redeem = null } = basket;
  const refused = refuseStore(session, storeId, "storeId");
  if (refused !== null) return refused;
  const store = session.tenant.stores[storeId];
  if (store === undefined) return { code: "store_unknown", field: "storeId" };
  if (currency !== session.tenant.currency) {
    return { code: "money_currency_mismatch", field: "currency", facts: { expected: session.tenant.currency } };
  }
  if (placedAt > session.now + CLOCK_TOLERANCE_SECONDS * 1000)
    return { code: "placed_at_in_future", field: "placedAt" };
  const { regionId, ownerId } = store;
  const at = { storeId, regionId, ownerId, currency, channel, placedAt };
  return { ...at, redeem: redeem?.map(wishOf) ?? null, lines: basket.lines.map(lineOf), ...wishesOf(basket) };
}

// What was not said is left out, so that the same basket has the same hash whether it could have been said or not.
function wishesOf(basket: QuoteRequest | PutOrder) {
  const { vouchers, codes, partnerCode } = basket;
  const { bestVouchers, explain, allowanceId } = {
    bestVouchers: false,
    explain: false,
    allowanceId: undefined,
    ...basket,
  };
  return {
    ...(vouchers !== undefined && { vouchers }),
    ...(codes !== undefined && codes.length > 0 && { codes }),
    ...(partnerCode !== undefined && { partnerCode }),
    ...(bestVouchers && { bestVouchers }),
    ...(explain && { explain }),
    ...(allowanceId !== undefined && { allowanceId }),
  };
}

const wishOf = ({ currency, points, wallet }: NonNullable<QuoteRequest["redeem"]>[number]) =>
  wallet === undefined ? { currency, points } : { currency, points, wallet };

function lineOf(line: OrderLine): StoredLine {
  const { lineId, sku, category = null, quantity, unitPrice, discount = 0, kind, tax } = line;
  const said = { ...(kind !== undefined && { kind }), ...(tax !== undefined && { tax }) };
  return { lineId, sku, category, quantity, unitPrice, discount, ...said };
}

/** The member whose order the path names; a key that is bound to stores must be allowed the order's store. */
export async function orderContext(call: Call, memberId: string | undefined): Promise<CallContext | Refusal> {
  const { session } = call;
  const found = await findOrderMember(call.env, session, call.parameters["orderId"] ?? "", memberId);
  if (found === null) return { code: "order_not_found", field: memberId === undefined ? "orderId" : "memberId" };
  const at = callContext(session, found);
  if (session.key.storeIds === null) return at;
  const reply = await readOrder(call, at);
  if (!reply.ok) return reply.refusal;
  return refuseStore(session, reply.value.order.storeId, "orderId") ?? at;
}

/** The order that the path names, as its member's object knows it. */
export function readOrder(call: Call, at: CallContext): Promise<Reply<LedgerOrder>> {
  return callLedger(call.env, call.ctx, at, (ledger) => ledger.getOrder(at, call.parameters["orderId"] ?? ""));
}

function orderResponse(call: Call, reply: Reply<LedgerOrder>): Response {
  return replyResponse(call, reply, (answer) => ({
    ...answer,
    earned: worded(call, answer.earned, answer.order.currency),
  }));
}

function worded({ context }: Call, earned: readonly ReasonedEarn[], currency: string) {
  return earned.map(({ why, ...one }) => ({ ...one, why: earnWhy(why, currency, context.language, one.points) }));
}
