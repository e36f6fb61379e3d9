// A draft of the next event: posts balanced transactions over a copy of what they touch, and leaves the state as it was.
import type { BalanceAfter, Lot, Movements, StoredBalance, Transaction } from "@regulars/contracts/events";
import type { HoldRecord } from "@regulars/contracts/events-orders";
import type { Account, Entry, TransactionKind } from "@regulars/contracts/points";
import type { LotPart } from "@regulars/contracts/events-transfers";
import type { Effects } from "@regulars/contracts/events-effects";
import { DraftEffects } from "./draft-effects.ts";
import { withEnd } from "./lot-ends.ts";
import { bySpending, moveEntries, openLotOf, type CurrencyFigures, type MemberState, type OpenLot } from "./state.ts";

const NO_FIGURES: CurrencyFigures = { available: 0, pending: 0, held: 0, debt: 0 };

export class Draft {
  readonly transactions: Transaction[] = [];
  readonly lots: Lot[] = [];
  /** Everything that this draft does besides points. */
  readonly effects: DraftEffects;
  readonly sequence: number;
  readonly now: number;
  readonly enrolledAt: number;
  readonly #state: MemberState;
  readonly #figures = new Map<string, CurrencyFigures>();
  readonly #touched = new Map<string, OpenLot>();
  #opened = 0;

  constructor(state: MemberState, now: number) {
    this.#state = state;
    this.effects = new DraftEffects(state);
    this.now = now;
    this.enrolledAt = state.enrolledAt;
    this.sequence = state.sequence + 1;
  }

  /** The figures of a currency as this draft leaves them. */
  figures(currency: string): Readonly<CurrencyFigures> {
    return this.#figures.get(currency) ?? this.#state.currencies.get(currency) ?? NO_FIGURES;
  }

  /** A lot as this draft leaves it, if it is open. */
  lot(id: string): Readonly<OpenLot> | undefined {
    return this.#touched.get(id) ?? this.#state.lots.get(id);
  }

