// A small world of members whose every figure can be worked out by hand, written into PostgreSQL as if runs had left it there.
import pg from "pg";
import { makeMemberId } from "./make-events.ts";
import { makeTenant, type Tenant } from "./loyalty-places.ts";
import type { Answer, System } from "./system.ts";

/** Everything is asked on this day, at noon in Taipei. */
export const TODAY = "2026-03-31";
const NOW = `${TODAY}T04:00:00Z`;
const ZONE = "+08:00";
const PEOPLE = "ABCDEFGH";
export const idOf = (person: string) => makeMemberId(PEOPLE.indexOf(person) + 1);
export const personOf = (memberId: string) => PEOPLE[Number(memberId.slice(-6)) - 1];

type Value = string | number | boolean | null | object;
type Row = Record<string, Value>;

export interface ReportsWorld {
  readonly tenant: Tenant;
  readonly owner: pg.Client;
  ask(path: string, request?: { readonly testTime?: string; readonly key?: string }): Promise<Answer>;
  insert(table: string, rows: readonly Row[]): Promise<void>;
  stop(): Promise<void>;
}

export async function makeWorld(system: System): Promise<ReportsWorld> {
  const tenant = await makeTenant(system, "Reports");
  const owner = new pg.Client({ connectionString: system.stack.databaseUrl });
  await owner.connect();
  const world: ReportsWorld = {
    tenant,
    owner,
    ask: (path, { testTime = NOW, key = tenant.manageKey } = {}) =>
      system.call("GET", `/manage/v1/insights/${path}`, undefined, { key, testTime }),
    insert: async (table, rows) => {
      for (const row of rows) await insertRow(owner, table, { tenant_id: tenant.id, ...row });
    },
    stop: () => owner.end(),
  };
  // Another run holds the tenant for ever: nobody else writes what the tests have written.
  await world.insert("insight_states", [{ lease_token: "test", lease_until: "2100-01-01T00:00:00Z" }]);
  await fillPeople(world);
  await fillOrders(world);
  await fillPoints(world);
  await fillScores(world);
  return world;
}

async function insertRow(owner: pg.Client, table: string, row: Row): Promise<void> {
  const names = Object.keys(row);
  const places = names.map((_, at) => `$${at + 1}`);
  await owner.query(`insert into ${table} (${names.join(", ")}) values (${places.join(", ")})`, Object.values(row));
}

const at = (day: string, time = "12:00:00") => `${day}T${time}${ZONE}`;

/** Enrolled on, home store, gender, birthday, source. */
const MEMBERS: Record<string, readonly [string, string | null, string | null, string | null, string | null]> = {
  A: ["2025-12-01", "taipei-xinyi", "female", "1990-03-31", null],
  B: ["2026-02-09", "taipei-xinyi", "male", "1990-04-01", "app"],
  C: ["2026-03-04", "taichung-west", "female", "2008-04-01", null],
  D: ["2026-03-31", "taichung-west", null, null, "referral"],
  E: ["2026-02-28", "taipei-xinyi", "female", "1960-01-01", null],
  F: ["2026-03-01", "taichung-west", "male", "1985-12-31", "app"],
  G: ["2025-05-30", null, "other", "1971-06-15", null],
  H: ["2026-03-10", "taipei-xinyi", "female", null, null],
};

async function fillPeople({ insert }: ReportsWorld): Promise<void> {
  for (const [person, [enrolledOn, home, gender, birthday, source]] of Object.entries(MEMBERS)) {
    const profile = { name: person, ...(gender !== null && { gender }), ...(birthday !== null && { birthday }) };
    const enrolled = { home_store_id: home, source, enrolled_at: at(enrolledOn) };
    const stream = { epoch: 1, events: 1, last_sequence: 1 };
    await insert("members", [{ member_id: idOf(person), profile, consent: {}, ...stream, ...enrolled }]);
  }
  // Somebody who was erased is no member.
  const gone = { epoch: 1, events: 1, last_sequence: 1, enrolled_at: null, erased_at: at("2026-03-02") };
  await insert("members", [{ ...gone, member_id: makeMemberId(50) }]);
  await insert("member_labels", [
    { member_id: idOf("C"), name: "fact:referral", sequence: 1, value: { referrerId: idOf("A"), state: "named" } },
    { member_id: idOf("A"), name: "tags", sequence: 1, value: '["vip","tea"]' },
  ]);
  const tier = { sequence: 1, fixed: false };
  await insert("member_tiers", [
    { member_id: idOf("A"), tier: "gold", ...tier },
    { member_id: idOf("B"), tier: "gold", ...tier },
    { member_id: idOf("C"), tier: "silver", ...tier },
    { member_id: idOf("G"), tier: null, ...tier },
  ]);
}

