// Worked tables of what ends earning: order limits, caps by points and by times, groups, places, times and budgets.
import { describe, expect, test } from "vitest";
import type { ProgramInput } from "@regulars/contracts/program";
import { budgetNeeds, countedByEvent, roomsOf, roomsOfEvent } from "./caps.ts";
import { earnedByEvent, type EventBasket } from "./earning-events.ts";
import { EarningStatement, inTaipei } from "./earning-statement.ts";
import { earnedBy, type EarningBasket } from "./earning.ts";
import { makeLine, makeProgram } from "./memory-ledger.ts";

const currencies = [{ id: "points" }];
type RuleInput = NonNullable<ProgramInput["earning"]>[number];
const rule = (id: string, more: Partial<RuleInput>): RuleInput => ({ id, currency: "points", ...more });
const statementOf = (...earning: RuleInput[]) => new EarningStatement({ currencies, earning });

describe("caps of a member", () => {
  test("at most 100 points a day: what a refund takes back makes room again, on the day of the order", () => {
    const statement = statementOf(rule("base", { per: 1000, caps: [{ period: "day", points: 100 }] }))
      .pay("2026-03-01 10:00", "A", { lines: [70_000] })
      .pay("2026-03-01 12:00", "B", { lines: [50_000] })
      .pay("2026-03-01 23:59", "C", { lines: [50_000] })
      .pay("2026-03-02 00:00", "D", { lines: [{ quantity: 2, unitPrice: 60_000 }] })
      .refund("2026-03-02 01:00", "A")
      .refund("2026-03-02 01:00", "D", { "1": 1 })
      .pay("2026-03-02 02:00", "E", { lines: [50_000] });
    expect(statement.rows).toEqual([
      "03-01 A: base +70 = 70 × 1 for 1000 of 70000 | 70",
      "03-01 B: base +30 = 50 × 1 for 1000 of 50000, cut from 50 by cap | 100",
      "03-01 C: nothing | 100",
      "03-02 D: base +100 = 120 × 1 for 1000 of 120000, cut from 120 by cap | 200",
      "03-02 A: base -70 | 130",
      // 60 of what D bought stay: 60 points, within the 100 that it had room for.
      "03-02 D: base -40 | 90",
      "03-02 E: base +40 = 50 × 1 for 1000 of 50000, cut from 50 by cap | 130",
    ]);
    statement.refund("2026-03-03 12:00", "B").refund("2026-03-03 12:00", "D").refund("2026-03-03 12:00", "E");
    expect([...statement.ledger.state.counters.keys()].filter((name) => name.startsWith("cap/"))).toEqual([]);
  });

  test("one stamp a day and ten a month, however often the member comes", () => {
    const caps = [
      { period: "day", times: 1 },
      { period: "month", times: 3 },
    ] as const;
    const statement = statementOf(rule("visit", { type: "fixed", caps: [...caps] }))
      .pay("2026-03-01 10:00", "A", { lines: [5000] })
      .pay("2026-03-01 18:00", "B", { lines: [5000] })
      .pay("2026-03-02 10:00", "C", { lines: [5000, 4000] })
      .refund("2026-03-02 11:00", "C", { "1": 1 })
      .pay("2026-03-03 10:00", "D", { lines: [5000] })
      .pay("2026-03-04 10:00", "E", { lines: [5000] })
      .pay("2026-04-01 00:00", "F", { lines: [5000] });
    expect(statement.rows).toEqual([
      "03-01 A: visit +1 = 1 once | 1",
      "03-01 B: nothing | 1",
      "03-02 C: visit +1 = 1 once | 2",
      "03-02 C: refunded, nothing taken back | 2",
      "03-03 D: visit +1 = 1 once | 3",
      "03-04 E: nothing | 3",
      "04-01 F: visit +1 = 1 once | 4",
    ]);
  });

  test("weeks begin on Monday, years on 1 January, and the program has one period", () => {
    const base = (period: "week" | "year" | "program") =>
      statementOf(rule("base", { per: 1000, caps: [{ period, points: 10 }] }))
        .pay("2026-12-31 12:00", "A", { lines: [8000] })
        .pay("2027-01-01 12:00", "B", { lines: [8000] })
        .pay("2027-01-04 00:00", "C", { lines: [8000] })
        .rows.map((row) => row.split("=")[0]?.trim());
    expect(base("week")).toEqual(["12-31 A: base +8", "01-01 B: base +2", "01-04 C: base +8"]);
    expect(base("year")).toEqual(["12-31 A: base +8", "01-01 B: base +8", "01-04 C: base +2"]);
    expect(base("program")).toEqual(["12-31 A: base +8", "01-01 B: base +2", "01-04 C: nothing | 10"]);
  });

  test("an order that arrives late counts in the period in which it was placed", () => {
    const statement = statementOf(rule("visit", { type: "fixed", caps: [{ period: "day", times: 1 }] }))
      .pay("2026-03-02 10:00", "B", { lines: [5000] })
      .pay("2026-03-01 10:00", "A", { lines: [5000] })
      .pay("2026-03-01 11:00", "A2", { lines: [5000] });
    expect(statement.rows).toEqual([
      "03-02 B: visit +1 = 1 once | 1",
      "03-01 A: visit +1 = 1 once | 2",
      "03-01 A2: nothing | 2",
    ]);
  });

  test("the tightest of order limit and cap cuts, and a multiplier multiplies what is left", () => {
    const statement = statementOf(
      rule("base", { per: 1000, perOrderMax: 50, caps: [{ period: "day", points: 60 }] }),
      rule("double", { type: "multiplier", factor: 2, perOrderMax: 40 }),
    )
      .pay("2026-03-01 10:00", "A", { lines: [{ quantity: 9, unitPrice: 10_000 }] })
      .pay("2026-03-01 11:00", "B", { lines: [90_000] })
      .refund("2026-03-02 11:00", "A", { "1": 6 });
    expect(statement.rows).toEqual([
      "03-01 A: base +50 = 90 × 1 for 1000 of 90000, cut from 90 by perOrder | 90",
      "03-01 A: double +40 = 50 at 2 times, cut from 50 by perOrder | 90",
      "03-01 B: base +10 = 90 × 1 for 1000 of 90000, cut from 90 by cap | 110",
      "03-01 B: double +10 = 10 at 2 times | 110",
      // 300.00 stay: 30 points, doubled by 30.
      "03-02 A: base -20 | 80",
      "03-02 A: double -10 | 80",
    ]);
  });
});

