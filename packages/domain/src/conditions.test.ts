// Conditions of rules: what they may say, what they see, and that a failing one is only false.
import { expect, test } from "vitest";
import { checkCondition, compileCondition, conditionInput, type ConditionFacts } from "./conditions.ts";

const plain = { kind: "goods", vouchered: 0, tax: 0 };

const facts: ConditionFacts = {
  order: {
    gross: 30_000,
    net: 27_000,
    quantity: 3,
    lines: 2,
    currency: "TWD",
    vouchers: 0,
    points: 2000,
    paid: 25_000,
  },
  lines: [
    { sku: "tea", category: "drinks", quantity: 2, unitPrice: 10_000, discount: 3000, net: 17_000, ...plain },
    { sku: "cake", category: "", quantity: 1, unitPrice: 10_000, discount: 0, net: 10_000, ...plain },
  ],
  store: { id: "taipei-1", region: "north", owner: "hq" },
  region: "north",
  channel: "pos",
  event: { type: "order", data: { score: 12.5, stars: 5, topic: "tea" } },
  member: {
    homeStoreId: "taipei-1",
    source: "line",
    firstOrder: false,
    ordersBefore: 4,
    birthdayMonth: true,
    enrolledDays: 30,
    birthday: false,
    tier: "gold",
    tags: ["vip"],
    segments: [],
    visits: 3,
    spend: 90_000,
    stage: "active",
    band: "",
    churnRisk: false,
  },
  now: { year: 2026, month: 3, day: 1, hour: 12, minute: 0, weekday: 7, date: "2026-03-01" },
};

test.each([
  ["order.net >= 27000", true],
  ["order.net > 27000", false],
  ["order.gross - order.net == 3000", true],
  ["store.region == 'north' && now.weekday in [6, 7]", true],
  ["lines.exists(line, line.category == 'drinks')", true],
  ["lines.all(line, line.quantity >= 2)", false],
  ["lines.exists(l, l.sku == 'tea' && l.net >= 17000)", true],
  ["member.birthdayMonth && !member.firstOrder", true],
  ["member.homeStoreId == store.id", true],
  ["channel == 'web' || member.source == 'line'", true],
  ["order.quantity / 2 == 1", true],
  ["order.paid == order.net - order.vouchers - order.points", true],
  ["region == store.region && lines.exists(line, line.kind == 'giftCard')", false],
  ["member.tier in ['gold', 'platinum'] && 'vip' in member.tags && size(member.segments) == 0", true],
  ["member.visits >= 3 && member.spend >= 90000 && !member.birthday", true],
  ["now.date == '2026-03-01'", true],
  ["member.stage in ['active', 'mature'] && member.band == '' && !member.churnRisk", true],
  ["lines.filter(line, line.net > 5000).exists(line, line.sku in ['tea'])", true],
  ["event.type == 'order' && event.data.stars >= 5 && event.data.score > 12 && event.data.topic == 'tea'", true],
  ["event.data.score > 13", false],
])("%s is %s", (text, expected) => {
  expect(checkCondition(text)).toBeNull();
  expect(compileCondition(text)(conditionInput(facts))).toBe(expected);
});

test.each([
  ["order.quantity / (order.lines - 2) > 0", "a division by zero"],
  ["lines[9].quantity == 1", "a line that is not there"],
  ["lines[0].colour == 'red'", "a key that is not there"],
  ["event.data.unknown == 1", "data that the event does not have"],
])("%s fails when it runs, and is false: %s", (text) => {
  expect(checkCondition(text)).toBeNull();
  expect(compileCondition(text)(conditionInput(facts))).toBe(false);
});

test.each([
  ["order.net", "a number is no condition"],
  ["order.weight > 1", "a field that no order has"],
  ["order.net > '1'", "a number against a text"],
  ["customer.vip", "a name that nobody knows"],
  ["order.net >", "half an expression"],
  ["lines.all(one, lines.exists(other, other.net < one.net))", "a list within a list"],
  ["", "nothing"],
  [`${"(".repeat(30)}true${")".repeat(30)} && ${"!".repeat(60)}true`, "too deep"],
  [Array.from({ length: 120 }, () => "order.net > 1").join(" && "), "too large"],
  [`order.net in [${Array.from({ length: 101 }, (_, n) => n).join(", ")}]`, "a list too long"],
])("%s is refused before it is published", (text) => {
  expect(checkCondition(text)).toMatch(/^[^\n]+$/);
});