/** Member, day, store, paid, given back; anything else of the row. */
const ORDERS: readonly (readonly [string, string, string, number, number, Row?])[] = [
  ["G", "2025-06-01", "taipei-xinyi", 10_000, 0],
  ["A", "2025-12-10", "taipei-xinyi", 10_000, 0],
  ["A", "2026-02-05", "taipei-xinyi", 20_000, 0],
  ["B", "2026-02-10", "taipei-xinyi", 40_000, 0],
  // The last second of February in Taipei, and the first of March.
  ["E", "2026-02-28", "taipei-xinyi", 7000, 0, { placed_at: at("2026-02-28", "23:59:59") }],
  ["F", "2026-03-01", "taipei-xinyi", 8000, 0, { placed_at: at("2026-03-01", "00:00:00") }],
  ["A", "2026-03-03", "taipei-xinyi", 30_000, 0],
  ["A", "2026-03-20", "taichung-west", 15_000, 5000],
  ["C", "2026-03-05", "taichung-west", 50_000, 0],
  ["C", "2026-03-25", "taichung-west", 10_000, 0],
  ["G", "2026-03-12", "taipei-xinyi", 90_000, 0],
  ["D", "2026-03-31", "taichung-west", 5000, 0, { placed_at: at("2026-03-31", "10:00:00") }],
  // None of these count: brought back as a whole, cancelled, undone, not paid yet, and of tomorrow.
  ["H", "2026-03-15", "taipei-xinyi", 99_900, 99_900],
  ["H", "2026-03-16", "taipei-xinyi", 99_900, 0, { state: "cancelled" }],
  ["H", "2026-03-17", "taipei-xinyi", 99_900, 0, { undone: "order_id_conflict" }],
  ["H", "2026-03-18", "taipei-xinyi", 99_900, 0, { state: "authorized" }],
  ["A", "2026-04-01", "taipei-xinyi", 99_900, 0, { placed_at: at("2026-04-01", "00:00:00") }],
];

async function fillOrders({ insert }: ReportsWorld): Promise<void> {
  for (const [index, [person, day, storeId, payable, refunded, more = {}]] of ORDERS.entries()) {
    const money = { gross: payable, net: payable, payable, refunded };
    const place = {
      store_id: storeId,
      region_id: storeId === "taipei-xinyi" ? "north" : "central",
      owner_id: "head-office",
    };
    const order = { order_id: `o-${index}`, state: "paid", channel: "pos", currency: "TWD", placed_at: at(day) };
    await insert("orders", [
      { member_id: idOf(person), sequence: index + 1, program_version: 1, ...money, ...place, ...order, ...more },
    ]);
  }
  const line = { member_id: idOf("C"), discount: 0, returned: 0 };
  await insert("order_lines", [
    { ...line, order_id: "o-8", line_id: "1", sku: "fries", category: "food", quantity: 2, unit_price: 20_000 },
    { ...line, order_id: "o-8", line_id: "2", sku: "cola", category: "drinks", quantity: 1, unit_price: 10_000 },
    { ...line, order_id: "o-9", line_id: "1", sku: "fries", category: "food", quantity: 1, unit_price: 10_000 },
  ]);
}

/** Day, kind, store, and points on the account that is not the member's. */
const MOVED: readonly (readonly [string, string, string | null, string, string, number])[] = [
  ["2026-02-05", "earn", "taipei-xinyi", "issued", "points", -4],
  ["2026-03-03", "earn", "taipei-xinyi", "issued", "points", -30],
  ["2026-03-04", "reverse", "taipei-xinyi", "issued", "points", 5],
  ["2026-03-20", "redeem", "taichung-west", "redeemed", "points", 9],
  ["2026-03-21", "restore", "taichung-west", "redeemed", "points", -2],
  ["2026-03-22", "expire", null, "expired", "points", 1],
  ["2026-03-23", "earn", "taipei-xinyi", "issued", "coins", -3],
];

async function fillPoints({ insert }: ReportsWorld): Promise<void> {
  const lot = { lot_id: "lot", currency: "points", available: 21, pending: 0, held: 0 };
  await insert("lots", [{ member_id: idOf("A"), ...lot, issued_at: at("2026-02-05") }]);
  for (const [index, [day, kind, storeId, account, currency, points]] of MOVED.entries()) {
    const key = { member_id: idOf("A"), sequence: index + 1, position: 0 };
    await insert("transactions", [{ ...key, at: at(day), kind, store_id: storeId }]);
    await insert("entries", [
      { ...key, line: 0, account, currency, points },
      { ...key, line: 1, account: "available", currency, points: -points },
    ]);
  }
}

