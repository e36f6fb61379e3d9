// Random members with everything that a condition can ask for, as the rows that PostgreSQL has of them.
import fc from "fast-check";
import { dayNear, NAMES } from "./segments-definitions.ts";
import { makeMemberId } from "../e2e/make-events.ts";
import { makeSegmentRow, type Rows } from "./segments-rows.ts";

const AT = "2026-01-01T00:00:00Z";
const maybe = <Value>(value: fc.Arbitrary<Value>, freq = 3) => fc.option(value, { nil: null, freq });
const few = <Value>(value: fc.Arbitrary<Value>, max: number) => fc.array(value, { maxLength: max, size: "max" });
/** Also the last millisecond of a day in Taipei, and the first of the next. */
const instant = fc.tuple(
  dayNear(60),
  fc.oneof(fc.constantFrom(0, 57_600_000, 57_599_999, 18_000_000, 17_999_999), fc.nat({ max: 86_399_999 })),
);
const instants = instant.map(([day, ms]) => new Date(Date.parse(day) + ms).toISOString());
const soonInstants = fc.tuple(dayNear(4), fc.nat({ max: 86_399_999 })).map(([day, ms]) => {
  return new Date(Date.parse(day) + ms).toISOString();
});

const line = fc
  .record({
    sku: fc.constantFrom(...NAMES.skus),
    category: maybe(fc.constantFrom(...NAMES.categories)),
    quantity: fc.integer({ min: 1, max: 4 }),
    returned: fc.constantFrom(0, 0, 0, 1, 2, 4),
    unit_price: fc.integer({ min: 0, max: 300 }),
    discount: fc.integer({ min: 0, max: 150 }),
  })
  .map((row) => ({ ...row, returned: Math.min(row.returned, row.quantity) }));

const order = fc.record({
  store: fc.constantFrom(...NAMES.stores),
  region: fc.constantFrom(...NAMES.regions),
  channel: maybe(fc.constantFrom(...NAMES.channels)),
  state: fc.constantFrom("paid", "paid", "paid", "paid", "placed", "cancelled"),
  undone: fc.constantFrom(null, null, null, null, null, "order_id_conflict"),
  placedAt: fc.oneof(instants, soonInstants),
  payable: fc.constantFrom(0, 100, 250, 333, 1000),
  refunded: fc.constantFrom(0, 0, 0, 100, 250, 1000),
  lines: few(line, 3),
});

const birthday = fc.oneof(
  fc.constantFrom("2000-02-29", "1996-02-28", "1990-03-08", "1990-03-07", "1990-03-09", "2026-12-31", "2000-13-01", ""),
  dayNear(400).map((day) => `19${day.slice(2)}`),
  fc.constantFrom("2020-02-30", "19900308", "1990-03-08T00:00:00Z"),
);

const member = fc.record({
  fate: fc.constantFrom("enrolled", "enrolled", "enrolled", "enrolled", "enrolled", "erased", "unenrolled", "account"),
  profile: maybe(
    fc.record(
      {
        name: fc.constantFrom(...NAMES.words),
        company: fc.constantFrom(...NAMES.words),
        birthday,
        gender: fc.constantFrom(...NAMES.genders),
        locale: fc.constantFrom("zh-TW", "en"),
        custom: fc.record(
          { size: fc.constantFrom("1", 1, true, "L", 0, null), pets: fc.integer({ min: -2, max: 3 }) },
          { requiredKeys: [] },
        ),
      },
      { requiredKeys: [] },
    ),
    8,
  ),
  consent: maybe(fc.dictionary(fc.constantFrom(...NAMES.purposes), fc.boolean()), 5),
  home: maybe(fc.constantFrom(...NAMES.stores, "closed-store")),
  source: maybe(fc.constantFrom(...NAMES.words)),
  enrolledAt: instants,
  identities: fc.subarray(["phone", "email", "line", "card"]),
  tags: maybe(maybe(fc.subarray([...NAMES.tags]))),
  tier: maybe(maybe(fc.constantFrom(...NAMES.tiers))),
  balances: fc.dictionary(
    fc.constantFrom(...NAMES.currencies),
    fc.record({ available: fc.integer({ min: -5, max: 20 }), pending: fc.nat(20), held: fc.nat(20) }),
  ),
  orders: few(order, 6),
  events: few(
    fc.record({
      type: fc.constantFrom(...NAMES.events),
      at: fc.oneof(instants, soonInstants),
      store_id: maybe(fc.constantFrom(...NAMES.stores)),
      reversed_at: fc.constantFrom(null, null, null, AT),
    }),
    4,
  ),
  messages: few(
    fc.record({
      channel: fc.constantFrom(...NAMES.messageChannels),
      campaign_id: maybe(fc.constantFrom(...NAMES.campaigns)),
      sent_at: instants,
      opened_at: maybe(instants),
      clicked_at: maybe(instants),
    }),
    4,
  ),
  scores: maybe(
    fc.record({
      recency: fc.integer({ min: 1, max: 5 }),
      frequency: fc.integer({ min: 1, max: 5 }),
      monetary: fc.integer({ min: 1, max: 5 }),
      engagement: fc.integer({ min: 1, max: 5 }),
      rfm_segment: fc.constantFrom(...NAMES.scores),
      rfm_group: fc.constantFrom(...NAMES.scores),
      stage: fc.constantFrom(...NAMES.scores),
      label: fc.constantFrom("A", "L", "N"),
      band: fc.constantFrom(...NAMES.scores),
      profit_group: maybe(fc.constantFrom(...NAMES.scores)),
      has_potential: fc.boolean(),
      churn_risk: fc.boolean(),
      cycle_days: fc.double({ min: 0, max: 5, noNaN: true }),
      next_order_on: dayNear(40),
      alive: maybe(fc.double({ min: 0, max: 1, noNaN: true })),
      expected_orders: maybe(fc.constantFrom(0.1, 0.30000000000000004, 2)),
      expected_spend: maybe(fc.double({ min: 0, max: 5, noNaN: true })),
      lifetime_value: maybe(fc.double({ min: 0, max: 5, noNaN: true })),
    }),
  ),
  supplies: fc.uniqueArray(
    fc.record({
      kind: fc.constantFrom("sku", "category"),
      ref: fc.constantFrom(...NAMES.skus, ...NAMES.categories),
      due_on: dayNear(40),
    }),
    { maxLength: 4, size: "max", selector: ({ kind, ref }) => `${kind} ${ref}` },
  ),
  stays: fc.subarray([...NAMES.segments]),
  past: fc.subarray([...NAMES.segments]),
  lists: fc.subarray([...NAMES.lists]),
});

