// Quotes, orders and refunds of one member: reads what the decision needs, decides, writes.
import type { OrderRecord } from "@regulars/contracts/events-orders";
import type { OrderState, RefundAnswer } from "@regulars/contracts/orders";
import type {
  BasketCommand,
  CallContext,
  LedgerOrder,
  LedgerQuote,
  OrderCommand,
  RefundCommand,
  WriteContext,
} from "@regulars/contracts/rpc";
import { orderAnswer, refundAnswer } from "@regulars/domain/answers";
import { memberFacts } from "@regulars/domain/facts";
import { NOTHING_PREPARED, type OrderMoment, type Prepared } from "@regulars/domain/moment";
import { decideOrder, decideUndo } from "@regulars/domain/orders";
import type { CompiledProgram } from "@regulars/domain/program";
import { decideQuote } from "@regulars/domain/quotes";
import { decideRefund } from "@regulars/domain/refunds";
import { refuse } from "@regulars/domain/refuse";
import { balancesAt, publicBalance } from "@regulars/domain/view";
import type { Book } from "./book.ts";
import { swept } from "./sweep.ts";
import { guard, read, refused, write, type Outcome } from "./commands.ts";

// Keys of orders are their own: "o/{order}/{state}" and "o/{order}/r/{refund}"; callers' keys start with "k/".
const orderPrefix = (orderId: string) => `o/${encodeURIComponent(orderId)}/`;

/** The key under which an order's state, or its refund, is written. */
export const orderKey = (orderId: string, state: OrderState | "undone") => `${orderPrefix(orderId)}${state}`;
export const refundKey = (orderId: string, refundId: string) =>
  `${orderPrefix(orderId)}r/${encodeURIComponent(refundId)}`;

/** The order as the member's object knows it. */
export function knownOrder(book: Book, orderId: string): OrderRecord | null {
  const event = book.exists ? book.store.newestByKeyPrefix(orderPrefix(orderId)) : null;
  return event !== null && "order" in event.body ? event.body.order : null;
}

/** The order was decided by another version while this call waited with one of its own. */
export class VersionOvertaken extends Error {}

export function quote(
  book: Book,
  program: CompiledProgram,
  context: CallContext,
  basket: BasketCommand,
  prepared: Prepared = NOTHING_PREPARED,
): Outcome<LedgerQuote> {
  return read<LedgerQuote>(book, context, (now) => {
    const { timeZone } = context;
    const { facts } = momentOf(book, program, context, basket.placedAt, now);
    const decided = decideQuote(book.state, program, basket, { now, timeZone, facts, prepared });
    if (!decided.ok) return decided.refusal;
    const { earn, redeemable, redeem, ...figures } = decided.quote;
    const balances = balancesAt(book.state, now, program.currencies.keys()).map(publicBalance);
    const lists = { earn: [...earn], redeemable: [...redeemable], redeem: [...redeem] };
    return { memberId: context.memberId, ...lists, ...figures, balances, programVersion: program.version };
  });
}

export function putOrder(
  book: Book,
  program: CompiledProgram,
  context: WriteContext,
  wanted: OrderCommand,
  prepared: Prepared = NOTHING_PREPARED,
): Outcome<LedgerOrder> {
  // Not remembered: a key of the order's own store may send the very same.
  if (isElsewhere(book, context, wanted.orderId)) return refused({ code: "store_not_allowed", field: "orderId" });
  const outcome = write(book, {
    context,
    prepared,
    refusalsByBody: true,
    evenMerged: wanted.state === "cancelled",
    decide: (now) => {
      const known = knownUnder(book, wanted.orderId, program);
      const moment = { ...momentOf(book, program, context, wanted.placedAt, now), prepared };
      return decideOrder(book.state, program, known, wanted, moment);
    },
    answer: (event) => orderAnswer(event),
  });
  return swept(book, context, outcome);
}

// Saying another store than before would take an order out of the store that has it.
function isElsewhere(book: Book, { storeIds }: CallContext, orderId: string): boolean {
  if (storeIds === undefined) return false;
  const known = knownOrder(book, orderId);
  return known !== null && !storeIds.includes(known.storeId);
}

export function getOrder(book: Book, context: CallContext, orderId: string): Outcome<LedgerOrder> {
  const look = (now: number) => {
    const event = book.store.newestByKeyPrefix(orderPrefix(orderId));
    if (event === null) return { code: "order_not_found" as const, field: "orderId" };
    return orderAnswer(event, balancesAt(book.state, now, []));
  };
  return read<LedgerOrder>(book, context, look, { evenMerged: true });
}

export function refundOrder(
  book: Book,
  program: CompiledProgram,
  context: WriteContext,
  wanted: RefundCommand,
): Outcome<RefundAnswer> {
  const outcome = write(book, {
    context,
    evenMerged: true,
    decide: (now) => {
      const known = knownUnder(book, wanted.orderId, program);
      if (known === null) return refuse("order_not_found", "orderId");
      return decideRefund(book.state, program, known, wanted, momentOf(book, program, context, known.placedAt, now));
    },
    answer: refundAnswer,
  });
  return swept(book, context, outcome);
}

/** Undoes an order whose id another member claimed first; a second call finds it undone and does nothing. */
export function undoOrder(book: Book, program: CompiledProgram, context: CallContext, orderId: string): Outcome<null> {
  const known = knownUnder(book, orderId, program);
  if (guard(book, context) !== null || known === null) return refused({ code: "order_not_found", field: "orderId" });
  if (known.undone !== null) return { ok: true, value: null, events: [] };
  const events = book.settle(context);
  const moment = momentOf(book, program, context, known.placedAt, book.timeOf(context));
  const decision = decideUndo(book.state, program, known, moment);
  if (!decision.ok) return { ok: false, refusal: decision.refusal, events };
  const request = { key: orderKey(orderId, "undone"), requestHash: null, subject: null };
  events.push(book.append(decision.body, context, request));
  return swept(book, context, { ok: true, value: null, events });
}

function knownUnder(book: Book, orderId: string, program: CompiledProgram): OrderRecord | null {
  const known = knownOrder(book, orderId);
  if (known !== null && known.programVersion !== program.version) throw new VersionOvertaken(orderId);
  return known;
}

/** What a decision about an order placed then knows of the member. */
export function momentOf(
  book: Book,
  program: CompiledProgram,
  context: CallContext,
  placedAt: number,
  now: number,
): OrderMoment {
  const { timeZone } = context;
  const facts = memberFacts(book.state, book.person?.profile.birthday, placedAt, timeZone, program);
  return { now, timeZone, facts, expiredOf: (lotId) => book.store.expiredOf(lotId) };
}