/** Orders, days, spend, first and last day; R, F, M; R's segment, Shopify's group; stage, label; band; lifetime value; since. */
type Known = readonly [
  ...[orders: number, days: number, spend: number, first: string, last: string],
  ...[recency: number, frequency: number, monetary: number, segment: string, group: string],
  ...[stage: string, label: string, band: string, lifetimeValue: number, since: string],
];
const KNOWN: Record<string, Known> = {
  A: [
    4,
    4,
    70_000,
    "2025-12-10",
    "2026-03-20",
    4,
    5,
    4,
    "Champions",
    "LOYAL",
    "active",
    "A",
    "high",
    50_000,
    "2026-03-20",
  ],
  B: [
    1,
    1,
    40_000,
    "2026-02-10",
    "2026-02-10",
    2,
    1,
    3,
    "About To Sleep",
    "AT_RISK",
    "at_risk",
    "A",
    "middle",
    10_000,
    "2026-03-28",
  ],
  C: [
    2,
    2,
    60_000,
    "2026-03-05",
    "2026-03-25",
    5,
    4,
    4,
    "Champions",
    "CHAMPIONS",
    "active",
    "A",
    "high",
    40_000,
    "2026-03-25",
  ],
  E: [1, 1, 7000, "2026-02-28", "2026-02-28", 2, 1, 1, "Lost", "DORMANT", "sleeping", "S", "low", 1000, "2026-03-20"],
  F: [1, 1, 8000, "2026-03-01", "2026-03-01", 3, 1, 1, "Promising", "PROMISING", "new", "N", "low", 2000, "2026-03-01"],
  G: [
    2,
    2,
    100_000,
    "2025-06-01",
    "2026-03-12",
    4,
    4,
    5,
    "Champions",
    "LOYAL",
    "won_back",
    "A",
    "high",
    30_000,
    "2026-03-12",
  ],
};

async function fillScores({ insert }: ReportsWorld): Promise<void> {
  for (const [person, known] of Object.entries(KNOWN)) {
    const [orders, days, spend, firstDay, lastDay, ...labels] = known;
    const [recency, frequency, monetary, segment, group, stage, label, band, lifetimeValue, since] = labels;
    await insert("member_figures", [
      {
        member_id: idOf(person),
        figured_on: TODAY,
        orders,
        order_days: days,
        spend,
        first_day_spend: spend,
        first_day: firstDay,
        last_day: lastDay,
        gap_logs: 0,
        engagement: 0,
        profit: Math.round(spend / 4) - 2e3,
      },
    ]);
    const scores = {
      recency,
      frequency,
      monetary,
      engagement: 1,
      rfm_segment: segment,
      rfm_group: group,
      stage,
      label,
    };
    const worth = { band, profit_group: spend > 8000 ? "high" : "none", has_potential: person === "F" };
    const next = { cycle_days: 30, next_order_on: "2026-04-10", churn_from: "2026-06-01", alive: 0.5 };
    const expected = { expected_orders: 2, expected_spend: lifetimeValue / 2, lifetime_value: lifetimeValue };
    const times = { since, scored_on: TODAY, churn_risk: stage === "at_risk" };
    await insert("member_scores", [{ member_id: idOf(person), ...scores, ...worth, ...next, ...expected, ...times }]);
  }
  const before = (person: string, since: string, until: string, stage: string, label: string): Row => ({
    member_id: idOf(person),
    since,
    until,
    stage,
    label,
    recency: 1,
    frequency: 1,
    monetary: 1,
    engagement: 1,
    rfm_segment: "Lost",
    rfm_group: "DORMANT",
    band: "low",
    has_potential: false,
    churn_risk: true,
  });
  await insert("score_history", [
    before("G", "2025-06-01", "2025-08-01", "new", "N"),
    before("G", "2025-08-01", "2026-03-12", "lost", "L"),
    before("B", "2026-02-10", "2026-03-28", "new", "N"),
    before("E", "2026-02-28", "2026-03-20", "new", "N"),
    before("A", "2025-12-10", "2026-03-20", "active", "A"),
    // Whoever was lost and became lost in another way has not come back.
    before("H", "2025-01-01", "2026-03-05", "lost", "L"),
    before("H", "2026-03-05", "2026-03-06", "lost", "D"),
  ]);
}
