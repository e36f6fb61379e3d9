// What goes together, read from orders in a real PostgreSQL: every basket once, whatever the pages; and what to offer next.
import { affinityWish } from "@regulars/contracts/affinity";
import { affinityRules } from "@regulars/insights/affinity";
import { type BasketTable, basketTable } from "@regulars/insights/baskets";
import { dayNumber } from "@regulars/insights/days";
import { seededRandom } from "@regulars/insights/seeded-random";
import { afterAll, beforeAll, expect, test } from "vitest";
import { affinityOf } from "../../workers/segmentation/src/affinity-asked.ts";
import { readBaskets } from "../../workers/segmentation/src/affinity-baskets.ts";
import { recommendFor } from "../../workers/segmentation/src/affinity-recommend.ts";
import { refreshAffinity } from "../../workers/segmentation/src/affinity-rules.ts";
import {
  type MadeOrder,
  makeMembers,
  makeOrders,
  makeTenant,
  type NightWorld,
  NOW,
  startNightWorld,
  TIME_ZONE,
  TODAY,
} from "./nightly-world.ts";

const TENANT = "ten_baskets";
const today = dayNumber(TODAY);
const wish = { by: "sku", days: 180, segmentId: null } as const;
const context = { tenantId: TENANT, timeZone: TIME_ZONE, now: NOW };
let world: NightWorld;

/** 40 members; the first has half of all orders, several of a day at one instant. Tea goes with milk. */
const orders: readonly MadeOrder[] = makeBaskets();

beforeAll(async () => {
  world = await startNightWorld();
  await makeTenant(world, TENANT);
  const ids = [...new Set(orders.map(({ memberId }) => memberId))];
  await makeMembers(
    world,
    TENANT,
    ids.map((memberId) => ({ memberId })),
  );
  await makeOrders(world, TENANT, orders);
});
afterAll(() => world?.stop());

function makeBaskets(): MadeOrder[] {
  const random = seededRandom(11);
  const fates = [{}, {}, {}, {}, {}, { undone: "taken" }, { payable: 5, refunded: 5 }, { state: "authorized" }];
  return Array.from({ length: 600 }, (_, at) => {
    const number = at % 2 === 0 ? 0 : at % 40;
    const skus = Array.from({ length: 1 + Math.floor(random() * 4) }, () => `x${Math.floor(random() * 9)}`);
    if (random() < 0.3) skus.push("tea", ...(random() < 0.7 ? ["milk"] : []), "tea");
    const lines = skus.map((sku) => {
      return { sku, category: sku.startsWith("x") ? "other" : "drinks", quantity: 2, returned: random() < 0.1 ? 2 : 0 };
    });
    const day = today - Math.floor(random() * 200) + 4;
    return { memberId: `mbr_${number}`, orderId: `o${at}`, day, lines, ...fates[Math.floor(random() * fates.length)] };
  });
}

/** The baskets that should be read, from the orders as they were made. */
function expected(options: { days: number; by: "sku" | "category"; members?: readonly string[] }): string[][] {
  return orders.flatMap(({ memberId, day, lines = [], state, undone, refunded }) => {
    const counts = state === undefined && undone === undefined && refunded === undefined;
    const isRecent = Number(day) <= today && Number(day) > today - options.days;
    if (!counts || !isRecent || options.members?.includes(memberId) === false) return [];
    const kept = lines.filter(({ quantity = 1, returned = 0 }) => quantity > returned);
    const items = kept.map((line) => (options.by === "sku" ? line.sku : String(line.category)));
    return items.length === 0 ? [] : [[...new Set(items)].sort()];
  });
}

const namesOf = ({ items, offsets, members }: BasketTable) =>
  Array.from({ length: offsets.length - 1 }, (_, row) =>
    [...members.subarray(offsets[row], offsets[row + 1])].map((item) => items[item] ?? "").sort(),
  );
const sorted = (baskets: readonly string[][]) => baskets.map((basket) => basket.join()).sort();

test("every basket is read once, wherever a page ends, without what was returned, undone, or lies ahead", async () => {
  const scope = world.scope(TENANT);
  for (const pageOrders of [1, 7, 100, 20_000]) {
    const read = await readBaskets(scope, wish, { pageOrders });
    expect(sorted(namesOf(read.table))).toEqual(sorted(expected(wish)));
  }
  const month = await readBaskets(scope, { ...wish, days: 30, by: "category" });
  expect(sorted(namesOf(month.table))).toEqual(sorted(expected({ days: 30, by: "category" })));
  expect(month).toMatchObject({ from: "2026-10-30", until: TODAY, oneIn: 1 });
});

