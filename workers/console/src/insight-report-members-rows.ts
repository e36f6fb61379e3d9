// Reads how members score from PostgreSQL: counts by score, by stage and by label, as of now and of any day before.
import type { Database } from "@regulars/schema/connection";
import { type SQL, sql } from "drizzle-orm";
import type { TenantRow } from "./call.ts";
import { readWidely } from "./insight-report-read.ts";

/** Members with the same scores. */
export interface ScoreCell {
  readonly recency: number;
  readonly frequency: number;
  readonly monetary: number;
  readonly rfmSegment: string;
  readonly rfmGroup: string;
  readonly members: number;
  readonly spend: number;
}

export interface StoredModel {
  readonly kind: string;
  readonly version: number;
  readonly fittedOn: string;
  readonly document: Readonly<Record<string, unknown>>;
}

/** Ten bins by axis make a thousand; names follow from them. */
const CELLS_MAX = 5000;

export const population = ({ tenantId }: TenantRow) =>
  sql`members as m where m.tenant_id = ${tenantId} and m.is_person`;

/** The highest version of each kind. */
export function modelsQuery(database: Database, { tenantId }: TenantRow) {
  return database.execute<{ kind: string; version: number; fitted_on: string; document: Record<string, unknown> }>(sql`
    select distinct on (kind) kind, version, fitted_on::text, document from insight_models
    where tenant_id = ${tenantId} order by kind, version desc`);
}

export const storedModels = (rows: Awaited<ReturnType<typeof modelsQuery>>["rows"]): StoredModel[] =>
  rows.map(({ fitted_on: fittedOn, ...model }) => ({ ...model, fittedOn }));

export async function readScoreCells(database: Database, tenant: TenantRow) {
  const { tenantId } = tenant;
  const [cells, ends, people, models] = await readWidely(database, tenantId, [
    database.execute<Record<string, string>>(sql`
      select x.recency, x.frequency, x.monetary, x.rfm_segment, x.rfm_group, count(*) as members,
        coalesce(sum(f.spend), 0) as spend
      from member_scores as x join member_figures as f on f.tenant_id = ${tenantId} and f.member_id = x.member_id
      where x.tenant_id = ${tenantId} group by 1, 2, 3, 4, 5 order by 1, 2, 3, 4, 5 limit ${CELLS_MAX}`),
    database.execute<Record<string, string>>(sql`
      select (select max(scored_on) from member_scores where tenant_id = ${tenantId})::text as as_of,
        max(last_day)::text as newest, min(last_day)::text as oldest, min(orders) as orders_low, max(orders) as orders_high,
        min(spend) as spend_low, max(spend) as spend_high
      from member_figures where tenant_id = ${tenantId}`),
    database.execute<{ members: string }>(sql`select count(*) as members from ${population(tenant)}`),
    modelsQuery(database, tenant),
  ]);
  return {
    cells: cells.rows.map(scoreCell),
    ends: ends.rows[0] ?? {},
    members: Number(people.rows[0]?.members ?? 0),
    models: storedModels(models.rows),
  };
}

function scoreCell(row: Record<string, string>): ScoreCell {
  return {
    recency: Number(row["recency"]),
    frequency: Number(row["frequency"]),
    monetary: Number(row["monetary"]),
    rfmSegment: row["rfm_segment"] ?? "",
    rfmGroup: row["rfm_group"] ?? "",
    members: Number(row["members"]),
    spend: Number(row["spend"]),
  };
}

export interface StageCounts {
  readonly asOf: string | null;
  readonly members: number;
  readonly cells: readonly {
    readonly stage: string;
    readonly label: string;
    readonly members: number;
    readonly spend: number;
    readonly churnRisk: number;
  }[];
  readonly models: readonly StoredModel[];
}

export async function readStages(database: Database, tenant: TenantRow): Promise<StageCounts> {
  const { tenantId } = tenant;
  const [cells, people, models] = await readWidely(database, tenantId, [
    database.execute<Record<string, string>>(sql`
      select x.stage, x.label, count(*) as members, coalesce(sum(f.spend), 0) as spend,
        count(*) filter (where x.churn_risk) as churn_risk, max(x.scored_on)::text as as_of
      from member_scores as x join member_figures as f on f.tenant_id = ${tenantId} and f.member_id = x.member_id
      where x.tenant_id = ${tenantId} group by 1, 2 order by 1, 2`),
    database.execute<{ members: string }>(sql`select count(*) as members from ${population(tenant)}`),
    modelsQuery(database, tenant),
  ]);
  const days = cells.rows.map(({ as_of: day }) => day ?? "");
  return {
    asOf: days.toSorted().at(-1) ?? null,
    members: Number(people.rows[0]?.members ?? 0),
    cells: cells.rows.map(({ stage = "", label = "", members, spend, churn_risk: churnRisk }) => ({
      stage,
      label,
      members: Number(members),
      spend: Number(spend),
      churnRisk: Number(churnRisk),
    })),
    models: storedModels(models.rows),
  };
}

/** A query of the labels that everybody had on a day: rows of both tables with these columns. */
export function labelsOn(columns: SQL, day: string, { tenantId }: TenantRow): SQL {
  return sql`
    select member_id, ${columns} from member_scores where tenant_id = ${tenantId} and since <= ${day}::date
    union all
    select member_id, ${columns} from score_history
    where tenant_id = ${tenantId} and since <= ${day}::date and until > ${day}::date`;
}

/** How many members went from each stage to each other between two days; null stands for no labels yet. */
export async function readFlows(database: Database, tenant: TenantRow, [from, until]: readonly [string, string]) {
  const query = database.execute<{ from_stage: string | null; to_stage: string | null; members: string }>(sql`
    select a.stage as from_stage, b.stage as to_stage, count(*) as members
    from (${labelsOn(sql`stage`, from, tenant)}) as a
    full join (${labelsOn(sql`stage`, until, tenant)}) as b using (member_id)
    group by 1, 2 order by 1, 2`);
  const [found] = await readWidely(database, tenant.tenantId, [query]);
  return found.rows.map((row) => ({
    fromStage: row.from_stage,
    toStage: row.to_stage,
    members: Number(row.members),
  }));
}

export async function readCountsOn(database: Database, tenant: TenantRow, day: string) {
  const columns = sql`stage, label, band, rfm_segment, rfm_group`;
  const query = database.execute<Record<string, string>>(sql`
    select ${columns}, count(*) as members from (${labelsOn(columns, day, tenant)}) as x group by 1, 2, 3, 4, 5`);
  const [found] = await readWidely(database, tenant.tenantId, [query]);
  return found.rows;
}
