// A member's state as text and back, so that waking up folds only the events since the last snapshot.
import type { Lot } from "@regulars/contracts/events";
import type { HoldRecord } from "@regulars/contracts/events-orders";
import type { DayActivity, VoucherRecord } from "@regulars/contracts/events-effects";
import type { Counter } from "./state-effects.ts";
import { bySpending, emptyState, openLotOf, type MemberState, type OpenLot } from "./state.ts";

type Listed = "currencies" | "lots" | "holds" | "counters" | "activity" | "vouchers" | "facts";
type Scalars = Omit<MemberState, Listed>;

interface SnapshotDocument {
  readonly scalars: Scalars;
  readonly debts: readonly (readonly [currency: string, debt: number])[];
  readonly lots: readonly (readonly [lot: Lot, available: number, pending: number, held: number])[];
  readonly holds: readonly HoldRecord[];
  /** Absent in snapshots that were written before there were effects. */
  readonly counters?: readonly (readonly [name: string, counter: Counter])[];
  readonly activity?: readonly (readonly [day: string, figures: DayActivity])[];
  readonly vouchers?: readonly VoucherRecord[];
  readonly facts?: readonly (readonly [name: string, value: unknown])[];
}

/** The whole state as JSON. Equal states give equal text. */
export function writeSnapshot(state: MemberState): string {
  const { currencies, lots, holds, counters, activity, vouchers, facts, ...scalars } = state;
  const open = [...lots.values()].sort((one, other) => one.ordinal - other.ordinal);
  const document: SnapshotDocument = {
    scalars,
    // Currencies and holds stay in the order in which they came, which answers and lapses follow.
    debts: [...currencies].map(([currency, { debt }]) => [currency, debt] as const),
    lots: open.map(({ lot, available, pending, held }) => [lot, available, pending, held] as const),
    holds: [...holds.values()],
    counters: [...counters],
    activity: [...activity],
    vouchers: [...vouchers.values()],
    facts: [...facts],
  };
  return JSON.stringify(document);
}

/** The state that `writeSnapshot` wrote. */
export function readSnapshot(text: string): MemberState {
  // Written by writeSnapshot into the same object's storage, by this or an earlier version of it.
  const document = JSON.parse(text) as SnapshotDocument;
  const state: MemberState = { ...emptyState(), ...document.scalars };
  for (const [currency, debt] of document.debts) {
    state.currencies.set(currency, { available: 0 - debt, pending: 0, held: 0, debt, spendable: [], maturing: [] });
  }
  for (const [lot, available, pending, held] of document.lots)
    addLot(state, { ...openLotOf(lot), available, pending, held });
  for (const currency of state.currencies.values()) {
    currency.spendable.sort(bySpending);
    currency.maturing.sort((one, other) => one.lot.availableAt - other.lot.availableAt || one.ordinal - other.ordinal);
  }
  for (const hold of document.holds) state.holds.set(hold.id, hold);
  for (const [name, counter] of document.counters ?? []) state.counters.set(name, counter);
  for (const [day, figures] of document.activity ?? []) state.activity.set(day, figures);
  for (const voucher of document.vouchers ?? []) state.vouchers.set(voucher.id, voucher);
  for (const [name, value] of document.facts ?? []) state.facts.set(name, value);
  return state;
}

function addLot(state: MemberState, open: OpenLot): void {
  state.lots.set(open.lot.id, open);
  const currency = state.currencies.get(open.lot.currency);
  if (currency === undefined) throw new Error(`snapshot has no figures of ${open.lot.currency}`);
  currency.available += open.available;
  currency.pending += open.pending;
  currency.held += open.held;
  if (open.available > 0) currency.spendable.push(open);
  if (open.pending > 0) currency.maturing.push(open);
}