describe("rules of a group", () => {
  const group = "campaign";

  test("only the best gives; it stays the one that gave when lines come back", () => {
    const statement = statementOf(
      rule("tenth", { per: 1000, group, stacking: "best" }),
      rule("bonus", { type: "fixed", points: 30, group, stacking: "best" }),
      rule("always", { type: "fixed", points: 1 }),
    )
      .pay("2026-03-01 10:00", "small", { lines: [25_000] })
      .pay("2026-03-02 10:00", "large", { lines: [{ quantity: 4, unitPrice: 10_000 }] })
      .pay("2026-03-03 10:00", "even", { lines: [30_000] })
      .refund("2026-03-04 10:00", "large", { "1": 3 })
      .refund("2026-03-05 10:00", "large");
    expect(statement.rows).toEqual([
      "03-01 small: bonus +30 = 30 once | 31",
      "03-01 small: always +1 = 1 once | 31",
      "03-02 large: tenth +40 = 40 × 1 for 1000 of 40000 | 72",
      "03-02 large: always +1 = 1 once | 72",
      "03-03 even: tenth +30 = 30 × 1 for 1000 of 30000 | 103",
      "03-03 even: always +1 = 1 once | 103",
      "03-04 large: tenth -30 | 73",
      "03-05 large: tenth -10 | 62",
      "03-05 large: always -1 | 62",
    ]);
  });

  test("the first that gives anything shuts the others out, by priority and then by order", () => {
    const stacking = "exclusive";
    const statement = statementOf(
      rule("base", { per: 1000, group, stacking }),
      rule("once", { type: "fixed", points: 5, group, stacking, priority: 1, caps: [{ period: "month", times: 1 }] }),
      rule("web", { type: "fixed", points: 9, group, stacking, priority: 2, channels: ["web"] }),
    )
      .pay("2026-03-01 10:00", "A", { lines: [20_000], channel: "web" })
      .pay("2026-03-02 10:00", "B", { lines: [20_000], channel: "pos" })
      .pay("2026-03-03 10:00", "C", { lines: [20_000] })
      .refund("2026-03-04 10:00", "A")
      .refund("2026-03-04 10:00", "B")
      .pay("2026-03-05 10:00", "D", { lines: [20_000] });
    expect(statement.rows).toEqual([
      "03-01 A: web +9 = 9 once | 9",
      "03-02 B: once +5 = 5 once | 14",
      "03-03 C: base +20 = 20 × 1 for 1000 of 20000 | 34",
      "03-04 A: web -9 | 25",
      "03-04 B: once -5 | 20",
      "03-05 D: once +5 = 5 once | 25",
    ]);
  });

  test("of two multipliers the better one multiplies", () => {
    const stacking = "best";
    const statement = statementOf(
      rule("base", { per: 1000 }),
      rule("weekend", { type: "multiplier", factor: 1.5, when: "now.weekday >= 6", group, stacking }),
      rule("day8", { type: "multiplier", factor: 2, when: "now.day == 8", group, stacking }),
    )
      .pay("2026-03-07 10:00", "saturday", { lines: [20_000] })
      .pay("2026-03-08 10:00", "sunday8", { lines: [20_000] })
      .refund("2026-03-09 10:00", "sunday8");
    expect(statement.rows).toEqual([
      "03-07 saturday: base +20 = 20 × 1 for 1000 of 20000 | 30",
      "03-07 saturday: weekend +10 = 20 at 1.5 times | 30",
      "03-08 sunday8: base +20 = 20 × 1 for 1000 of 20000 | 70",
      "03-08 sunday8: day8 +20 = 20 at 2 times | 70",
      "03-09 sunday8: base -20 | 30",
      "03-09 sunday8: day8 -20 | 30",
    ]);
  });
});

