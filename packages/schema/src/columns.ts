// The column shapes and the tenant policy that every table shares.
import { sql } from "drizzle-orm";
import { bigint, pgPolicy, text, timestamp } from "drizzle-orm/pg-core";

/** The boundary of data: part of every key, compared by row-level security. */
export const tenantId = () => text("tenant_id").notNull();

/** Points, money and sequences stay below 2^53 by the limits of the contracts. */
export const integer = (name: string) => bigint(name, { mode: "number" });

/** Milliseconds, as events carry them. */
export const instant = (name: string) => timestamp(name, { precision: 3, withTimezone: true, mode: "date" });

/** Rows of the tenant that the transaction has set, and none when it has set none. */
export const ownTenantOnly = () =>
  pgPolicy("own_tenant_only", {
    using: sql`tenant_id = current_setting('app.tenant_id', true)`,
    withCheck: sql`tenant_id = current_setting('app.tenant_id', true)`,
  });
