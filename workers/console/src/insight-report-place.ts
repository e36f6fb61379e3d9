// Refuses a store, region or segment that the tenant does not have, before a report is read for it.
import { withTenant } from "@regulars/schema/connection";
import { sql } from "drizzle-orm";
import { type Call, refused, tenantOf } from "./call.ts";
import type { Place } from "./insight-report-orders.ts";

type Refused = ReturnType<typeof refused>;

/** Null when there is nothing to refuse. */
export async function refusalOfPlace(call: Call, { storeId, regionId }: Place): Promise<Refused | null> {
  if (storeId !== undefined && !(await has(call, "stores", storeId))) {
    return refused("store_not_found", { field: "storeId", facts: { storeId } });
  }
  if (regionId !== undefined && !(await has(call, "regions", regionId))) {
    return refused("invalid_value", { field: "regionId" });
  }
  return null;
}

export async function refusalOfSegment(call: Call, segmentId: string | undefined): Promise<Refused | null> {
  if (segmentId === undefined || (await has(call, "segments", segmentId))) return null;
  return refused("segment_not_found", { field: "segmentId" });
}

const PRESENT = {
  stores: (id: string) =>
    sql`select from stores where tenant_id = current_setting('app.tenant_id') and store_id = ${id}`,
  regions: (id: string) =>
    sql`select from regions where tenant_id = current_setting('app.tenant_id') and region_id = ${id}`,
  segments: (id: string) =>
    sql`select from segments where tenant_id = current_setting('app.tenant_id') and segment_id = ${id}
      and ended_at is null`,
};

async function has(call: Call, what: keyof typeof PRESENT, id: string): Promise<boolean> {
  const query = call.database.execute<{ present: boolean }>(sql`select exists (${PRESENT[what](id)}) as present`);
  const [found] = await withTenant(call.database, tenantOf(call).tenantId, [query]);
  return found.rows[0]?.present === true;
}
