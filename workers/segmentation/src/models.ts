// The models in force of a tenant: cuts, cycle, buying and spending, with versions that never change once written.
import type { UsualCycle } from "@regulars/insights/buying-cycle";
import type { FitRefusal, HoldoutCheck, Shortage } from "@regulars/insights/fit-orders";
import type { BandLimits } from "@regulars/insights/value";
import { type Database, withTenant } from "@regulars/schema/connection";
import { insightModels } from "@regulars/schema/insights";
import { sql } from "drizzle-orm";
import { keepLease } from "./lease.ts";
import type { Scene } from "./scene.ts";

/** Where the bins of RFM and the bands begin; bins of an axis are one more than its cuts. Engagement as stored (figures.ts). */
export interface Cuts {
  readonly recencyDays: readonly number[];
  readonly orders: readonly number[];
  readonly amount: readonly number[];
  readonly engagement: readonly number[];
  readonly bands: BandLimits | null;
  readonly profitBands: BandLimits | null;
}

/** BG/NBD or MBG/NBD, time in weeks; or why there is none. */
export type OrdersModel =
  | {
      readonly model: "BG/NBD" | "MBG/NBD";
      readonly parameters: { readonly r: number; readonly alpha: number; readonly a: number; readonly b: number };
      readonly logLikelihood: number;
      readonly members: number;
      readonly loose: readonly string[];
      readonly holdout: HoldoutCheck | null;
    }
  | { readonly model: null; readonly refusal: FitRefusal["kind"]; readonly missing: readonly Shortage[] };

/** Gamma-Gamma, v in minor units; or why there is none. `correlation` beyond ±0.3 says that orders and spending go together. */
export type SpendingModel =
  | {
      readonly model: "Gamma-Gamma";
      readonly parameters: { readonly p: number; readonly q: number; readonly v: number };
      readonly logLikelihood: number;
      readonly members: number;
      readonly correlation: number;
    }
  | {
      readonly model: null;
      readonly refusal: string;
      readonly missing: readonly { readonly what: string; readonly have: number; readonly need: number }[];
    };

export interface ModelDocuments {
  readonly cuts: Cuts;
  readonly cycle: UsualCycle;
  readonly orders: OrdersModel;
  readonly spending: SpendingModel;
}

export type Models = { readonly [Kind in keyof ModelDocuments]?: InForce<Kind> };

interface InForce<Kind extends keyof ModelDocuments> {
  readonly version: number;
  readonly document: ModelDocuments[Kind];
}

/** The newest version of each kind. */
export async function readModels(database: Database, { tenantId }: Scene): Promise<Models> {
  const newest = database
    .selectDistinctOn([insightModels.kind])
    .from(insightModels)
    .where(sql`tenant_id = ${tenantId}`)
    .orderBy(insightModels.kind, sql`version desc`);
  const [rows] = await withTenant(database, tenantId, [newest]);
  // `writeModel` alone writes these rows, each kind with its own document.
  return Object.fromEntries(rows.map(({ kind, version, document }) => [kind, { version, document }])) as Models;
}

/** Brings a new version into force. */
export async function writeModel<Kind extends keyof ModelDocuments>(
  database: Database,
  scene: Scene,
  write: { readonly token: string; readonly kind: Kind; readonly document: ModelDocuments[Kind] },
): Promise<void> {
  const { tenantId, today, now } = scene;
  const { kind, document, token } = write;
  await withTenant(database, tenantId, [
    database.execute(sql`
      insert into insight_models (tenant_id, kind, version, document, fitted_on, fitted_at)
      select ${tenantId}::text, ${kind}::text, coalesce(max(version), 0) + 1, ${JSON.stringify(document)}::jsonb,
        ${today}::date, ${new Date(now).toISOString()}::timestamptz
      from insight_models where tenant_id = ${tenantId}::text and kind = ${kind}::text`),
    keepLease(database, token),
  ]);
}

/** Whether two documents say the same: PostgreSQL gives fields back in an order of its own. */
export function saysTheSame(one: unknown, other: unknown): boolean {
  return JSON.stringify(inOrder(one)) === JSON.stringify(inOrder(other));
}

function inOrder(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(inOrder);
  if (typeof value !== "object" || value === null) return value;
  const fields = Object.entries(value).toSorted(([one], [other]) => (one < other ? -1 : 1));
  return fields.map(([name, field]) => [name, inOrder(field)]);
}