/** So many members, the same for the same seed. */
export function makeWorld(members: number, seed: number): Rows {
  const rows: Rows = { ...places() };
  for (const [index, drawn] of fc.sample(member, { numRuns: members, seed }).entries()) {
    for (const [table, more] of Object.entries(rowsOf(drawn, makeMemberId(index + 1)))) {
      // Every key is the name of a table.
      (rows[table as keyof Rows] ??= []).push(...more);
    }
  }
  return rows;
}

function places(): Rows {
  const store = (store_id: string, index: number) => ({
    store_id,
    name: store_id,
    region_id: NAMES.regions[index % 2],
    owner_id: "head",
    created_at: AT,
  });
  return {
    tenants: [
      {
        name: "World",
        sandbox: false,
        time_zone: "Asia/Taipei",
        phone_region: "TW",
        currency: "TWD",
        locale: "zh-TW",
        created_at: AT,
      },
    ],
    regions: NAMES.regions.map((region_id) => ({ region_id, name: region_id })),
    owners: [{ owner_id: "head", name: "Head", kind: "head_office" }],
    stores: NAMES.stores.map(store),
    segments: NAMES.segments.map((segment_id) => makeSegmentRow(segment_id)),
  };
}

type Member = typeof member extends fc.Arbitrary<infer Value> ? Value : never;

function rowsOf(drawn: Member, member_id: string): Rows {
  const of = <Row extends object>(row: Row) => ({ member_id, ...row });
  const { fate, profile, consent, home, source, enrolledAt } = drawn;
  return {
    members: [
      of({
        epoch: 1,
        events: 1,
        last_sequence: 1,
        document_epoch: 1,
        document_sequence: 1,
        profile,
        consent,
        home_store_id: home,
        source: fate === "account" ? "account:network" : source,
        enrolled_at: fate === "unenrolled" ? null : enrolledAt,
        erased_at: fate === "erased" ? AT : null,
      }),
    ],
    identities: drawn.identities.map((type) => of({ type, value: `${type}-${member_id}` })),
    member_labels: drawn.tags === null ? [] : [of({ name: "tags", sequence: 1, value: drawn.tags })],
    member_tiers: drawn.tier === null ? [] : [of({ sequence: 1, tier: drawn.tier, fixed: false })],
    balances: Object.entries(drawn.balances).map(([currency, sums]) => of({ currency, ...sums })),
    ...orderRows(drawn.orders, member_id),
    activities: drawn.events.map((event, index) =>
      of({ ...event, key: `e${index}`, sequence: 1, points: [], grants: [] }),
    ),
    message_history: drawn.messages.map((message, index) => of({ ...message, message_id: `m${index}` })),
    member_scores:
      drawn.scores === null
        ? []
        : [of({ ...drawn.scores, since: "2026-01-01", scored_on: "2026-01-01", churn_from: "2026-01-01" })],
    repurchases: drawn.supplies.map((supply) =>
      of({
        ...supply,
        last_day: "2026-01-01",
        quantity: 1,
        gaps: 1,
        cycle_days: 1,
        window_from: supply.due_on,
        window_until: supply.due_on,
        churn_from: supply.due_on,
      }),
    ),
    segment_members: [
      ...drawn.stays.map((segment_id) => of({ segment_id, since: AT, version: 1 })),
      ...drawn.past.map((segment_id) => of({ segment_id, since: "2025-01-01T00:00:00Z", until: AT, version: 1 })),
    ],
    member_lists: drawn.lists.map((list_id) => of({ list_id, added_at: AT })),
  };
}

function orderRows(orders: Member["orders"], member_id: string): Rows {
  return {
    orders: orders.map(({ store, region, channel, state, undone, placedAt, payable, refunded }, index) => ({
      member_id,
      order_id: `o${index}`,
      sequence: 1,
      state,
      store_id: store,
      region_id: region,
      owner_id: "head",
      currency: "TWD",
      channel,
      placed_at: placedAt,
      program_version: 1,
      gross: payable,
      net: payable,
      payable,
      refunded: Math.min(refunded, payable),
      undone,
      vouchered: 0,
      late: false,
    })),
    order_lines: orders.flatMap(({ lines }, index) =>
      lines.map((each, place) => ({ member_id, order_id: `o${index}`, line_id: `l${place}`, ...each })),
    ),
  };
}
