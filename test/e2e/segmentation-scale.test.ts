// What segmentation costs, by the rows that it reads: what has changed, not what exists. And a part done equals the whole done.
import pg from "pg";
import { afterAll, beforeAll, expect, test } from "vitest";
import { TENANT } from "../bench/segmentation/draw-rows.ts";
import { compareLabels } from "../bench/segmentation/exact-labels.ts";
import { fitLine } from "../bench/segmentation/line.ts";
import { addOrders } from "../bench/segmentation/new-orders.ts";
import { type Read, readsOf } from "../bench/segmentation/plan-reads.ts";
import { SAMPLE_COUNT, saveSampleSegments } from "../bench/segmentation/sample-segments.ts";
import { type ScaleDatabase, startScaleDatabase } from "../bench/segmentation/scale-database.ts";
import { type SeenStatement, watchStatements } from "../bench/segmentation/statement-watch.ts";
import {
  countDifferences,
  forget,
  keepCopies,
  nextMoment,
  refreshBins,
  WORKED_OUT,
  workUntilDone,
} from "../bench/segmentation/work.ts";
import { type SegmentationWorker, startWorker } from "../bench/segmentation/worker.ts";

const MEMBERS = 3000;
const ORDERS = 30_000;
const TODAY = "2026-06-30";
/** A member has ten orders in the mean, and is looked up a few times; whoever reads all of a tenant reads far more. */
const ROWS_PER_MEMBER_MAX = 40;

let database: ScaleDatabase;
/** Who the Worker connects as. */
let application: pg.Client;
let worker: SegmentationWorker;
/** What the Worker sent while it looked at some members who had bought, each text once. */
let statements: SeenStatement[];

beforeAll(async () => {
  const filling = { members: MEMBERS, orders: ORDERS, seed: 7, lines: true };
  database = await startScaleDatabase({ ...filling, keep: null }, () => {});
  // Statistics come when they come; a plan must be a good one before they do.
  for (const table of WORKED_OUT) await database.owner.query(`alter table ${table} set (autovacuum_enabled = false)`);
  application = new pg.Client({ connectionString: database.applicationUrl });
  await application.connect();
  await application.query("select set_config('app.tenant_id', $1, false)", [TENANT]);
  worker = await startWorker(database.applicationUrl);
  await workUntilDone(worker, { night: true });
  await saveSampleSegments(database.owner);
  await workUntilDone(worker);
}, 300_000);

afterAll(async () => {
  await worker?.stop();
  await application?.end();
  await database?.stop();
});

test("every member with an order has labels, the same as exact quintiles deal out up to ties", async () => {
  const { agreements, missing } = await compareLabels(application, TODAY);
  expect(missing).toBe(0);
  expect(agreements[0]?.members).toBeGreaterThan(0.85 * MEMBERS);
  for (const { axis, upToTies } of agreements) expect([axis, upToTies >= 0.98]).toEqual([axis, true]);
});

test("what is worked out for members who bought equals what a full build works out", async () => {
  const seen = new Map<string, SeenStatement>();
  for (const [round, share] of [0.01, 0.05].entries()) {
    const members = await addOrders(database.owner, { share, round: `test-${round}`, placedAt: nextMoment() });
    expect(members).toBeGreaterThan(0);
    const stop = watchStatements((statement) => seen.set(statement.text, statement));
    const { membersScored } = await workUntilDone(worker).finally(stop);
    expect(membersScored).toBeGreaterThanOrEqual(members);
    expect(membersScored).toBeLessThan(0.2 * MEMBERS);
  }
  statements = [...seen.values()];
  await refreshBins(database.owner, worker);
  await keepCopies(database.owner);
  await forget(database.owner);
  await workUntilDone(worker, { rebuild: true });
  expect(await countDifferences(database.owner)).toEqual({ member_figures: 0, member_scores: 0, segment_members: 0 });
  const { rows } = await database.owner.query(
    "select count(distinct segment_id)::int as segments from segment_members where tenant_id = $1",
    [TENANT],
  );
  expect(rows).toEqual([{ segments: SAMPLE_COUNT }]);
});

