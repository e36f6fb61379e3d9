// The two transactions by which members at hand are worked out anew: their figures, then everything that follows from them.
import { type Database, withTenant } from "@regulars/schema/connection";
import { orderInForce } from "@regulars/domain/segment-order";
import type { BatchItem } from "drizzle-orm/batch";
import { sql } from "drizzle-orm";
import { autoTagStatements } from "./auto-tags.ts";
import { expectationsOf, storeExpectations, type Unexpected, unexpectedPairs } from "./expectations.ts";
import { figureStatement, inLocalTime } from "./figures.ts";
import { labelStatements } from "./labels.ts";
import { keepLease } from "./lease.ts";
import { membershipStatements, readMembershipChanges } from "./membership.ts";
import { repurchaseStatements } from "./repurchase-statements.ts";
import { modelsInForce, type RunScope } from "./run-scope.ts";
import { isStretch, isTouched, type Page, type Scene, sceneWith, touchMembers } from "./scene.ts";
import { scoreStatement } from "./scores.ts";
import { type SegmentRow, segmentsInForce } from "./segment-builds.ts";
import { rowsOfPass } from "./sweep.ts";

/** Half a megabyte of a statement. */
const PAIRS_PER_STATEMENT = 5000;

/** What is to be worked out; figures of the members at hand are always those of today before scores are. */
export interface TouchWish {
  readonly figures: boolean;
  /** False: only segments and what follows from them. */
  readonly scores: boolean;
  /** What members will need, and when. */
  readonly needs: boolean;
}

/** Works the members out as of today and stores all of it, or throws and has stored at most their figures. */
export async function touchPage(scope: RunScope, page: Page, wish: TouchWish): Promise<void> {
  if (wish.figures) await storeFigures(scope, page, { expecting: wish.scores });
  await storeScores(scope, page, wish);
}

/**
 * Figures alone: the first half, which one member's share of is the same however often it is done. `expecting`: sees to it as well that
 * nothing is missing of what the figures are expected to lead to, a handful a day once a model has been in force for a
 * while; a pass over scores alone does so for everybody.
 */
export async function storeFigures(scope: RunScope, page: Page, { expecting = false } = {}): Promise<void> {
  const { database, settings, models, hasMargins, hasTouches, token } = scope;
  const scene = sceneWith(scope.scene, page);
  if (models.cycle === undefined) throw new Error("no cycle is in force");
  const rules = { settings, cycle: models.cycle.document, hasMargins, hasTouches };
  const version = expecting ? expectingVersion(models) : null;
  const storing = [
    touchMembers(database, page),
    inLocalTime(database, scene),
    figureStatement(database, scene, rules),
  ] as const;
  const keep = keepLease(database, token);
  if (version === null) return void (await withTenant(database, scene.tenantId, [...storing, keep]));
  const pairs = unexpectedPairs(database, scene, { version, of: "touched" });
  const [, , , { rows }] = await withTenant(database, scene.tenantId, [...storing, pairs, keep]);
  await storePairs(scope, rows);
}

/** The same for everybody at once, before a pass scores them: then none of its pages has to look. */
export async function expectEverybody(scope: RunScope): Promise<void> {
  const { database, scene, models } = scope;
  const version = expectingVersion(models);
  if (version !== null) {
    const pairs = unexpectedPairs(database, scene, { version, of: "everybody" });
    const [{ rows }] = await withTenant(database, scene.tenantId, [pairs]);
    await storePairs(scope, rows);
  }
}

const expectingVersion = ({ orders }: RunScope["models"]) =>
  orders === undefined || orders.document.model === null ? null : orders.version;

async function storePairs(
  { database, scene, models, settings }: RunScope,
  pairs: readonly Unexpected[],
): Promise<void> {
  const { orders } = models;
  if (orders === undefined || orders.document.model === null) return;
  const { version, document } = orders;
  for (let from = 0; from < pairs.length; from += PAIRS_PER_STATEMENT) {
    const expectations = expectationsOf(document, pairs.slice(from, from + PAIRS_PER_STATEMENT), settings);
    await withTenant(database, scene.tenantId, [storeExpectations(database, scene, { version, expectations })]);
  }
}

async function storeScores(scope: RunScope, page: Page, wish: TouchWish): Promise<void> {
  const { database, settings, models, token, tally } = scope;
  const scene = sceneWith(scope.scene, page);
  const documents = modelsInForce(scope);
  if (documents === null) throw new Error("no models are in force");
  const rules = { settings, models: documents, ordersVersion: models.orders?.version ?? 0 };
  const scoring = wish.scores
    ? [
        scoreStatement(database, scene, rules),
        ...(wish.needs ? repurchaseStatements(database, scene, settings.repurchase) : []),
      ]
    : [];
  // A pass works on pages side by side, and counts when it is through.
  const memberships = membershipStatements(database, scene, segmentsNow(scope), { counts: scope.sweep.pass === null });
  const items: [BatchItem<"pg">, ...BatchItem<"pg">[]] = [
    touchMembers(database, page),
    ...scoring,
    ...memberships,
    ...autoTagStatements(database, scene, taggingOf(scope.segments)),
    ...labelling(scope, scene),
    // A pass does this for everybody when it is through.
    ...(scope.sweep.pass === null ? [flipsOfFutureOrders(database, scene, isTouched(sql`o.member_id`, scene))] : []),
    keepLease(database, token),
  ];
  const results = await withTenant(database, scene.tenantId, items);
  // Every item is an `execute`, whose result has rows.
  for (const { entered, left } of readMembershipChanges(results as { rows: object[] }[])) {
    tally.segmentsEntered += entered;
    tally.segmentsLeft += left;
  }
  if (wish.scores) tally.membersScored += isStretch(page) ? page.members : page.length;
}

/** Segments by which members are judged now, each after those that it names. */
function segmentsNow({ segments, sweep }: RunScope) {
  const applying = sweep.pass === "scores" || sweep.pass === "segments" ? rowsOfPass(sweep, segments) : [];
  const inForce = segmentsInForce(segments, new Set(applying.map(({ segmentId }) => segmentId)));
  return orderInForce(inForce);
}

/** Nothing is looked at where nobody's object is told anything, nor ever was. */
function labelling(scope: RunScope, scene: Scene) {
  const { database, segments, sweep } = scope;
  const tells = sweep.tellsInsights || segments.some(({ atCheckout, autoTag }) => atCheckout || autoTag !== null);
  if (!tells && !scope.hasPushes) return [];
  scope.hasPushes = true;
  return labelStatements(database, scene, { tellsInsights: sweep.tellsInsights });
}

const taggingOf = (segments: readonly SegmentRow[]) =>
  segments.flatMap(({ segmentId, autoTag, ended }) => (ended ? [] : [{ segmentId, autoTag }]));

/** An order that is placed in the future counts from its local day on: then its member is looked at again. */
export function flipsOfFutureOrders(database: Database, scene: Scene, condition = sql`true`) {
  const { tenantId, timeZone, today } = scene;
  const midnight = sql`((${today}::date + 1)::timestamp at time zone ${timeZone}::text)`;
  return database.execute(sql`
    insert into segment_flips as f (tenant_id, member_id, flips_at)
    select ${tenantId}::text, o.member_id,
      min((o.placed_at at time zone ${timeZone}::text)::date::timestamp at time zone ${timeZone}::text)
    from orders as o
    where o.tenant_id = ${tenantId}::text and ${condition} and o.state = 'paid' and o.undone is null
      and o.placed_at >= ${midnight}
    group by o.member_id
    on conflict (tenant_id, member_id) do update set flips_at = least(f.flips_at, excluded.flips_at)`);
}
