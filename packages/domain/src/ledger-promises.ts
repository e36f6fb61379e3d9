// Watches a ledger in the model tests: after every event, the promises of the ledger must hold.
import { expect } from "vitest";
import type { MemberEvent } from "@regulars/contracts/events";
import type { Entry } from "@regulars/contracts/points";
import type { NaiveLedger } from "./ledger-model.ts";
import { readSnapshot, writeSnapshot } from "./snapshot.ts";
import { applyEvent, emptyState, type MemberState } from "./state.ts";

type Tally = Record<string, number>;

export class PromiseKeeper {
  /** The fold of every event so far, each as it comes back from storage. */
  folded: MemberState = emptyState();
  #at = 0;
  readonly #lots = new Map<string, Tally>();
  readonly #opened = new Map<string, number>();
  readonly #closedHolds = new Set<string>();

  /** Takes in the next event. */
  observe(event: MemberEvent): void {
    expect(event.sequence, "sequences have no gaps").toBe(this.folded.sequence + 1);
    expect(event.at, "time does not run backwards").toBeGreaterThanOrEqual(this.#at);
    this.#at = event.at;
    const { body } = event;
    if ("transactions" in body) {
      for (const { kind, entries } of body.transactions) this.#tally(kind, entries);
      for (const lot of body.lots) if (!this.#opened.has(lot.id)) this.#opened.set(lot.id, lot.points);
    }
    this.#closeHolds(event);
    applyEvent(this.folded, JSON.parse(JSON.stringify(event)) as MemberEvent);
    if ("balances" in body) this.#compareBalances(event);
  }

  /** Every promise that can be read from a state, and what it is once time has done its work, against the naive model. */
  compare(state: MemberState, model: NaiveLedger, settled = state): void {
    const text = writeSnapshot(state);
    if (writeSnapshot(this.folded) !== text) expect(writeSnapshot(this.folded)).toBe(text);
    if (writeSnapshot(readSnapshot(text)) !== text) expect(writeSnapshot(readSnapshot(text))).toBe(text);
    compareFigures(state);
    this.#compareLots(state);
    const [real, naive] = [lotsOf(settled), lotsOfModel(model)];
    if (real !== naive) expect(real).toBe(naive);
    const [debts, naiveDebts] = [debtsOf(settled), debtsOfModel(model)];
    if (debts !== naiveDebts) expect(debts).toBe(naiveDebts);
    const held = model.holds.filter((hold) => hold.state === "held").length;
    if (settled.holds.size !== held) expect(settled.holds.size, "open holds").toBe(held);
  }

  #tally(kind: string, entries: readonly Entry[]): void {
    const sums: Tally = {};
    for (const { account, currency, points, lot } of entries) {
      sums[currency] = (sums[currency] ?? 0) + points;
      if (lot === undefined) continue;
      const tally = this.#lots.get(lot) ?? {};
      this.#lots.set(lot, tally);
      tally[account] = (tally[account] ?? 0) + points;
    }
    for (const sum of Object.values(sums)) if (sum !== 0) expect(sum, `entries of ${kind}`).toBe(0);
  }

  // What was given, less what paid debt, is where the tally says: available, pending, held, spent, expired or taken back.
  #compareLots(state: MemberState): void {
    for (const [id, given] of this.#opened) {
      const {
        available = 0,
        pending = 0,
        held = 0,
        issued = 0,
        adjusted = 0,
        redeemed = 0,
        expired = 0,
      } = this.#lots.get(id) ?? {};
      const open = state.lots.get(id) ?? { available: 0, pending: 0, held: 0 };
      const same = available === open.available && pending === open.pending && held === open.held;
      const taken = given + issued + adjusted;
      const left = given - available - pending - held - taken - redeemed - expired;
      const sane = [available, pending, held, taken, redeemed, expired, left].every((figure) => figure >= 0);
      if (!same || !sane) expect({ id, ...open, taken, redeemed, expired, left }).toBe("every point in one place");
    }
  }

