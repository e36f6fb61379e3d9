// Keeps what products leave of their revenue; a change of it has the profit of all members worked out again.
import {
  type MarginsChanged,
  marginsQuery,
  type MarginsPage,
  putMargins as putMarginsShape,
} from "@regulars/contracts/product-margins";
import { type Read, readJson, readQuery } from "@regulars/edge/body";
import { withTenant } from "@regulars/schema/connection";
import { productMargins } from "@regulars/schema/trade";
import { and, asc, count, eq, gt, sql } from "drizzle-orm";
import { type Call, done, tenantOf } from "./call.ts";
import { wantSweep } from "./insight-settings.ts";

export async function putProductMargins(call: Call): Promise<Read<MarginsChanged>> {
  const body = await readJson(call.request, putMarginsShape);
  if (!body.ok) return body;
  const { database } = call;
  const { tenantId } = tenantOf(call);
  const [{ rows }, [counted]] = await withTenant(database, tenantId, [
    database.execute<{ changed: number }>(sql`
      with told as (
        select sku, "marginMilli" as margin
        from json_to_recordset(${JSON.stringify(body.value.margins)}::json) as each (sku text, "marginMilli" int)
      ), put as (
        insert into product_margins as present (tenant_id, sku, margin_milli)
        select ${tenantId}, sku, margin from told where margin is not null
        on conflict (tenant_id, sku) do update set margin_milli = excluded.margin_milli
          where present.margin_milli <> excluded.margin_milli
        returning 1
      ), gone as (
        delete from product_margins where tenant_id = ${tenantId} and sku in (select sku from told where margin is null)
        returning 1
      ), changes as (
        select (select count(*) from put) + (select count(*) from gone) as changed
      ), wanted as (${wantSweep(tenantId, sql`from changes where changed > 0`)})
      select changed::int as changed from changes`),
    database.select({ margins: count() }).from(productMargins).where(eq(productMargins.tenantId, tenantId)),
  ]);
  return done({ changed: rows[0]?.changed ?? 0, margins: counted?.margins ?? 0 });
}

export async function listProductMargins(call: Call): Promise<Read<MarginsPage>> {
  const query = readQuery(call.request.url, marginsQuery);
  if (!query.ok) return query;
  const { limit, cursor } = query.value;
  const { tenantId } = tenantOf(call);
  const { sku } = productMargins;
  const page = call.database
    .select()
    .from(productMargins)
    .where(and(eq(productMargins.tenantId, tenantId), gt(sku, cursor ?? "")))
    .orderBy(asc(sku))
    .limit(limit + 1);
  const [rows] = await withTenant(call.database, tenantId, [page]);
  const shown = rows.slice(0, limit);
  return done({
    margins: shown.map((row) => ({ sku: row.sku, marginMilli: row.marginMilli })),
    nextCursor: rows.length > limit ? (shown.at(-1)?.sku ?? null) : null,
  });
}
