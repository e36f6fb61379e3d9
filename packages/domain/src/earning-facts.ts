// A basket, or an event beside orders, as conditions see it.
import type { MemberFacts, StoredLine } from "@regulars/contracts/events-orders";
import { totalsOf } from "./basket.ts";
import { localDay, localTime } from "./calendar.ts";
import type { ConditionFacts } from "./conditions.ts";
import type { EarningBasket } from "./earning.ts";
import type { EventBasket } from "./earning-events.ts";

const NO_ORDER = { gross: 0, net: 0, quantity: 0, lines: 0, currency: "", vouchers: 0, points: 0, paid: 0 };

/** The facts of a basket. Lines are made only when they are asked for. */
export function orderFacts(basket: Omit<EarningBasket, "rooms" | "among">): ConditionFacts {
  const { lines, paidByPoints, currency } = basket;
  const { gross, net, quantity } = totalsOf(lines);
  const vouchers = lines.reduce((sum, { vouchered = 0 }) => sum + vouchered, 0);
  const paid = Math.max(0, net - vouchers - paidByPoints);
  return {
    order: { gross, net, quantity, lines: lines.length, currency, vouchers, points: paidByPoints, paid },
    get lines() {
      return lines.map(lineFacts);
    },
    store: { id: basket.storeId, region: basket.regionId, owner: basket.ownerId },
    region: basket.regionId,
    channel: basket.channel ?? "",
    member: memberOf(basket.member),
    event: { type: "order", data: {} },
    now: nowOf(basket.placedAt, basket.timeZone),
  };
}

/** The facts of an event beside orders: an order of nothing. */
export function eventFacts(event: Omit<EventBasket, "rooms">): ConditionFacts {
  return {
    order: NO_ORDER,
    lines: [],
    store: { id: event.storeId ?? "", region: event.regionId ?? "", owner: event.ownerId ?? "" },
    region: event.regionId ?? "",
    channel: event.channel ?? "",
    member: memberOf(event.member),
    event: { type: event.type, data: event.data },
    now: nowOf(event.at, event.timeZone),
  };
}

function lineFacts(line: StoredLine): ConditionFacts["lines"][number] {
  const { sku, category, kind = "goods", quantity, unitPrice, discount, vouchered = 0, tax = 0 } = line;
  const net = quantity * unitPrice - discount;
  return { sku, category: category ?? "", kind, quantity, unitPrice, discount, vouchered, tax, net };
}

function memberOf(member: MemberFacts): ConditionFacts["member"] {
  return {
    homeStoreId: member.homeStoreId ?? "",
    source: member.source ?? "",
    firstOrder: member.firstOrder,
    ordersBefore: member.ordersBefore,
    birthdayMonth: member.birthdayMonth,
    birthday: member.birthday ?? false,
    enrolledDays: member.enrolledDays,
    tier: member.tier ?? "",
    tags: member.tags ?? [],
    segments: member.segments ?? [],
    visits: member.visits ?? 0,
    spend: member.spend ?? 0,
    stage: member.stage ?? "",
    band: member.band ?? "",
    churnRisk: member.churnRisk ?? false,
  };
}

function nowOf(at: number, timeZone: string): ConditionFacts["now"] {
  const { year, month, day, hour, minute, weekday } = localTime(at, timeZone);
  return { year, month, day, hour, minute, weekday, date: localDay(at, timeZone) };
}
