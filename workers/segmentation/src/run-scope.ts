// What a run of one tenant works with: its rules and models as they stand, its lease, its time, and what it has done so far.
import { type InsightSettings, readInsightSettings } from "@regulars/contracts/insights-settings";
import { type Database, withTenant } from "@regulars/schema/connection";
import { insightStates, messageHistory } from "@regulars/schema/insights";
import { activities } from "@regulars/schema/loyalty";
import { productMargins } from "@regulars/schema/trade";
import { labelPushes } from "@regulars/schema/segments";
import { programs, tenants } from "@regulars/schema/tenants";
import { sql } from "drizzle-orm";
import { moneyUnitOf } from "./cuts.ts";
import type { InsightState } from "./lease.ts";
import { type Cuts, type ModelDocuments, type Models, readModels } from "./models.ts";
import type { Scene, Stretch } from "./scene.ts";
import { type SegmentRow, segmentRows } from "./segment-builds.ts";
import { readSweep, type Sweep } from "./sweep.ts";

export interface RunScope {
  readonly env: Env;
  readonly database: Database;
  readonly scene: Scene;
  readonly token: string;
  /** Unix ms: nothing long begins after it. */
  readonly until: number;
  /** Whether a condition of a published program names stage, band or churn risk. */
  readonly usesInsights: boolean;
  readonly moneyUnit: number;
  /** These follow what the run itself writes, and what the console has written when a pass begins. */
  settings: InsightSettings;
  hasMargins: boolean;
  /** Whether any member has done anything beside buying. */
  hasTouches: boolean;
  /** Whether any object was ever told anything: then what it carries has to be looked at. */
  hasPushes: boolean;
  /** The stretches of a pass that follow a cursor, read while those before were worked on. */
  ahead: { readonly cursor: string; readonly stretches: readonly Stretch[] } | null;
  models: Models;
  segments: readonly SegmentRow[];
  sweep: Sweep;
  dayDone: string | null;
  nightDone: string | null;
  night: NightProgress | null;
  readonly tally: { membersChanged: number; membersScored: number; segmentsEntered: number; segmentsLeft: number };
}

export interface NightProgress {
  readonly day: string;
  readonly done: readonly string[];
}

/** Conditions are texts of the document; a name that stands in a text of another kind costs a few calls, nothing else. */
const namesInsights = sql`${programs.document}::text ~ 'member\\.(stage|band|churnRisk)'`;

/** No bins and no bands: everybody is in the first. In force until somebody has bought. */
export const NO_CUTS: Cuts = {
  recencyDays: [],
  orders: [],
  amount: [],
  engagement: [],
  bands: null,
  profitBands: null,
};

export async function openScope(
  base: Pick<RunScope, "env" | "database" | "scene" | "token" | "until">,
  state: InsightState,
): Promise<RunScope> {
  const { database, scene } = base;
  const [models, [[tenant], [uses], pushes]] = await Promise.all([
    readModels(database, scene),
    withTenant(database, scene.tenantId, [
      database.select({ currency: tenants.currency }).from(tenants),
      database.select({ version: programs.version }).from(programs).where(namesInsights).limit(1),
      database.select({ wanted: labelPushes.wanted }).from(labelPushes).limit(1),
    ]),
  ]);
  const scope: RunScope = {
    ...base,
    settings: readInsightSettings(state.settings),
    hasMargins: false,
    hasTouches: false,
    hasPushes: pushes.length > 0,
    ahead: null,
    usesInsights: uses !== undefined,
    moneyUnit: moneyUnitOf(tenant?.currency ?? "TWD"),
    models,
    segments: [],
    sweep: readSweep(state.sweep),
    dayDone: state.dayDone,
    nightDone: state.nightDone,
    // This Worker alone writes it.
    night: state.night as NightProgress | null,
    tally: { membersChanged: 0, membersScored: 0, segmentsEntered: 0, segmentsLeft: 0 },
  };
  await reloadRules(scope);
  return scope;
}

/** Reads again what the run's own transactions have changed, and what others may have changed meanwhile. */
export async function reloadRules(scope: RunScope): Promise<void> {
  const { database, scene } = scope;
  const [[state], margins, done, messages, { rows }] = await withTenant(database, scene.tenantId, [
    database.select({ settings: insightStates.settings, dayDone: insightStates.dayDone }).from(insightStates),
    database.select({ sku: productMargins.sku }).from(productMargins).limit(1),
    database.select({ type: activities.type }).from(activities).limit(1),
    database.select({ channel: messageHistory.channel }).from(messageHistory).limit(1),
    segmentRows(database, scene.tenantId),
  ]);
  scope.settings = readInsightSettings(state?.settings);
  scope.dayDone = state?.dayDone ?? null;
  scope.hasMargins = margins.length > 0;
  scope.hasTouches = done.length + messages.length > 0;
  scope.segments = rows.map(({ row }) => row);
}

/** The models by which members are scored; null before the first sweep has summed everybody up. */
export function modelsInForce({ models }: RunScope): ModelDocuments | null {
  const { cuts, cycle, orders, spending } = models;
  if (cuts === undefined || cycle === undefined) return null;
  const unfitted = { model: null, refusal: "too_little_data", missing: [] } as const;
  return {
    cuts: cuts.document,
    cycle: cycle.document,
    orders: orders?.document ?? unfitted,
    spending: spending?.document ?? unfitted,
  };
}

export const isOver = ({ until }: RunScope) => Date.now() >= until;
