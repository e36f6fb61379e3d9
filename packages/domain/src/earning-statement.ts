// Writes what orders earn as a bank statement is written, for tests: one row a movement, with what it was for and the balance.
import type { EarnReason } from "@regulars/contracts/events-orders";
import type { ProgramInput } from "@regulars/contracts/program";
import type { OrderCommand } from "@regulars/contracts/rpc";
import { makeLine, makeOrder, MemoryLedger } from "./memory-ledger.ts";

type Line = Partial<ReturnType<typeof makeLine>>;

/** An order of a statement: `at` in Taipei ("2026-03-01 12:00"), lines by their price in minor units or more of them. */
export interface StatementOrder extends Partial<Omit<OrderCommand, "lines" | "placedAt">> {
  readonly lines: readonly (number | Line)[];
}

/** Unix ms of a time in Taipei, which has UTC+8 all year. */
export const inTaipei = (at: string) => Date.parse(`${at.replace(" ", "T")}:00+08:00`);

export class EarningStatement {
  readonly ledger: MemoryLedger;
  readonly rows: string[] = [];
  readonly #currency: string;

  constructor(program: ProgramInput, since = "2026-01-01 00:00") {
    this.ledger = new MemoryLedger([program], inTaipei(since));
    this.#currency = program.currencies[0]?.id ?? "";
  }

  /** Pays an order: a row for each rule that gives, or one that says that none does. */
  pay(at: string, orderId: string, { lines, ...more }: StatementOrder): this {
    const numbered = lines.map((line, place) => lineOf(line, `${place + 1}`));
    const placedAt = inTaipei(at);
    const order = makeOrder(placedAt, { orderId, ...more, lines: numbered });
    const outcome = this.ledger.call({ do: "order", version: 1, order }, placedAt);
    if ("refused" in outcome) return this.#row(at, orderId, `refused: ${outcome.refused}`);
    const { earned = [] } = this.ledger.orders.get(orderId) ?? {};
    for (const { rule, points, why } of earned) this.#row(at, orderId, `${rule} +${points} = ${wordsOf(why)}`);
    return earned.length === 0 ? this.#row(at, orderId, "nothing") : this;
  }

  /** Takes units of lines back, or all that is left. */
  refund(at: string, orderId: string, units: Readonly<Record<string, number>> | null = null): this {
    const lines = units && Object.entries(units).map(([lineId, quantity]) => ({ lineId, quantity }));
    const refund = { orderId, refundId: `${this.rows.length}`, lines };
    const outcome = this.ledger.call({ do: "refund", version: 1, refund }, inTaipei(at));
    if ("refused" in outcome) return this.#row(at, orderId, `refused: ${outcome.refused}`);
    const { body } = outcome.event;
    const reversed = body.kind === "order.refunded" ? body.refund.reversed : [];
    for (const { rule, points } of reversed) this.#row(at, orderId, `${rule} -${points}`);
    return reversed.length === 0 ? this.#row(at, orderId, "refunded, nothing taken back") : this;
  }

  /** When the points of an order end, as text in Taipei's time. */
  ends(orderId: string): (string | null)[] {
    const lots = this.ledger.orders.get(orderId)?.earned.map(({ lot }) => lot) ?? [];
    return lots.map((id) => {
      const at = this.ledger.state.lots.get(id)?.lot.expiresAt ?? null;
      return at === null ? null : new Date(at + TAIPEI_MS).toISOString().slice(0, 16).replace("T", " ");
    });
  }

  #row(at: string, orderId: string, text: string): this {
    const { available = 0, pending = 0 } = this.ledger.state.currencies.get(this.#currency) ?? {};
    this.rows.push(`${at.slice(5, 10)} ${orderId}: ${text} | ${available + pending}`);
    return this;
  }
}

const TAIPEI_MS = 8 * 3_600_000;

function lineOf(line: number | Line, lineId: string) {
  return makeLine({ lineId, quantity: 1, ...(typeof line === "number" ? { unitPrice: line } : line) });
}

function wordsOf({ type, amount, per, times, points, factor = 0, cutBy, uncut }: EarnReason): string {
  const figures = {
    perAmount: `${times} × ${points} for ${per} of ${amount}`,
    perItem: `${times} × ${points} for ${per} of ${amount} items`,
    fixed: `${points} once`,
    perField: `${points} for ${amount} fields`,
    multiplier: `${amount} at ${factor / 100} times`,
  }[type ?? "perAmount"];
  return cutBy === undefined ? figures : `${figures}, cut from ${uncut} by ${cutBy}`;
}