  #closeHolds({ body }: MemberEvent): void {
    const closed =
      "closedHolds" in body ? body.closedHolds : "hold" in body && body.hold.state !== "held" ? [body.hold] : [];
    if (closed.length === 0 || !("transactions" in body)) return;
    let released = 0;
    let captured = 0;
    for (const { kind, entries } of body.transactions) {
      for (const { account, points } of entries) {
        if (account === "held" && points < 0 && kind === "release") released -= points;
        if (account === "held" && points < 0 && kind === "redeem") captured -= points;
      }
    }
    for (const { id } of closed) {
      expect(this.#closedHolds.has(id), `hold ${id} resolves once`).toBe(false);
      this.#closedHolds.add(id);
    }
    expect(captured + released, "captured and released").toBe(closed.reduce((sum, { points }) => sum + points, 0));
    expect(captured, "captured").toBe(closed.reduce((sum, { capturedPoints }) => sum + capturedPoints, 0));
  }

  // What the answer showed is what the state then has, and `expiringNext` is the next of its lots to end.
  #compareBalances({ body }: MemberEvent): void {
    for (const { currency, available, pending, held, expiringNext } of "balances" in body ? body.balances : []) {
      const known = this.folded.currencies.get(currency) ?? {
        available: 0,
        pending: 0,
        held: 0,
        debt: 0,
        spendable: [],
      };
      expect({ available, pending, held }).toEqual({
        available: known.available,
        pending: known.pending,
        held: known.held,
      });
      const at = known.spendable[0]?.lot.expiresAt ?? null;
      const ending = known.spendable
        .filter(({ lot }) => lot.expiresAt === at)
        .reduce((sum, open) => sum + open.available, 0);
      if (body.kind !== "points.available" && body.kind !== "hold.lapsed" && body.kind !== "points.expired") {
        expect(expiringNext).toEqual(at === null ? null : { at, points: ending });
      }
    }
  }
}

function compareFigures(state: MemberState): void {
  for (const [id, { available, pending, held, debt, spendable, maturing }] of state.currencies) {
    const own = [...state.lots.values()].filter(({ lot }) => lot.currency === id);
    const sum = (figure: "available" | "pending" | "held") => own.reduce((all, open) => all + open[figure], 0);
    const conserved = available === sum("available") - debt && pending === sum("pending") && held === sum("held");
    const positive = debt >= 0 && own.every((open) => Math.min(open.available, open.pending, open.held) >= 0);
    const aside = debt === 0 || sum("available") === 0;
    const listed =
      spendable.length + maturing.length ===
      own.filter((o) => o.available > 0).length + own.filter((o) => o.pending > 0).length;
    const current = spendable.every(({ lot }) => lot.expiresAt === null || lot.expiresAt > state.at);
    const whole = [available, pending, held, debt].every(Number.isSafeInteger);
    const kept = { conserved, positive, aside, listed, current, whole };
    if (!Object.values(kept).every(Boolean)) expect({ id, available, pending, held, debt, ...kept }).toBe("all kept");
  }
}

const ageOf = (id: string) => id.split("_").slice(1).map(Number) as [number, number];

/** Every lot that is not empty, oldest first, as one text. */
export function lotsOf(state: MemberState): string {
  return [...state.lots.values()]
    .sort(
      (one, other) => ageOf(one.lot.id)[0] - ageOf(other.lot.id)[0] || ageOf(one.lot.id)[1] - ageOf(other.lot.id)[1],
    )
    .map(({ lot, available, pending, held }) =>
      [lot.currency, lot.availableAt, lot.expiresAt, available, pending, held].join(" "),
    )
    .join("\n");
}

/** The debts of a state as one text. */
export function debtsOf(state: MemberState): string {
  return textOfDebts([...state.currencies].map(([currency, { debt }]) => [currency, debt]));
}

function lotsOfModel({ lots }: NaiveLedger): string {
  return lots
    .filter(({ available, pending, held }) => available + pending + held > 0)
    .map(({ currency, availableAt, expiresAt, available, pending, held }) =>
      [currency, availableAt, expiresAt === Infinity ? null : expiresAt, available, pending, held].join(" "),
    )
    .join("\n");
}

const debtsOfModel = ({ debts }: NaiveLedger) => textOfDebts([...debts]);

const textOfDebts = (debts: readonly (readonly [string, number])[]) =>
  debts
    .filter(([, debt]) => debt !== 0)
    .map(([currency, debt]) => `${currency} ${debt}`)
    .sort()
    .join("\n");
