// What members will need again, worked out on a real PostgreSQL: equal to the pure statistics for any history.
import { dayNumber, dayText } from "@regulars/insights/days";
import type { UsualCycle } from "@regulars/insights/buying-cycle";
import { foretellRepurchase, type Supply } from "@regulars/insights/repurchase";
import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { repurchaseStatements } from "../../workers/segmentation/src/repurchase-statements.ts";
import {
  type MadeOrder,
  makeMembers,
  makeOrders,
  makeTenant,
  type NightWorld,
  runTouching,
  startNightWorld,
  TODAY,
} from "./nightly-world.ts";

const TENANT = "ten_needs";
const today = dayNumber(TODAY);
let world: NightWorld;

beforeAll(async () => {
  world = await startNightWorld();
  await makeTenant(world, TENANT);
});
afterAll(() => world?.stop());

const cycles: Readonly<Record<string, UsualCycle>> = {
  "sku:coffee": { medianDays: 21.5, withinVariance: 0.3, credibilityGaps: 1.7, members: 40, gaps: 90 },
  "category:drinks": { medianDays: 14, withinVariance: 0.5, credibilityGaps: 3, members: 90, gaps: 300 },
  "category:pets": { medianDays: 30, withinVariance: 0.0025, credibilityGaps: 1000, members: 31, gaps: 31 },
};
const categoryOf: Readonly<Record<string, string | null>> = {
  coffee: "drinks",
  tea: "drinks",
  food: "pets",
  book: "paper",
  bag: null,
};

async function storeCycles(): Promise<void> {
  await world.owner.query("delete from repurchase_cycles where tenant_id = $1", [TENANT]);
  for (const [name, cycle] of Object.entries(cycles)) {
    const { medianDays, withinVariance, credibilityGaps, members, gaps } = cycle;
    await world.owner.query("insert into repurchase_cycles values ($1, $2, $3, $4, $5, $6, $7, $8, $9)", [
      TENANT,
      ...name.split(":"),
      medianDays,
      withinVariance,
      credibilityGaps,
      members,
      gaps,
      TODAY,
    ]);
  }
}

const rowsOf = async (text: string, values: readonly unknown[] = []) =>
  (await world.owner.query(text, [TENANT, ...values])).rows;

const stored = () =>
  rowsOf(
    `select member_id, kind, ref, last_day::text, quantity, gaps, cycle_days, due_on::text, window_from::text,
       window_until::text, churn_from::text
     from repurchases where tenant_id = $1 order by 1, 2, 3`,
  );

const settings = { leadDays: 3, quantityPower: 1, churnTimes: 2 };

async function compute(memberIds: readonly string[], use = settings): Promise<void> {
  const scope = world.scope(TENANT);
  await runTouching(scope, memberIds, repurchaseStatements(world.database, scope.scene, use));
}

/** What the rows should be, from the pure statistics. */
function foretold(orders: readonly MadeOrder[], use: typeof settings) {
  const supplies = new Map<string, Supply[]>();
  for (const { memberId, day, payable = 1000, refunded = 0, state = "paid", undone = null, lines = [] } of orders) {
    if (state !== "paid" || undone !== null || (refunded >= payable && payable > 0)) continue;
    for (const { sku, quantity = 1, returned = 0 } of lines) {
      for (const name of [`sku:${sku}`, `category:${categoryOf[sku]}`]) {
        const key = `${memberId}:${name}`;
        supplies.set(key, [...(supplies.get(key) ?? []), { day: Number(day), quantity: quantity - returned }]);
      }
    }
  }
  return [...supplies].flatMap(([key, own]) => {
    const [memberId = "", kind = "", ref = ""] = key.split(":");
    const exact = cycles[`${kind}:${ref}`];
    const usual = exact ?? (kind === "sku" ? cycles[`category:${categoryOf[ref]}`] : undefined);
    if (usual === undefined) return [];
    const found = foretellRepurchase(own, usual, { asOf: today, ...use });
    if (found === null || (exact === undefined && found.cycle.gaps === 0)) return [];
    const units = own.filter(({ day }) => day === found.lastDay).reduce((sum, { quantity }) => sum + quantity, 0);
    const days = [found.dueDay, found.windowFrom, found.windowUntil, found.churn.warnsFrom].map(dayText);
    const numbers = { quantity: units, gaps: found.cycle.gaps, cycleDays: found.cycle.days };
    return [{ memberId, kind, ref, lastDay: dayText(found.lastDay), ...numbers, days }];
  });
}

const line = fc.record({
  sku: fc.constantFrom("coffee", "tea", "food", "book", "bag"),
  quantity: fc.integer({ min: 1, max: 5 }),
  gone: fc.integer({ min: 0, max: 8 }),
});
const order = fc.record({
  member: fc.constantFrom("mbr_a", "mbr_b"),
  day: fc.integer({ min: today - 400, max: today + 5 }),
  fate: fc.constantFrom("kept", "kept", "kept", "kept", "refunded", "undone", "reserved", "free"),
  lines: fc.array(line, { minLength: 1, maxLength: 4 }),
});
const fates: Readonly<Record<string, Partial<MadeOrder>>> = {
  refunded: { payable: 500, refunded: 500 },
  undone: { undone: "taken" },
  reserved: { state: "authorized" },
  free: { payable: 0 },
};