test("a rule holds for its stores, regions and channels, and from one instant until before another", () => {
  const statement = statementOf(
    rule("store", { type: "fixed", points: 1, stores: ["s1", "s2"] }),
    rule("region", { type: "fixed", points: 10, regions: ["north"] }),
    rule("channel", { type: "fixed", points: 100, channels: ["app"] }),
    rule("march", {
      type: "fixed",
      points: 1000,
      from: "2026-03-01T00:00:00+08:00",
      until: "2026-04-01T00:00:00+08:00",
    }),
  );
  const lines = [100];
  const rules = (at: string, orderId: string, more: object) =>
    statement
      .pay(at, orderId, { lines, ...more })
      .ledger.orders.get(orderId)
      ?.earned.map(({ rule: id }) => id);
  expect(rules("2026-02-28 23:59", "A", { storeId: "s1" })).toEqual(["store"]);
  expect(rules("2026-03-01 00:00", "B", { storeId: "s3", regionId: "north" })).toEqual(["region", "march"]);
  expect(rules("2026-03-31 23:59", "C", { storeId: "s2", channel: "app" })).toEqual(["store", "channel", "march"]);
  expect(rules("2026-04-01 00:00", "D", { storeId: "s3", channel: "web" })).toEqual([]);
});

describe("a budget over all members", () => {
  const program = makeProgram({
    currencies,
    earning: [
      rule("base", { per: 1000, budget: { points: 500, period: "month" }, caps: [{ period: "day", points: 80 }] }),
      rule("double", { type: "multiplier", factor: 2, budget: { points: 900 } }),
      rule("other", { type: "fixed", when: "order.net > 100000", budget: { points: 7 } }),
    ],
  });
  const basket = makeBasket([makeLine({ quantity: 1, unitPrice: 90_000 })]);
  const points = (rooms: EarningBasket["rooms"]) =>
    earnedBy(program, { ...basket, ...(rooms && { rooms }) }).map((one) => `${one.rule} ${one.points}`);

  test("an order asks for the most that it can give, within the member's cap, of each budget of its period", () => {
    const rooms = roomsOf(program, () => 0, null, basket);
    expect(budgetNeeds(program, { ...basket, rooms })).toEqual([
      { rule: "base", name: "budget/base/2026-03", total: 500, wanted: 80 },
      { rule: "double", name: "budget/double/all", total: 900, wanted: 80 },
    ]);
  });

  test("gives no more than was granted, and nothing of a budget that did not answer", () => {
    const roomsWith = (grants: Record<string, number> | null) => roomsOf(program, () => 30, grants, basket);
    expect(points(roomsWith(null))).toEqual(["base 50", "double 50"]);
    expect(points(roomsWith({ "budget/base/2026-03": 20, "budget/double/all": 100 }))).toEqual([
      "base 20",
      "double 20",
    ]);
    expect(points(roomsWith({ "budget/base/2026-03": 100, "budget/double/all": 0 }))).toEqual(["base 50"]);
    expect(points(roomsWith({}))).toEqual([]);
  });
});

