// How long products last, fitted at night on a real PostgreSQL, and what is announced of it: each supply once.
import { dayNumber, dayText } from "@regulars/insights/days";
import { categoryCycle, type Supply } from "@regulars/insights/repurchase";
import { seededRandom } from "@regulars/insights/seeded-random";
import { afterAll, beforeAll, expect, test } from "vitest";
import { announceDue } from "../../workers/segmentation/src/repurchase-due.ts";
import { fitRepurchaseCycles } from "../../workers/segmentation/src/repurchase-fit.ts";
import { repurchaseStatements } from "../../workers/segmentation/src/repurchase-statements.ts";
import {
  type MadeOrder,
  makeFigures,
  makeMembers,
  makeOrders,
  makeTenant,
  type NightWorld,
  NOW,
  runTouching,
  startNightWorld,
  TODAY,
} from "./nightly-world.ts";

const today = dayNumber(TODAY);
const DAY_MILLISECONDS = 86_400_000;
let world: NightWorld;

beforeAll(async () => {
  world = await startNightWorld();
});
afterAll(() => world?.stop());

/** How often members come back for each, on average; nobody comes back for the book. */
const skus = {
  rice: { category: "food", days: 40 },
  milk: { category: "food", days: 6 },
  soap: { category: "home", days: 60 },
};

/** Buyers with habits of their own; the first ten buy soap, too few for a cycle. */
function habits(members: number, speed = 1): MadeOrder[] {
  const random = seededRandom(members);
  return Array.from({ length: members }, (_, at) => at).flatMap((at) => {
    const memberId = `mbr_${String(at).padStart(3, "0")}`;
    return Object.entries(skus).flatMap(([sku, { category, days }]) => {
      if (sku === "soap" && at >= 10) return [];
      const own = days * speed * (0.5 + random());
      const orders: MadeOrder[] = [];
      for (let day = today - 1 - Math.floor(random() * 10), times = 0; times < 2 + random() * 6; times += 1) {
        const quantity = 1 + Math.floor(random() * 3);
        const lines = [{ sku, category, quantity }];
        if (times === 0) lines.push({ sku: "book", category: "paper", quantity: 1 });
        orders.push({ memberId, orderId: `${memberId}-${sku}-${times}`, day, lines });
        day -= 1 + Math.floor(own * (0.5 + random()));
      }
      return orders;
    });
  });
}

async function makeBuyers(tenantId: string, orders: readonly MadeOrder[]): Promise<void> {
  await makeTenant(world, tenantId);
  const ids = [...new Set(orders.map(({ memberId }) => memberId))];
  await makeMembers(
    world,
    tenantId,
    ids.map((memberId) => ({ memberId })),
  );
  await makeOrders(world, tenantId, orders);
  await makeFigures(world, tenantId);
  await world.owner.query("delete from member_changes where tenant_id = $1", [tenantId]);
}

const rowsOf = async (tenantId: string, text: string) => (await world.owner.query(text, [tenantId])).rows;
const cyclesOf = (tenantId: string) =>
  rowsOf(tenantId, "select *, fitted_on::text as day from repurchase_cycles where tenant_id = $1 order by kind, ref");
const marksOf = async (tenantId: string) =>
  (await rowsOf(tenantId, "select distinct member_id from member_changes where tenant_id = $1 order by 1")).map(
    ({ member_id }) => String(member_id),
  );

function expectedCycle(
  orders: readonly MadeOrder[],
  matches: (line: { sku: string; category?: string | null }) => boolean,
) {
  const byMember = new Map<string, Supply[]>();
  for (const { memberId, day, lines = [] } of orders) {
    for (const line of lines.filter(matches)) {
      byMember.set(memberId, [...(byMember.get(memberId) ?? []), { day: Number(day), quantity: line.quantity ?? 1 }]);
    }
  }
  return categoryCycle(byMember.values());
}

test("cycles are those of the pure statistics over all buyers, for products and categories with enough of them", async () => {
  const orders = habits(60);
  await makeBuyers("ten_fit", orders);
  await fitRepurchaseCycles(world.scope("ten_fit"));
  const stored = await cyclesOf("ten_fit");
  expect(stored.map(({ kind, ref }) => `${kind}:${ref}`)).toEqual([
    "category:food",
    "category:paper",
    "sku:book",
    "sku:milk",
    "sku:rice",
  ]);
  for (const { kind, ref, ...row } of stored) {
    const usual = expectedCycle(orders, (line) => (kind === "sku" ? line.sku : line.category) === ref);
    expect(row.members).toBe(usual?.members);
    expect(row.gaps).toBe(usual?.gaps);
    expect(Math.abs(row.median_days / (usual?.medianDays ?? 0) - 1)).toBeLessThan(1e-9);
    expect(Math.abs(row.within_variance / (usual?.withinVariance ?? 0) - 1)).toBeLessThan(1e-9);
    expect(Math.abs(row.credibility_gaps / (usual?.credibilityGaps ?? 0) - 1)).toBeLessThan(1e-9);
  }
});