  /** Lots that points can be spent from now, in spending order. */
  *spendable(currency: string): Generator<Readonly<OpenLot>> {
    const listed = this.#state.currencies.get(currency)?.spendable ?? [];
    const gained = this.#gainedOf(currency);
    let place = 0;
    for (const base of listed) {
      for (let open = gained[place]; open !== undefined && bySpending(open, base) < 0; open = gained[place]) {
        yield open;
        place += 1;
      }
      const open = this.#touched.get(base.lot.id) ?? base;
      if (open.lot === base.lot && open.available > 0 && !this.#ended(open.lot)) yield open;
    }
    yield* gained.slice(place);
  }

  /** The parts of lots that `points` would be taken from, in spending order; fewer when there are not enough. */
  allocate(currency: string, points: number): LotPart[] {
    const parts: LotPart[] = [];
    let left = points;
    for (const { lot, available } of this.spendable(currency)) {
      if (left === 0) break;
      const part = Math.min(available, left);
      parts.push({ lot, points: part });
      left -= part;
    }
    return parts;
  }

  /** Opens a lot that is new, with an id of this event. */
  newLot(facts: Omit<Lot, "id">): Lot {
    const lot = { id: `lot_${this.sequence}_${this.#opened}`, ...facts };
    this.#opened += 1;
    this.lots.push(lot);
    return lot;
  }

  /** Opens a lot again when nothing was left of it. */
  reopen(lot: Lot): void {
    if (this.lot(lot.id) === undefined && !this.lots.some((open) => open.id === lot.id)) this.lots.push(lot);
  }

  /** Puts off the end of a lot, or opens it again with another end. */
  putOff(lot: Lot): void {
    const open = this.lot(lot.id);
    this.lots.push(lot);
    if (open !== undefined) this.#touched.set(lot.id, { ...open, lot });
  }

  /** When a lot ends, by what the member has done so far; null: never. */
  endOf(lot: Lot): number | null {
    return this.#asOfNow(lot).expiresAt;
  }

  /** What is left of lots whose end follows activity and that this draft finds ended, though time had not ended them before it. */
  *ended(): Generator<LotPart> {
    const listed = [...this.#state.currencies.values()].flatMap(({ spendable }) => spendable);
    const moving = [...listed, ...this.#touched.values()].filter(({ lot }) => lot.inactivityDays !== undefined);
    for (const lot of new Map(moving.map((open) => [open.lot.id, open.lot])).values()) {
      const points = this.#ended(lot) ? (this.lot(lot.id)?.available ?? 0) : 0;
      if (points > 0) yield { lot, points };
    }
  }

  /** Posts one transaction; its entries must sum to zero per currency. */
  post(kind: TransactionKind, entries: readonly Entry[], rule?: string): void {
    assertBalanced(kind, entries);
    moveEntries({ currency: (id) => this.#currency(id), openLot: (id) => this.#openLot(id) }, entries);
    const after = [...new Set(entries.map((entry) => entry.currency))].map((id) => this.#after(id));
    this.transactions.push(rule === undefined ? { kind, entries, after } : { kind, entries, after, rule });
  }

  /** Moves parts of lots from one account to another, as one transaction. */
  move(kind: TransactionKind, parts: readonly LotPart[], from: Account, to: Account, rule?: string): void {
    const entries = parts
      .filter((part) => part.points > 0)
      .flatMap(({ lot, points }) => [side(from, lot, -points), side(to, lot, points)]);
    if (entries.length > 0) this.post(kind, [...entries, ...this.#debtPaidBy(parts, to)], rule);
  }

  /** What the event stores of the balances: every currency of the state, of the draft, and of `listed`. */
  balances(listed: Iterable<string>): StoredBalance[] {
    const ids = new Set([...listed, ...this.#state.currencies.keys(), ...this.#figures.keys()]);
    return [...ids].map((id) => ({ ...this.#after(id), expiringNext: this.#expiringNext(id) }));
  }

  /** The movements and effects of an event. */
  body(listed: Iterable<string>): Movements & Effects {
    const { transactions, lots } = this;
    return { transactions, lots, balances: this.balances(listed), ...this.effects.body() };
  }

  /** The hold as this event places it. */
  newHold(
    facts: Pick<HoldRecord, "currency" | "points" | "lapsesAt" | "orderId">,
    parts: readonly LotPart[],
    place = 0,
  ) {
    const id = `hld_${this.sequence}_${place}`;
    const held = parts.map(({ lot, points }) => ({ lot: lot.id, points }));
    return { id, ...facts, capturedPoints: 0, state: "held", parts: held } satisfies HoldRecord;
  }

  // Debt is paid by the first points that come in, so debt and spendable points never stand side by side.
  #debtPaidBy(parts: readonly LotPart[], to: Account): Entry[] {
    if (to !== "available") return [];
    const entries: Entry[] = [];
    const paid = new Map<string, number>();
    for (const { lot, points } of parts) {
      const debt = this.figures(lot.currency).debt - (paid.get(lot.currency) ?? 0);
      const part = this.#ended(lot) ? 0 : Math.min(debt, points);
      if (part <= 0) continue;
      paid.set(lot.currency, (paid.get(lot.currency) ?? 0) + part);
      entries.push(side("available", lot, -part), { account: "available", currency: lot.currency, points: part });
    }
    return entries;
  }

  #expiringNext(currency: string): StoredBalance["expiringNext"] {
    let at: number | null = null;
    let points = 0;
    for (const { lot, available } of this.spendable(currency)) {
      const end = this.endOf(lot);
      if (end === null || (at !== null && end > at)) {
        // Ends that this very draft moves are not in order yet.
        if (this.#endsMove(currency)) continue;
        break;
      }
      points = end === at ? points + available : available;
      at = end;
    }
    return at === null ? null : { points, at };
  }

  #after(currency: string): BalanceAfter {
    const { available, pending, held } = this.figures(currency);
    return { currency, available, pending, held };
  }

  #asOfNow(lot: Lot): Lot {
    return lot.inactivityDays === undefined ? lot : withEnd(lot, this.effects.lastActiveDay());
  }

  #endsMove(currency: string): boolean {
    const listed = this.#state.currencies.get(currency)?.spendable ?? [];
    return this.effects.movesActivity && listed.some(({ lot }) => lot.inactivityDays !== undefined);
  }

  #ended(lot: Lot): boolean {
    const end = this.endOf(lot);
    return end !== null && end <= this.now;
  }

  // Lots that had nothing to spend before this draft and have now: opened, opened again, matured or released.
  #gainedOf(currency: string): OpenLot[] {
    return [...this.#touched.values()]
      .filter(({ lot, available }) => lot.currency === currency && available > 0 && !this.#ended(lot))
      .filter(({ lot }) => {
        const before = this.#state.lots.get(lot.id);
        return before === undefined || before.available === 0 || before.lot !== lot;
      })
      .sort(bySpending);
  }

  #currency(id: string): CurrencyFigures {
    let figures = this.#figures.get(id);
    if (figures === undefined) {
      const { available, pending, held, debt } = this.figures(id);
      this.#figures.set(id, (figures = { available, pending, held, debt }));
    }
    return figures;
  }

  #openLot(id: string): OpenLot {
    let open = this.#touched.get(id);
    if (open === undefined) {
      const known = this.#state.lots.get(id);
      const opened = known === undefined ? this.lots.find((lot) => lot.id === id) : undefined;
      if (known === undefined && opened === undefined) throw new Error(`lot ${id} is not open`);
      const fresh = opened && openLotOf(this.#asOfNow(opened));
      open = fresh ?? { ...(known as OpenLot) };
      this.#touched.set(id, open);
    }
    return open;
  }
}

/** An entry of a lot. Accounts outside the member's own carry no lot's balance but name it for the statement. */
export function side(account: Account, lot: Lot, points: number): Entry {
  return { account, currency: lot.currency, points, lot: lot.id };
}

function assertBalanced(kind: TransactionKind, entries: readonly Entry[]): void {
  const sums = new Map<string, number>();
  for (const { currency, points } of entries) sums.set(currency, (sums.get(currency) ?? 0) + points);
  for (const [currency, sum] of sums) {
    if (sum !== 0) throw new Error(`${kind}: entries of ${currency} sum to ${sum}, not zero`);
  }
}