test("figures are read from an index of the member's own orders, without a row of the table", async () => {
  const figures = statements.filter(({ text }) => text.includes("insert into member_figures"));
  expect(figures).toHaveLength(1);
  const plan = await explain(figures, await someMembers(30));
  expect(JSON.stringify(plan)).toContain('"Node Type":"Index Only Scan"');
  const nodes = JSON.stringify(plan).match(/"Index Name":"orders_by_member"|"Relation Name":"orders"/g) ?? [];
  expect(nodes.toSorted()).toEqual(['"Index Name":"orders_by_member"', '"Relation Name":"orders"']);
});

test("a run reads rows of the members that have changed, and hardly any of others", async () => {
  const count = 10;
  const wanted = statements.filter(isOfTouched);
  const plans = await explain(wanted, await someMembers(count));
  const tooMany = plans.flatMap((plan, place) =>
    readsOfMembers(plan)
      .filter(({ rows }) => rows > count * ROWS_PER_MEMBER_MAX)
      .map((read) => ({ ...read, text: wanted[place]?.text.replaceAll(/\s+/g, " ").slice(0, 80) })),
  );
  expect(tooMany).toEqual([]);
});

test("the rows that a run reads grow in a line with the members that have changed", async () => {
  const points: { x: number; y: number }[] = [];
  for (const x of [10, 30, 100, 300, 1000]) {
    const plans = await explain(statements.filter(isOfTouched), await someMembers(x));
    points.push({ x, y: plans.flatMap(readsOfMembers).reduce((sum, { rows }) => sum + rows, 0) });
  }
  const { slope, intercept, rSquared } = fitLine(points);
  expect(rSquared, JSON.stringify(points)).toBeGreaterThan(0.99);
  // What a run reads whoever has changed is less than what a hundredth of all members costs.
  expect(Math.abs(intercept), JSON.stringify(points)).toBeLessThan(slope * 0.01 * MEMBERS);
});

/** Rules and models are as many as a tenant has of them, however many its members are. */
const OF_THE_TENANT = ["order_expectations", "repurchase_cycles", "product_margins", "segments", "insight_states"];

const readsOfMembers = (plan: unknown): Read[] => readsOf(plan).filter(({ of }) => !OF_THE_TENANT.includes(of));

/** Statements about the members of the transaction. */
const isOfTouched = ({ text }: SeenStatement) => text.includes("touched_members()");

/** Spread over all of them. */
async function someMembers(count: number): Promise<string[]> {
  const { rows } = await database.owner.query<{ member_id: string }>(
    `select member_id from members where tenant_id = $1 order by md5(member_id) limit $2`,
    [TENANT, count],
  );
  return rows.map(({ member_id: id }) => id);
}

/** Plans of the statements about these members, executed with the settings of the Worker's transactions; nothing stays. */
async function explain(wanted: readonly SeenStatement[], memberIds: readonly string[]): Promise<unknown[]> {
  const settings = statements.filter(({ text }) => /^\s*select set_config\('(app\.touched|timezone)'/.test(text));
  expect(settings.map(({ text }) => text.includes("app.touched")).toSorted()).toEqual([false, true]);
  await application.query("begin");
  try {
    for (const { text, values } of settings) {
      const [, ...others] = values;
      await application.query(
        text,
        text.includes("app.touched") ? [JSON.stringify(memberIds), ...others] : [...values],
      );
    }
    const plans: unknown[] = [];
    for (const { text, values } of wanted) {
      const options = "analyze, buffers off, timing off, format json";
      const { rows } = await application.query<{ "QUERY PLAN": unknown }>(`explain (${options}) ${text}`, [...values]);
      plans.push(rows[0]?.["QUERY PLAN"]);
    }
    return plans;
  } finally {
    await application.query("rollback");
  }
}
