// Says what a point was worth month by month: what it pays as tender or, without one, what it costs.
import { boundsOf } from "@regulars/domain/clearing-periods";
import { type Database, withTenant } from "@regulars/schema/connection";
import { programs } from "@regulars/schema/tenants";
import { asc, sql } from "drizzle-orm";
import type { TenantRow } from "./call.ts";

/** Thousandths of a minor unit, by the program in force at the end of a month. */
export type PointValues = (currency: string, month: string) => number;

interface Version {
  readonly effectiveFrom: Date;
  readonly tender: unknown;
  readonly currencies: unknown;
}

export async function readPointValues(database: Database, { tenantId, timeZone }: TenantRow): Promise<PointValues> {
  const [versions] = await withTenant(database, tenantId, [pointValueVersions(database)]);
  return pointValuesOf(versions, timeZone);
}

/** For a transaction that reads more than the values. */
export const pointValueVersions = (database: Database) =>
  database
    .select({
      effectiveFrom: programs.effectiveFrom,
      tender: sql<unknown>`${programs.document} -> 'tender'`,
      currencies: sql<unknown>`${programs.document} -> 'currencies'`,
    })
    .from(programs)
    .orderBy(asc(programs.version));

export function pointValuesOf(versions: readonly Version[], timeZone: string): PointValues {
  const tables = versions.map(({ effectiveFrom, tender, currencies }) => {
    const values = new Map<string, number>();
    for (const { id, unitCostMilli = 0 } of listOf<{ id: string; unitCostMilli?: number }>(currencies)) {
      if (unitCostMilli > 0) values.set(id, unitCostMilli);
    }
    for (const { currency, valuePerPoint } of listOf<{ currency: string; valuePerPoint: number }>(tender)) {
      values.set(currency, valuePerPoint * 1000);
    }
    return { effectiveFrom: effectiveFrom.getTime(), values };
  });
  return (currency, month) => {
    const { until } = boundsOf(month, timeZone);
    const known = tables.filter(({ values }) => values.has(currency));
    const inForce = known.findLast(({ effectiveFrom }) => effectiveFrom < until) ?? known[0];
    return inForce?.values.get(currency) ?? 0;
  };
}

// The guarantee of the cast: programs were checked by their schema before they were stored.
const listOf = <Item>(json: unknown): Item[] => (json === null || json === undefined ? [] : ([json].flat() as Item[]));
