// Reads from PostgreSQL by which models a tenant's members are scored now.
import type { UsualCycle } from "@regulars/insights/buying-cycle";
import type { PostgresCopy } from "../replay/postgres-copy.ts";
import type { Models } from "./oracle-models.ts";

const MODELS_QUERY = `
  select distinct on (kind) kind, document from insight_models where tenant_id = $1 order by kind, version desc`;

const CYCLES_QUERY = `
  select ref, median_days as "medianDays", within_variance as "withinVariance",
    credibility_gaps as "credibilityGaps", members, gaps
  from repurchase_cycles where tenant_id = $1 and kind = 'category'`;

export async function readInForce(copy: PostgresCopy): Promise<Models> {
  const rows = await copy.rows<{ kind: string; document: unknown }>(MODELS_QUERY, []);
  const documents = new Map(rows.map(({ kind, document }) => [kind, document]));
  const cycles = await copy.rows<UsualCycle & { ref: string }>(CYCLES_QUERY, []);
  // Segmentation alone writes these documents: the shapes of its models, `model` null where none could be fitted.
  const orders = documents.get("orders") as (Models["orders"] & { model: string | null }) | undefined;
  const spending = documents.get("spending") as (Models["spending"] & { model: string | null }) | undefined;
  return {
    cycle: (documents.get("cycle") as UsualCycle | undefined) ?? null,
    orders: orders === undefined || orders.model === null ? null : orders,
    spending: spending === undefined || spending.model === null ? null : spending,
    supplies: new Map(cycles.map(({ ref, ...cycle }) => [ref, cycle])),
  };
}