test("of more baskets than memory holds, all those of some members are read; of too many products, their categories", async () => {
  const scope = world.scope(TENANT);
  const { table, oneIn } = await readBaskets(scope, wish, { basketsMax: 100, pageOrders: 50 });
  const whole = sorted(expected(wish));
  const read = sorted(namesOf(table));
  expect(oneIn).toBe(4);
  expect(read.length).toBeGreaterThan(0);
  expect(read.length).toBeLessThan(whole.length);
  expect(whole).toEqual(expect.arrayContaining(read));
  const large = await readBaskets(scope, wish, { entriesMax: 300, basketsMax: 500 });
  expect(large.oneIn).toBeGreaterThan(1);
  expect(large.table.members.length).toBeLessThanOrEqual(300);
  const wide = await readBaskets(scope, wish, { itemsMax: 5 });
  expect(wide.by).toBe("category");
  expect(sorted(namesOf(wide.table))).toEqual(sorted(expected({ days: 180, by: "category" })));
});

test("rules that somebody asks for are those of the pure statistics, over all orders or over a segment's", async () => {
  const asked = affinityWish.parse({ support: 0.02, confidence: 0.3, limit: 10_000 });
  const found = await affinityOf(world.env, context, asked);
  const pure = affinityRules(basketTable(expected(wish)), { support: 0.02, confidence: 0.3 });
  if (!found.ok || !pure.ok) throw new Error("The rules are few.");
  const keyOf = (rule: { antecedent: readonly string[]; consequent: string; count: number; lift: number }) =>
    `${[...rule.antecedent].sort().join("+")}>${rule.consequent} ${rule.count} ${rule.lift.toFixed(9)}`;
  expect(found.value.rules.map(keyOf).sort()).toEqual(pure.rules.map(keyOf).sort());
  expect(found.value.total).toBe(pure.rules.length);
  expect(found.value.byLength.reduce((sum, { rules }) => sum + rules, 0)).toBe(pure.rules.length);
  expect(found.value).toMatchObject({ baskets: expected(wish).length, segmentId: null, by: "sku", items: 11 });
  await world.owner.query(
    `insert into segments (tenant_id, segment_id, version, name, definition, at_checkout, state, created_at)
     values ($1, 'odd', 1, 'odd', '{"kind":"everyone"}', false, 'ready', now())`,
    [TENANT],
  );
  const members = ["mbr_1", "mbr_3", "mbr_5"];
  await world.owner.query(
    `insert into segment_members (tenant_id, segment_id, member_id, since, until, version)
     select $1, 'odd', id, now() - interval '1 day', case when id = 'mbr_7' then now() end, 1 from unnest($2::text[]) as id`,
    [TENANT, [...members, "mbr_7"]],
  );
  const some = await affinityOf(
    world.env,
    context,
    affinityWish.parse({ segmentId: "odd", by: "category", days: 100 }),
  );
  expect(some).toMatchObject({ ok: true, value: { baskets: expected({ days: 100, by: "category", members }).length } });
  const none = await affinityOf(world.env, context, affinityWish.parse({ segmentId: "even" }));
  expect(none).toEqual({ ok: false, refusal: { code: "segment_not_found", field: "segmentId" } });
});

test("a night replaces all rules at once, and a member is offered what goes with what was bought, with the reason", async () => {
  const scope = world.scope(TENANT);
  await refreshAffinity(scope);
  await refreshAffinity(scope);
  const { rows } = await world.owner.query(
    "select place, baskets, antecedent, consequent, lift, built_on::text from affinity_rules where tenant_id = $1 order by place",
    [TENANT],
  );
  expect(rows.length).toBeGreaterThan(5);
  expect(rows.map(({ place }) => place)).toEqual(rows.map((_, at) => at + 1));
  expect(rows.every(({ baskets, built_on }) => baskets === expected(wish).length && built_on === TODAY)).toBe(true);
  await makeMembers(world, TENANT, [
    { memberId: "mbr_tea" },
    { memberId: "mbr_old" },
    { memberId: "mbr_x", erased: true },
  ]);
  const tea = [{ sku: "tea", category: "drinks" }];
  await makeOrders(world, TENANT, [
    { memberId: "mbr_tea", orderId: "t", day: today, lines: tea },
    { memberId: "mbr_old", orderId: "t", day: today - 180, lines: tea },
  ]);
  const offers = await recommendFor(world.env, context, "mbr_tea", 3);
  if (!offers.ok) throw new Error(offers.refusal.code);
  const [first] = offers.value;
  expect(first).toMatchObject({ item: "milk", because: { antecedent: ["tea"], consequent: "milk" } });
  expect(first?.because.confidence).toBeGreaterThan(0.5);
  expect(first?.because.support).toBeCloseTo((first?.because.count ?? 0) / expected(wish).length, 12);
  expect(offers.value.every(({ because }) => because.lift > 1)).toBe(true);
  expect(await recommendFor(world.env, context, "mbr_old", 3)).toEqual({ ok: true, value: [] });
  expect(await recommendFor(world.env, context, "mbr_x", 3)).toEqual({ ok: false, refusal: { code: "member_erased" } });
  expect(await recommendFor(world.env, context, "mbr_none", 3)).toMatchObject({
    refusal: { code: "member_not_found" },
  });
});