test("a night after which nothing has moved stores nothing and marks nobody", async () => {
  const orders = habits(60);
  await makeBuyers("ten_calm", orders);
  await fitRepurchaseCycles(world.scope("ten_calm"));
  expect(await marksOf("ten_calm")).toHaveLength(60);
  await rowsOf("ten_calm", "delete from member_changes where tenant_id = $1");
  await fitRepurchaseCycles(world.scope("ten_calm", { now: NOW + DAY_MILLISECONDS }));
  expect(await marksOf("ten_calm")).toEqual([]);
  expect((await cyclesOf("ten_calm")).every(({ day }) => day === TODAY)).toBe(true);
});

test("when buyers change their habits, the cycles that moved are stored, and their buyers alone are marked", async () => {
  const orders = habits(60);
  await makeBuyers("ten_moves", orders);
  const scope = world.scope("ten_moves");
  await fitRepurchaseCycles(scope);
  await rowsOf("ten_moves", "delete from member_changes where tenant_id = $1");
  await rowsOf("ten_moves", "update order_lines set sku = 'oats' where tenant_id = $1 and sku = 'milk'");
  await makeMembers(world, "ten_moves", [{ memberId: "mbr_soap" }]);
  const soaps = [10, 20].map((ago) => {
    return { memberId: "mbr_soap", orderId: `s${ago}`, day: today - ago, lines: [{ sku: "soap", category: "home" }] };
  });
  await makeOrders(world, "ten_moves", soaps);
  await makeFigures(world, "ten_moves");
  await rowsOf("ten_moves", "delete from member_changes where tenant_id = $1");
  await fitRepurchaseCycles(scope);
  expect((await cyclesOf("ten_moves")).map(({ ref }) => ref)).toEqual(["food", "paper", "book", "oats", "rice"]);
  const marks = await marksOf("ten_moves");
  expect(marks).toHaveLength(60);
  expect(marks).not.toContain("mbr_soap");
});

test("a night that has lost the tenant to another run stores no cycle", async () => {
  await makeBuyers("ten_lost", habits(40));
  await rowsOf("ten_lost", "update insight_states set lease_token = 'another' where tenant_id = $1");
  await expect(fitRepurchaseCycles(world.scope("ten_lost"))).rejects.toMatchObject({ message: "lease_lost" });
  expect([await cyclesOf("ten_lost"), await marksOf("ten_lost")]).toEqual([[], []]);
});

test("of a tenant with too many buyers a sample is read, the same one each night", async () => {
  const orders = habits(300);
  await makeBuyers("ten_large", orders);
  const scope = world.scope("ten_large");
  await fitRepurchaseCycles(scope, 200);
  const [food] = await cyclesOf("ten_large");
  const all = expectedCycle(orders, ({ category }) => category === "food");
  expect(food.members).toBeGreaterThan(100);
  expect(food.members).toBeLessThan(200);
  expect(Math.abs(Math.log(food.median_days / (all?.medianDays ?? 0)))).toBeLessThan(0.15);
  await rowsOf("ten_large", "delete from member_changes where tenant_id = $1");
  await fitRepurchaseCycles(scope, 200);
  expect(await marksOf("ten_large")).toEqual([]);
});

test("the end of a supply is announced once, some days ahead, and again for the next supply", async () => {
  const tenantId = "ten_due";
  const bought = (memberId: string, ago: number): MadeOrder => {
    return { memberId, orderId: `${memberId}-${ago}`, day: today - ago, lines: [{ sku: "tea", category: "drinks" }] };
  };
  const agos = { mbr_early: 26, mbr_on_time: 27, mbr_late: 44, mbr_past: 45, mbr_gone: 30 };
  const orders = Object.entries(agos).map(([memberId, ago]) => bought(memberId, ago));
  await makeBuyers(tenantId, orders);
  await world.owner.query("insert into repurchase_cycles values ($1, 'sku', 'tea', 30, 0.25, 2, 50, 90, $2)", [
    tenantId,
    TODAY,
  ]);
  const scope = world.scope(tenantId);
  const ids = Object.keys(agos);
  const foretell = () =>
    runTouching(scope, ids, repurchaseStatements(world.database, scope.scene, scope.settings.repurchase));
  await foretell();
  await rowsOf(tenantId, "update members set erased_at = now() where tenant_id = $1 and member_id = 'mbr_gone'");
  const events = () =>
    rowsOf(
      tenantId,
      "select event_id, kind, member_id, facts, at, sent_at from insight_events where tenant_id = $1 order by 1",
    );
  await announceDue(scope);
  const first = await events();
  expect(first.map(({ member_id }) => member_id)).toEqual(["mbr_late", "mbr_on_time"]);
  const facts = { product: "sku", ref: "tea", lastDay: dayText(today - 27), dueOn: dayText(today + 3) };
  expect(first[1]).toMatchObject({ kind: "member.repurchase_due", facts, at: new Date(NOW), sent_at: null });
  expect(first[1]?.facts.windowFrom < facts.dueOn && first[1]?.facts.windowUntil > facts.dueOn).toBe(true);
  await foretell();
  await announceDue(scope);
  expect(await events()).toEqual(first);
  await makeOrders(world, tenantId, [bought("mbr_on_time", 0)]);
  const later = world.scope(tenantId, { now: NOW + 27 * DAY_MILLISECONDS });
  await runTouching(later, ids, repurchaseStatements(world.database, later.scene, later.settings.repurchase));
  await announceDue(later);
  expect((await events()).filter(({ member_id }) => member_id === "mbr_on_time")).toHaveLength(2);
});
