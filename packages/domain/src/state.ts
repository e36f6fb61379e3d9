// The state of one member's ledger, and the only way it changes: by applying an event.
import type { Lot, MemberEvent, Transaction } from "@regulars/contracts/events";
import type { HoldRecord } from "@regulars/contracts/events-orders";
import type { Entry } from "@regulars/contracts/points";
import { lastActiveDay, withEnd } from "./lot-ends.ts";
import { applyEffects, type EffectsState } from "./state-effects.ts";

/** A lot with what is left of it; `available + pending + held` is what has not been spent, expired or taken back. */
export interface OpenLot {
  /** Its end is the one that it has now: an extension or the member's activity may have put it off. */
  lot: Lot;
  /** Age among lots that expire together: event sequence, then place within the event. */
  readonly ordinal: number;
  available: number;
  pending: number;
  held: number;
}

/** Figures of one currency. `available` is what the lots offer less `debt`. */
export interface CurrencyFigures {
  available: number;
  pending: number;
  held: number;
  debt: number;
}

export interface CurrencyState extends CurrencyFigures {
  /** Lots with available points, in spending order: by expiry, then age. */
  readonly spendable: OpenLot[];
  /** Lots with pending points, by the time they become available. */
  readonly maturing: OpenLot[];
}

export interface MemberState extends EffectsState {
  status: "unknown" | "enrolled" | "erased";
  epoch: number;
  sequence: number;
  /** Time of the last event (Unix ms): the member's own clock, which never runs backwards. */
  at: number;
  /** True while the last event carried a caller's time: the real clock then moves nothing by itself. */
  testTime: boolean;
  enrolledAt: number;
  homeStoreId: string | null;
  source: string | null;
  paidOrders: number;
  readonly currencies: Map<string, CurrencyState>;
  readonly lots: Map<string, OpenLot>;
  readonly holds: Map<string, HoldRecord>;
}

/** The state of a member that was never enrolled. */
export function emptyState(epoch = 1): MemberState {
  return {
    status: "unknown",
    epoch,
    sequence: 0,
    at: 0,
    testTime: false,
    enrolledAt: 0,
    homeStoreId: null,
    source: null,
    paidOrders: 0,
    currencies: new Map(),
    lots: new Map(),
    holds: new Map(),
    counters: new Map(),
    activity: new Map(),
    vouchers: new Map(),
    tier: null,
    tags: [],
    segments: [],
    facts: new Map(),
  };
}

/** Applies the next event in place. Throws when the event does not follow or breaks a promise of the ledger: a bug. */
export function applyEvent(
  state: MemberState,
  event: Pick<MemberEvent, "sequence" | "at" | "testTime" | "body">,
): void {
  if (event.sequence !== state.sequence + 1) {
    throw new Error(`event ${event.sequence} does not follow ${state.sequence}`);
  }
  state.sequence = event.sequence;
  state.at = event.at;
  state.testTime = event.testTime;
  const { body } = event;
  if ("transactions" in body) {
    applyMovements(state, body.lots, body.transactions);
    applyEffects(state, body, event.at);
    if (body.lots.length > 0 || body.activity !== undefined) renewEnds(state);
  }
  if ("emptied" in body) state.paidOrders -= 1;
  switch (body.kind) {
    case "member.enrolled":
      state.status = "enrolled";
      state.enrolledAt = event.at;
      state.homeStoreId = body.homeStoreId;
      state.source = body.source;
      return;
    case "member.changed":
      state.homeStoreId = body.homeStoreId;
      return;
    case "member.erased":
      state.status = "erased";
      return;
    case "order.paid":
      state.paidOrders += 1;
      applyHolds(state, body.placedHolds, body.closedHolds);
      return;
    case "order.authorized":
    case "order.cancelled":
    case "order.undone":
      applyHolds(state, body.placedHolds, body.closedHolds);
      return;
    case "hold.placed":
      state.holds.set(body.hold.id, body.hold);
      return;
    case "hold.captured":
    case "hold.voided":
    case "hold.lapsed":
      state.holds.delete(body.hold.id);
      return;
    default:
  }
}

/** Moves entries over a book of figures and lots; shared by the state and by a draft of the next event. */
export function moveEntries(
  book: { currency(id: string): CurrencyFigures; openLot(id: string): OpenLot },
  entries: readonly Entry[],
): void {
  for (const { account, currency, points, lot } of entries) {
    if (account !== "available" && account !== "pending" && account !== "held") continue;
    const figures = book.currency(currency);
    figures[account] += points;
    if (lot === undefined) figures.debt -= points;
    else book.openLot(lot)[account] += points;
  }
}

