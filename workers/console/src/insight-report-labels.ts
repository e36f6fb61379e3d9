// Reads the labels that one member has, or had on a day, from PostgreSQL.
import type { AsOfAnswer, MemberLabels } from "@regulars/contracts/insights-members";
import { type Database, withTenant } from "@regulars/schema/connection";
import { sql } from "drizzle-orm";
import type { TenantRow } from "./call.ts";

const SCORES = sql`since::text, recency, frequency, monetary, engagement, rfm_segment, rfm_group, stage, label, band,
  profit_group, has_potential, churn_risk, alive, lifetime_value`;

export interface LabelRow extends Record<string, unknown> {
  readonly since: string;
  readonly until: string | null;
  readonly recency: number;
  readonly frequency: number;
  readonly monetary: number;
  readonly engagement: number;
  readonly rfm_segment: string;
  readonly rfm_group: string;
  readonly stage: string;
  readonly label: string;
  readonly band: string;
  readonly profit_group: string | null;
  readonly has_potential: boolean;
  readonly churn_risk: boolean;
  readonly alive: number | null;
  readonly lifetime_value: number | null;
}

/** Null when there is no such member; an erased one has no labels. */
export async function readLabels(
  database: Database,
  tenant: TenantRow,
  { memberId, day }: { readonly memberId: string; readonly day: string },
): Promise<Pick<AsOfAnswer, "labels"> | null> {
  const { tenantId } = tenant;
  const [members, labels] = await withTenant(database, tenantId, [
    database.execute(sql`select from members where tenant_id = ${tenantId} and member_id = ${memberId}`),
    database.execute<LabelRow>(sql`
      select ${SCORES}, null as until from member_scores
      where tenant_id = ${tenantId} and member_id = ${memberId} and since <= ${day}::date
      union all
      select ${SCORES}, until::text from score_history
      where tenant_id = ${tenantId} and member_id = ${memberId} and since <= ${day}::date and until > ${day}::date
      limit 1`),
  ]);
  if (members.rows.length === 0) return null;
  const [row] = labels.rows;
  return { labels: row === undefined ? null : labelsAnswer(row) };
}

export function labelsAnswer(row: LabelRow): MemberLabels {
  const { since, until, recency, frequency, monetary, engagement, stage, label, band, alive } = row;
  return {
    since,
    until,
    recency,
    frequency,
    monetary,
    engagement,
    rfmSegment: row.rfm_segment,
    rfmGroup: row.rfm_group,
    stage,
    label,
    band,
    profitGroup: row.profit_group,
    hasPotential: row.has_potential,
    churnRisk: row.churn_risk,
    alive,
    lifetimeValue: row.lifetime_value,
  };
}
