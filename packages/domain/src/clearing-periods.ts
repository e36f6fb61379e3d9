// Periods of clearing: months of the tenant's time zone, and what owners settle for each: whole minor units, the rest carried.
import { endOfLocalDay, localTime } from "./calendar.ts";

/** What two owners owe for a period; amounts are positive when `ownerA` owes `ownerB`. */
export interface PairChange {
  readonly ownerA: string;
  readonly ownerB: string;
  readonly money: string;
  /** Thousandths of a minor unit. */
  readonly changeMilli: number;
  readonly lines: number;
}

export interface PairNet extends PairChange {
  /** Carried from the period before: less than a minor unit. */
  readonly openingMilli: number;
  /** Minor units to pay: opening and change, with what is less than a unit left out. */
  readonly settled: number;
  /** What is left out, carried to the next period. */
  readonly closingMilli: number;
}

/** One owner's side of what is settled with all others; positive when the owner receives. */
export interface OwnerBook {
  readonly ownerId: string;
  readonly money: string;
  readonly openingMilli: number;
  readonly changeMilli: number;
  readonly settled: number;
  readonly closingMilli: number;
}

/** The period of an instant: "2026-11". */
export function periodOf(instant: number, timeZone: string): string {
  const { year, month } = localTime(instant, timeZone);
  return periodName(year, month);
}

/** The first instant of a period and the first one after it, Unix ms. */
export function boundsOf(period: string, timeZone: string): { from: number; until: number } {
  const endOf = (name: string) => endOfLocalDay(Number(name.slice(0, 4)), `${name.slice(5)}-31`, timeZone);
  return { from: endOf(shifted(period, -1)), until: endOf(period) };
}

/** Periods from one to another, both included; empty when `last` comes before `first`. */
export function periodsBetween(first: string, last: string): string[] {
  const periods: string[] = [];
  for (let period = first; period <= last; period = shifted(period, 1)) periods.push(period);
  return periods;
}

/** The period after one, and the one before it. */
export const nextPeriod = (period: string) => shifted(period, 1);
export const previousPeriod = (period: string) => shifted(period, -1);

/** What each pair settles for one period, given what the period before left over. A pair that only carries is kept. */
export function netsOf(carried: readonly PairNet[], changes: readonly PairChange[]): PairNet[] {
  const nets = new Map<string, PairNet>();
  const keyOf = ({ ownerA, ownerB, money }: PairChange) => JSON.stringify([ownerA, ownerB, money]);
  for (const net of carried) {
    if (net.closingMilli === 0) continue;
    nets.set(keyOf(net), settledOf({ ...net, openingMilli: net.closingMilli, changeMilli: 0, lines: 0 }));
  }
  for (const change of changes) {
    const openingMilli = nets.get(keyOf(change))?.openingMilli ?? 0;
    nets.set(keyOf(change), settledOf({ ...change, openingMilli }));
  }
  return [...nets.values()];
}

/** Every owner's book; those of one kind of money sum to zero. */
export function booksOf(nets: readonly PairNet[]): OwnerBook[] {
  const books = new Map<string, OwnerBook>();
  const add = (ownerId: string, sign: 1 | -1, net: PairNet) => {
    const { money } = net;
    const key = JSON.stringify([money, ownerId]);
    const book = books.get(key) ?? { ownerId, money, openingMilli: 0, changeMilli: 0, settled: 0, closingMilli: 0 };
    books.set(key, {
      ...book,
      openingMilli: book.openingMilli + sign * net.openingMilli,
      changeMilli: book.changeMilli + sign * net.changeMilli,
      settled: book.settled + sign * net.settled,
      closingMilli: book.closingMilli + sign * net.closingMilli,
    });
  };
  for (const net of nets) {
    add(net.ownerA, -1, net);
    add(net.ownerB, 1, net);
  }
  return [...books].sort(([one], [other]) => (one < other ? -1 : 1)).map(([, book]) => book);
}

// Towards zero for both sides alike, so that what one pays the other receives.
function settledOf(change: PairChange & { readonly openingMilli: number }): PairNet {
  const { ownerA, ownerB, money, changeMilli, lines, openingMilli } = change;
  const due = openingMilli + changeMilli;
  const settled = Math.trunc(due / 1000) + 0;
  return { ownerA, ownerB, money, changeMilli, lines, openingMilli, settled, closingMilli: due - settled * 1000 };
}

function shifted(period: string, months: number): string {
  const place = Number(period.slice(0, 4)) * 12 + Number(period.slice(5)) - 1 + months;
  return periodName(Math.floor(place / 12), (place % 12) + 1);
}

const periodName = (year: number, month: number) =>
  `${String(year).padStart(4, "0")}-${String(month).padStart(2, "0")}`;