describe("events beside orders", () => {
  const program = makeProgram({
    currencies,
    earning: [
      rule("review", {
        on: "review",
        type: "fixed",
        points: 20,
        caps: [{ period: "month", times: 2 }],
        when: "event.data.stars >= 1",
      }),
      rule("photo", { on: "review", type: "multiplier", factor: 1.5, when: "event.data.photo == true" }),
      rule("score", { on: "game", type: "perItem", per: 100, perOrderMax: 30 }),
      rule("spent", { on: "paid-elsewhere", per: 1000, points: 3 }),
      rule("profile", { on: "profile", type: "fixed", perField: { email: 10, birthday: 30 } }),
    ],
  });
  const happens = (type: string, data: EventBasket["data"], counters = new Map<string, number>()) => {
    const event = { ...makeEvent(type), data };
    const rooms = roomsOfEvent(program, (name) => counters.get(name) ?? 0, null, event);
    const earned = earnedByEvent(program, { ...event, rooms });
    for (const { name, by } of countedByEvent(program, earned, { ...event, rooms })) {
      counters.set(name, (counters.get(name) ?? 0) + by);
    }
    return earned.map((one) => `${one.rule} ${one.points}`);
  };

  test("a review gives its points twice a month, half more with a photo", () => {
    const counters = new Map<string, number>();
    expect(happens("review", { stars: 5, photo: true }, counters)).toEqual(["review 20", "photo 10"]);
    expect(happens("review", {}, counters)).toEqual([]);
    expect(happens("review", { stars: 1 }, counters)).toEqual(["review 20"]);
    expect(happens("review", { stars: 5, photo: true }, counters)).toEqual([]);
  });

  test("a game gives by its score, a payment elsewhere by its amount; what no rule is on gives nothing", () => {
    expect(happens("game", { quantity: 1234.5 })).toEqual(["score 12"]);
    expect(happens("game", { quantity: 1e6 })).toEqual(["score 30"]);
    expect(happens("game", { quantity: -5 })).toEqual([]);
    expect(happens("paid-elsewhere", { amount: 5999 })).toEqual(["spent 15"]);
    expect(happens("order", { amount: 5999 })).toEqual([]);
    expect(happens("sneeze", {})).toEqual([]);
  });

  test("a field of the profile gives its points once a member", () => {
    const counters = new Map<string, number>();
    expect(happens("profile", { email: "a@b.tw", birthday: "" }, counters)).toEqual(["profile 10"]);
    expect(happens("profile", { email: "c@d.tw", birthday: "1990-01-01" }, counters)).toEqual(["profile 30"]);
    expect(happens("profile", { email: "c@d.tw", birthday: "1990-01-01", shoe: 42 }, counters)).toEqual([]);
  });
});

const nobody = { homeStoreId: null, source: null };
const member = { ...nobody, firstOrder: true, ordersBefore: 0, birthdayMonth: false, enrolledDays: 0 };

function makeBasket(lines: EarningBasket["lines"]): EarningBasket {
  const place = { storeId: "s1", regionId: "r1", ownerId: "o1", channel: null, currency: "TWD" };
  return { lines, ...place, placedAt: inTaipei("2026-03-15 12:00"), paidByPoints: 0, member, timeZone: "Asia/Taipei" };
}

function makeEvent(type: string): EventBasket {
  const at = inTaipei("2026-03-15 12:00");
  return { type, data: {}, storeId: null, regionId: null, ownerId: null, at, member, timeZone: "Asia/Taipei" };
}