test("rows of any history are those of the pure statistics, whatever supplies were returned, undone, or lie ahead", async () => {
  await storeCycles();
  await makeMembers(world, TENANT, [{ memberId: "mbr_a" }, { memberId: "mbr_b" }]);
  const powers = fc.constantFrom(1, 1, 0.5, 0);
  const property = fc.asyncProperty(fc.array(order, { maxLength: 25 }), powers, async (made, quantityPower) => {
    const orders = made.map(({ member: memberId, day, fate, lines }, at): MadeOrder => {
      const kept = lines.map(({ sku, quantity, gone }) => {
        return {
          sku,
          category: categoryOf[sku] ?? null,
          quantity,
          returned: Math.max(0, Math.min(quantity, gone - 4)),
        };
      });
      return { memberId, orderId: `o${at}`, day, lines: kept, ...fates[fate] };
    });
    await rowsOf("delete from orders where tenant_id = $1");
    await rowsOf("delete from order_lines where tenant_id = $1");
    await makeOrders(world, TENANT, orders);
    const use = { ...settings, quantityPower };
    await compute(["mbr_a", "mbr_b"], use);
    const expected = foretold(orders, use)
      .map(({ memberId, kind, ref, lastDay, quantity, gaps, cycleDays, days }) => ({
        member_id: memberId,
        kind,
        ref,
        last_day: lastDay,
        quantity,
        gaps,
        cycle_days: expect.closeTo(cycleDays, 8),
        due_on: days[0],
        window_from: days[1],
        window_until: days[2],
        churn_from: days[3],
      }))
      .sort((one, other) => (keyOf(one) < keyOf(other) ? -1 : 1));
    expect(await stored()).toEqual(expected);
  });
  await fc.assert(property, { numRuns: 150 });
});

const keyOf = (row: { member_id: string; kind: string; ref: string }) => [row.member_id, row.kind, row.ref].join(" ");

test("what was announced stays announced when a member is looked at again", async () => {
  await storeCycles();
  await makeMembers(world, TENANT, [{ memberId: "mbr_c" }]);
  const buy = (orderId: string, day: string) =>
    makeOrders(world, TENANT, [{ memberId: "mbr_c", orderId, day, lines: [{ sku: "coffee", category: "drinks" }] }]);
  await buy("c1", "2026-10-01");
  await compute(["mbr_c"]);
  await rowsOf("update repurchases set announced_for = last_day where tenant_id = $1 and member_id = 'mbr_c'");
  await buy("c2", "2026-11-01");
  await compute(["mbr_c"]);
  const rows = await rowsOf(
    "select kind, last_day::text, announced_for::text, gaps from repurchases where tenant_id = $1 and member_id = 'mbr_c' order by 1",
  );
  expect(rows).toEqual([
    { kind: "category", last_day: "2026-11-01", announced_for: "2026-10-01", gaps: 1 },
    { kind: "sku", last_day: "2026-11-01", announced_for: "2026-10-01", gaps: 1 },
  ]);
});

test("an erased member needs nothing again, and nobody else's rows are touched", async () => {
  await storeCycles();
  const lines = [{ sku: "coffee", category: "drinks" }];
  const members = ["mbr_d", "mbr_e"];
  await makeMembers(
    world,
    TENANT,
    members.map((memberId) => ({ memberId })),
  );
  await makeOrders(
    world,
    TENANT,
    members.map((memberId) => ({ memberId, orderId: memberId, day: "2026-11-01", lines })),
  );
  await compute(members);
  await rowsOf("update members set erased_at = now() where tenant_id = $1 and member_id = 'mbr_d'");
  await compute(["mbr_d"]);
  const left = await rowsOf(
    "select member_id, count(*)::int from repurchases where tenant_id = $1 and member_id = any($2) group by 1",
    [members],
  );
  expect(left).toEqual([{ member_id: "mbr_e", count: 2 }]);
});

test("a till that types a million units foresees a day of this century or the next, and a run goes on", async () => {
  await storeCycles();
  await makeMembers(world, TENANT, [{ memberId: "mbr_f" }]);
  const lines = [{ sku: "coffee", category: "drinks", quantity: 1_000_000 }];
  await makeOrders(world, TENANT, [{ memberId: "mbr_f", orderId: "f", day: "2026-11-01", lines }]);
  await compute(["mbr_f"]);
  const rows = await rowsOf("select due_on::text from repurchases where tenant_id = $1 and member_id = 'mbr_f'");
  expect(rows).toEqual([{ due_on: "2126-10-08" }, { due_on: "2126-10-08" }]);
});
