// Conditions about what a member did and got: orders that count, events beside them, messages.
import type { OrderFilter, SegmentLeaf, SegmentWindow } from "@regulars/contracts/segments";
import { floorShare } from "./basket.ts";
import { localDay } from "./calendar.ts";
import type { LeafOutcome, SegmentFacts, SegmentLine, SegmentMoment } from "./segment-facts.ts";
import {
  daysBetween,
  isWithin,
  risingChange,
  type SegmentRange,
  soonest,
  splitByWindow,
  windowDays,
} from "./segment-ranges.ts";

type Of<Kind extends SegmentLeaf["kind"]> = Extract<SegmentLeaf, { readonly kind: Kind }>;

/** An order as a filter leaves it: what it brought and how many units, of its matching lines if products are named. */
interface CountedOrder {
  readonly day: string;
  readonly spend: number;
  readonly units: number;
}

/**
 * Money that a line brought and kept: units not given back at their price, less `floor(discount × kept / quantity)`, the share that
 * refunds use. Vouchers and points spent on the whole order are not taken from its lines.
 */
export function keptSpend({ unitPrice, quantity, returned, discount }: SegmentLine): number {
  const kept = quantity - returned;
  return unitPrice * kept - floorShare(discount, kept, quantity);
}

/**
 * An order counts when not all its money was given back; on days after today it does not count yet. Its money is `payable` less
 * `refunded`. With SKUs or categories only its lines count that are among both and have units left; without such a line it does
 * not count at all.
 */
export function decideOrders(leaf: Of<"orders">, facts: SegmentFacts, moment: SegmentMoment): LeafOutcome {
  const window = windowDays(leaf.window, moment.today);
  const { counted, changesInDays } = splitByWindow(ordersOf(facts, leaf.where, moment), window, moment.today);
  const found = measure(leaf.measure, counted);
  return { holds: isWithin(found, leaf), found, changesInDays };
}

function measure(what: Of<"orders">["measure"], orders: readonly CountedOrder[]): number | null {
  const spend = orders.reduce((sum, order) => sum + order.spend, 0);
  switch (what) {
    case "orders":
      return orders.length;
    case "days":
      return new Set(orders.map(({ day }) => day)).size;
    case "spend":
      return spend;
    case "average":
      return orders.length === 0 ? null : spend / orders.length;
    case "quantity":
      return orders.reduce((sum, order) => sum + order.units, 0);
  }
}

/** Days since the first or last such order, today's included; without one it never holds. */
export function decideOrderAge(leaf: Of<"orderAge">, facts: SegmentFacts, moment: SegmentMoment): LeafOutcome {
  return decideAge(ordersOf(facts, leaf.where, moment), leaf, moment.today);
}

/** How many events of a type, today's included; those of later days do not count yet. */
export function decideEvents(leaf: Of<"events">, facts: SegmentFacts, moment: SegmentMoment): LeafOutcome {
  const events = eventsOf(leaf.type, facts, moment).filter(({ storeId }) => isAmong(storeId, leaf.storeIds));
  return decideCount(events, leaf, moment.today);
}

/** Days since the first or last event of a type; without one it never holds. */
export function decideEventAge(leaf: Of<"eventAge">, facts: SegmentFacts, moment: SegmentMoment): LeafOutcome {
  return decideAge(eventsOf(leaf.type, facts, moment), leaf, moment.today);
}

/** How many messages were sent, opened or clicked; the window is about the day of just that. */
export function decideMessages(leaf: Of<"messages">, facts: SegmentFacts, moment: SegmentMoment): LeafOutcome {
  const rows = facts.messages
    .filter(({ channel, campaignId }) => isAmong(channel, leaf.channels) && isAmong(campaignId, leaf.campaignIds))
    .flatMap(({ sentAt, openedAt, clickedAt }) => {
      const at = { sent: sentAt, opened: openedAt, clicked: clickedAt }[leaf.measure];
      return at === null ? [] : [{ day: localDay(at, moment.timeZone) }];
    });
  return decideCount(rows, leaf, moment.today);
}

function ordersOf(facts: SegmentFacts, where: OrderFilter | undefined, { timeZone }: SegmentMoment): CountedOrder[] {
  const { storeIds, regionIds, channels, skus, categories } = where ?? {};
  const hasProducts = skus !== undefined || categories !== undefined;
  const orders: CountedOrder[] = [];
  for (const { placedAt, storeId, regionId, channel, payable, refunded, lines } of facts.orders) {
    if (refunded >= payable && payable !== 0) continue;
    if (!isAmong(storeId, storeIds) || !isAmong(regionId, regionIds) || !isAmong(channel, channels)) continue;
    const matching = lines.filter((line) => isAmong(line.sku, skus) && isAmong(line.category, categories));
    const units = matching.reduce((sum, line) => sum + line.quantity - line.returned, 0);
    if (hasProducts && units === 0) continue;
    const spend = hasProducts ? matching.reduce((sum, line) => sum + keptSpend(line), 0) : payable - refunded;
    orders.push({ day: localDay(placedAt, timeZone), spend, units });
  }
  return orders;
}

function eventsOf(type: string, facts: SegmentFacts, { timeZone }: SegmentMoment) {
  return facts.events
    .filter((event) => event.type === type)
    .map(({ at, storeId }) => ({ day: localDay(at, timeZone), storeId }));
}

function decideCount(
  rows: readonly { readonly day: string }[],
  leaf: SegmentRange & { readonly window?: SegmentWindow | undefined },
  today: string,
): LeafOutcome {
  const { counted, changesInDays } = splitByWindow(rows, windowDays(leaf.window, today), today);
  return { holds: isWithin(counted.length, leaf), found: counted.length, changesInDays };
}

function decideAge(
  rows: readonly { readonly day: string }[],
  leaf: SegmentRange & { readonly which: "first" | "last" },
  today: string,
): LeafOutcome {
  const { counted, changesInDays: nextInDays } = splitByWindow(rows, windowDays(undefined, today), today);
  const days = counted.map(({ day }) => day).sort();
  const day = days.at(leaf.which === "first" ? 0 : -1);
  if (day === undefined) return { holds: false, found: null, changesInDays: nextInDays };
  const age = daysBetween(day, today);
  return { holds: isWithin(age, leaf), found: age, changesInDays: soonest([risingChange(age, leaf), nextInDays]) };
}

/** A missing value is among no list; without a list everything counts. */
function isAmong(value: string | null, list: readonly string[] | undefined): boolean {
  return list === undefined || (value !== null && list.includes(value));
}
