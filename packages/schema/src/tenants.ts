// Tenants with their regions, owners, stores, keys and programs: what the console owns.
import { sql } from "drizzle-orm";
import { boolean, foreignKey, integer as int, jsonb, pgPolicy, pgTable, primaryKey, text } from "drizzle-orm/pg-core";
import { instant, ownTenantOnly, tenantId } from "./columns.ts";

export const tenants = pgTable(
  "tenants",
  {
    tenantId: text("tenant_id").primaryKey(),
    name: text().notNull(),
    sandbox: boolean().notNull(),
    timeZone: text("time_zone").notNull(),
    phoneRegion: text("phone_region").notNull(),
    currency: text().notNull(),
    locale: text().notNull(),
    jurisdiction: text(),
    createdAt: instant("created_at").notNull().defaultNow(),
  },
  () => [ownTenantOnly()],
);

export const regions = pgTable(
  "regions",
  {
    tenantId: tenantId().references(() => tenants.tenantId),
    regionId: text("region_id").notNull(),
    name: text().notNull(),
  },
  (table) => [primaryKey({ columns: [table.tenantId, table.regionId] }), ownTenantOnly()],
);

export const owners = pgTable(
  "owners",
  {
    tenantId: tenantId().references(() => tenants.tenantId),
    ownerId: text("owner_id").notNull(),
    name: text().notNull(),
    kind: text({ enum: ["head_office", "franchisee"] }).notNull(),
  },
  (table) => [primaryKey({ columns: [table.tenantId, table.ownerId] }), ownTenantOnly()],
);

export const stores = pgTable(
  "stores",
  {
    tenantId: tenantId().references(() => tenants.tenantId),
    storeId: text("store_id").notNull(),
    name: text().notNull(),
    regionId: text("region_id").notNull(),
    ownerId: text("owner_id").notNull(),
    locationHint: text("location_hint"),
    createdAt: instant("created_at").notNull().defaultNow(),
  },
  (table) => [
    primaryKey({ columns: [table.tenantId, table.storeId] }),
    foreignKey({
      name: "stores_region",
      columns: [table.tenantId, table.regionId],
      foreignColumns: [regions.tenantId, regions.regionId],
    }),
    foreignKey({
      name: "stores_owner",
      columns: [table.tenantId, table.ownerId],
      foreignColumns: [owners.tenantId, owners.ownerId],
    }),
    ownTenantOnly(),
  ],
);

/** The secret is stored as its SHA-256 only. A key is found by `find_key` before its tenant is known. */
export const apiKeys = pgTable(
  "api_keys",
  {
    tenantId: tenantId().references(() => tenants.tenantId),
    keyId: text("key_id").primaryKey(),
    name: text().notNull(),
    secretHash: text("secret_hash").notNull(),
    scopes: text().array().notNull(),
    /** Null: every store of the tenant. */
    storeIds: text("store_ids").array(),
    requestsPerMinute: int("requests_per_minute").notNull(),
    createdAt: instant("created_at").notNull().defaultNow(),
    revokedAt: instant("revoked_at"),
  },
  () => [
    ownTenantOnly(),
    pgPolicy("the_key_asked_for", { for: "select", using: sql`key_id = current_setting('app.key_id', true)` }),
  ],
);

/** A published version never changes: the application may insert and read, nothing else. */
export const programs = pgTable(
  "programs",
  {
    tenantId: tenantId().references(() => tenants.tenantId),
    version: int().notNull(),
    document: jsonb().notNull(),
    effectiveFrom: instant("effective_from").notNull(),
    publishedAt: instant("published_at").notNull().defaultNow(),
  },
  (table) => [primaryKey({ columns: [table.tenantId, table.version] }), ownTenantOnly()],
);
