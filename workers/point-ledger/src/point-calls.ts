// Adjustments, holds, balances and statement of one member.
import type { HoldRecord } from "@regulars/contracts/events-orders";
import type { AdjustAnswer, Balances, HoldAnswer, Statement, StatementLine } from "@regulars/contracts/points";
import type { RefusalCode } from "@regulars/contracts/refusals";
import type { CallContext, StatementPage, WriteContext } from "@regulars/contracts/rpc";
import { decideAdjustment, type AdjustmentWish } from "@regulars/domain/adjustments";
import { adjustAnswer, holdAnswer, statementLines } from "@regulars/domain/answers";
import { decideCapture, decideHold, decideVoid } from "@regulars/domain/holds";
import type { CompiledProgram } from "@regulars/domain/program";
import { refuse, type Decision, type Refused } from "@regulars/domain/refuse";
import { balancesAt, publicBalance } from "@regulars/domain/view";
import type { Book } from "./book.ts";
import { read, write, type Outcome } from "./commands.ts";

// Most events have one to three transactions, so a page of 100 lines reads few pages of rows.
const STATEMENT_ROWS = 100;

export function adjust(
  book: Book,
  program: CompiledProgram,
  context: WriteContext,
  wish: AdjustmentWish,
): Outcome<AdjustAnswer> {
  const { timeZone } = context;
  const decide = (now: number) => decideAdjustment(book.state, program, wish, { now, timeZone });
  return write(book, { context, decide, answer: adjustAnswer });
}

export function placeHold(
  book: Book,
  program: CompiledProgram,
  context: WriteContext,
  wish: { currency: string; points: number; ttlSeconds: number },
): Outcome<HoldAnswer> {
  const decide = (now: number) => decideHold(book.state, program, wish, now);
  return write(book, { context, decide, answer: holdAnswer, subject: holdIdOf });
}

export function captureHold(
  book: Book,
  program: CompiledProgram,
  context: WriteContext,
  { holdId, points }: { holdId: string; points: number | null },
): Outcome<HoldAnswer> {
  const decide = (now: number) =>
    withOpenHold(book, holdId, (hold) => decideCapture(book.state, program, hold, points, now));
  return write(book, { context, decide, answer: holdAnswer, subject: holdIdOf });
}

export function voidHold(
  book: Book,
  program: CompiledProgram,
  context: WriteContext,
  holdId: string,
): Outcome<HoldAnswer> {
  const decide = (now: number) => withOpenHold(book, holdId, (hold) => decideVoid(book.state, program, hold, now));
  return write(book, { context, decide, answer: holdAnswer, subject: holdIdOf });
}

export function balances(book: Book, program: CompiledProgram | null, context: CallContext): Outcome<Balances> {
  return read<Balances>(book, context, (now) => ({
    balances: balancesAt(book.state, now, program?.currencies.keys() ?? []).map(publicBalance),
    sequence: book.state.sequence,
  }));
}

/** Newest first; a page may end within an event, so the cursor names an event and a place in it. */
export function statement(book: Book, context: CallContext, { limit, before }: StatementPage): Outcome<Statement> {
  return read<Statement>(book, context, () => {
    const lines: StatementLine[] = [];
    let from = before?.sequence ?? Infinity;
    while (lines.length <= limit && from >= 1) {
      const events = book.store.eventsDownFrom(Math.min(from, book.state.sequence), STATEMENT_ROWS);
      for (const event of events) {
        const known = statementLines(event).filter((line) => before === null || isBefore(line, before));
        lines.push(...known);
        from = event.sequence - 1;
        if (lines.length > limit) break;
      }
      if (events.length === 0) break;
    }
    const transactions = lines.slice(0, limit);
    const nextCursor = lines.length > limit ? (transactions.at(-1)?.id.slice("txn_".length) ?? null) : null;
    return { transactions, nextCursor, sequence: book.state.sequence };
  });
}

function isBefore({ id, sequence }: StatementLine, before: { sequence: number; place: number }): boolean {
  return sequence < before.sequence || (sequence === before.sequence && placeOf(id) < before.place);
}

const placeOf = (transactionId: string) => Number(transactionId.split("_")[2]);

const RESOLVED: Record<Exclude<HoldRecord["state"], "held">, RefusalCode> = {
  captured: "hold_already_captured",
  voided: "hold_already_voided",
  lapsed: "hold_lapsed",
};

function withOpenHold(book: Book, holdId: string, decide: (hold: HoldRecord) => Decision): Decision | Refused {
  const open = book.state.holds.get(holdId);
  if (open !== undefined && open.allowance === undefined) {
    return open.orderId === null ? decide(open) : refuse("hold_belongs_to_order", "holdId");
  }
  const event = book.store.newestBySubject(holdId);
  if (event === null || !("hold" in event.body)) return refuse("hold_not_found", "holdId");
  if (event.body.hold.allowance !== undefined) return refuse("hold_is_allowance", "holdId");
  const { state } = event.body.hold;
  if (state === "held") throw new Error(`hold ${holdId} is neither open nor resolved`);
  return refuse(RESOLVED[state], "holdId");
}

const holdIdOf = (body: object) => ("hold" in body ? (body as { hold: HoldRecord }).hold.id : null);