/** A lot as it opens, with nothing in it yet. */
export function openLotOf(lot: Lot): OpenLot {
  const [sequence = 0, place = 0] = lot.id.slice("lot_".length).split("_").map(Number);
  return { lot, ordinal: sequence * LOTS_PER_EVENT_MAX + place, available: 0, pending: 0, held: 0 };
}

// An event opens one lot a rule at most (RULES_MAX is 200) and reopens those that an order spent.
const LOTS_PER_EVENT_MAX = 100_000;

/** Spending order: what expires first, then what is older. */
export function bySpending(one: OpenLot, other: OpenLot): number {
  return (one.lot.expiresAt ?? Infinity) - (other.lot.expiresAt ?? Infinity) || one.ordinal - other.ordinal;
}

function byMaturity(one: OpenLot, other: OpenLot): number {
  return one.lot.availableAt - other.lot.availableAt || one.ordinal - other.ordinal;
}

function applyMovements(state: MemberState, lots: readonly Lot[], transactions: readonly Transaction[]): void {
  const touched = new Set<OpenLot>();
  for (const lot of lots) {
    const open = state.lots.get(lot.id);
    if (open === undefined) state.lots.set(lot.id, openLotOf(lot));
    else touched.add(putOff(state, open, lot));
  }
  const book = {
    currency: (id: string) => currencyOf(state, id),
    openLot: (id: string) => {
      const open = state.lots.get(id);
      if (open === undefined) throw new Error(`lot ${id} is not open`);
      touched.add(open);
      return open;
    },
  };
  for (const { entries } of transactions) moveEntries(book, entries);
  for (const open of touched) fileLot(state, open);
}

// A lot that is open already is told again when its end was put off: it leaves its place and is filed anew.
function putOff(state: MemberState, open: OpenLot, lot: Lot): OpenLot {
  const { spendable, maturing } = currencyOf(state, lot.currency);
  file(spendable, open, false, bySpending);
  file(maturing, open, false, byMaturity);
  open.lot = lot;
  return open;
}

// Points that live as long as their member is active end together, by the last active day as it is now.
function renewEnds(state: MemberState): void {
  let last: string | null | undefined;
  let moved = false;
  for (const open of state.lots.values()) {
    if (open.lot.inactivityDays === undefined) continue;
    if (last === undefined) last = lastActiveDay(state.activity);
    const lot = withEnd(open.lot, last);
    moved ||= lot !== open.lot;
    open.lot = lot;
  }
  if (moved) for (const { spendable } of state.currencies.values()) spendable.sort(bySpending);
}

// Keeps each lot in the lists that its figures put it in, and forgets it when nothing is left.
function fileLot(state: MemberState, open: OpenLot): void {
  if (open.available < 0 || open.pending < 0 || open.held < 0) throw new Error(`lot ${open.lot.id} is negative`);
  const { spendable, maturing } = currencyOf(state, open.lot.currency);
  file(spendable, open, open.available > 0, bySpending);
  file(maturing, open, open.pending > 0, byMaturity);
  if (open.available === 0 && open.pending === 0 && open.held === 0) state.lots.delete(open.lot.id);
}

function file(list: OpenLot[], open: OpenLot, wanted: boolean, order: (one: OpenLot, other: OpenLot) => number): void {
  let low = 0;
  let high = list.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const at = list[middle];
    if (at !== undefined && order(at, open) < 0) low = middle + 1;
    else high = middle;
  }
  const present = list[low] === open;
  if (wanted && !present) list.splice(low, 0, open);
  if (!wanted && present) list.splice(low, 1);
}

function applyHolds(state: MemberState, placed: readonly HoldRecord[], closed: readonly HoldRecord[]): void {
  for (const hold of closed) state.holds.delete(hold.id);
  for (const hold of placed) state.holds.set(hold.id, hold);
}

function currencyOf(state: MemberState, id: string): CurrencyState {
  let currency = state.currencies.get(id);
  if (currency === undefined) {
    currency = { available: 0, pending: 0, held: 0, debt: 0, spendable: [], maturing: [] };
    state.currencies.set(id, currency);
  }
  return currency;
}
