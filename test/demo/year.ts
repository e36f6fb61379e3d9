// Generates a year of shopping as a table of lines that the demo's mapping reads, the same for the same seed.
import type { Table } from "../replay/csv.ts";
import { BUSIEST, dayOf, GIFTS, HOURS, type Item, ITEMS, SHOPS, YEAR } from "./catalogue.ts";
import { makeRandom, type Random } from "./random.ts";
import { makeShoppers, type Shopper } from "./shoppers.ts";

const COLUMNS = "order_id,ordered_at,store,channel,member_no,name,phone,sku,category,quantity,unit_price,paid".split(
  ",",
);
const DAYS = 365;
const DAY_MS = 86_400_000;
/** Baskets of people who show no card, against those of members. */
const ANONYMOUS_SHARE = 0.05;
const COUPON_SHARE = 0.12;
/** Most visits are to the shop near home. */
const HOME_SHARE = 0.85;
const FAVOURITE_SHARE = 0.55;

/** A year of lines, in order of time. */
export function generateYear({ seed, members }: { seed: number; members: number }): Table {
  const random = makeRandom(seed);
  const visits = makeShoppers(members, random).flatMap((shopper) => visitsOf(shopper, random));
  visits.sort((one, other) => one.at - other.at);
  const rows = visits.flatMap((visit, place) => linesOf(visit, `GD${String(place + 1).padStart(7, "0")}`, random));
  return { name: `a year of ${members} members, seed ${seed}`, columns: COLUMNS, rows };
}

interface Visit {
  readonly shopper: Shopper;
  /** Local time, written as if it were UTC. */
  readonly at: number;
  readonly gifts: number;
}

function visitsOf(shopper: Shopper, random: Random): Visit[] {
  const visits: Visit[] = [];
  let day = shopper.fromDay;
  while (day < Math.min(DAYS, shopper.untilDay)) {
    const date = new Date(Date.UTC(YEAR, 0, 1) + Math.floor(day) * DAY_MS);
    const { visits: busy, gifts } = dayOf(date);
    // A visit that falls on a quiet day is often made a day later.
    if (random.unit() * BUSIEST > busy) {
      day += 1;
      continue;
    }
    visits.push({ shopper, at: date.getTime() + secondOfDay(shopper, random) * 1000, gifts });
    day += 1 + Math.max(0, (shopper.cycleDays - 1) * 0.5 + random.wait((shopper.cycleDays - 1) * 0.5));
  }
  return visits;
}

function secondOfDay(shopper: Shopper, random: Random): number {
  const hour = random.unit() < 0.6 ? shopper.hour : random.weighted(HOURS, ([, weight]) => weight)[0];
  return hour * 3600 + random.between(0, 3599);
}

function linesOf({ shopper, at, gifts }: Visit, orderId: string, random: Random): string[][] {
  const channel = random.unit() < shopper.webShare ? "web" : "pos";
  const isAtHome = channel === "web" || random.unit() < HOME_SHARE;
  const store = isAtHome ? shopper.home.id : random.weighted(SHOPS, ({ weight }) => weight).id;
  const isAnonymous = channel === "pos" && random.unit() < ANONYMOUS_SHARE;
  const person = isAnonymous ? ["", "", ""] : [shopper.memberNo, shopper.name, shopper.phone];
  const percentOff = random.unit() < COUPON_SHARE ? random.pick([5, 10, 20]) : 0;
  const orderedAt = new Date(at).toISOString().slice(0, 19).replace("T", " ");
  const weightOf = (item: Item) => item.weight * (item.category === GIFTS ? gifts : 1);
  const count = 1 + Math.min(11, Math.floor(random.wait(channel === "web" ? 3 : 1.6)));
  return Array.from({ length: count }, () => {
    const isUsual = random.unit() < FAVOURITE_SHARE;
    const { sku, category, price } = isUsual ? random.pick(shopper.favourites) : random.weighted(ITEMS, weightOf);
    const quantity = random.weighted([1, 2, 3, 6], (pieces) => 1 / pieces ** 2);
    const paid = Math.round((price * quantity * (100 - percentOff)) / 100);
    return [orderId, orderedAt, store, channel, ...person, sku, category, `${quantity}`, `${price}`, `${paid}`];
  });
}
