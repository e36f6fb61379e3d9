// Members and how they are recognised: the only tables with personal data, filled from documents that events bring.
import { sql } from "drizzle-orm";
import { boolean, index, integer as int, jsonb, pgTable, primaryKey, text } from "drizzle-orm/pg-core";
import { instant, integer, ownTenantOnly, tenantId } from "./columns.ts";

/**
 * One row a member, made by the first event of any kind. `epoch`, `events` and `lastSequence` follow the stored events;
 * the rest follows the latest document, which `documentEpoch` and `documentSequence` order.
 */
export const members = pgTable(
  "members",
  {
    tenantId: tenantId(),
    memberId: text("member_id").notNull(),
    epoch: int().notNull(),
    events: integer("events").notNull(),
    lastSequence: integer("last_sequence").notNull(),
    lastAt: instant("last_at"),
    documentEpoch: int("document_epoch").notNull().default(0),
    documentSequence: integer("document_sequence").notNull().default(0),
    profile: jsonb(),
    consent: jsonb(),
    homeStoreId: text("home_store_id"),
    source: text(),
    enrolledAt: instant("enrolled_at"),
    erasedAt: instant("erased_at"),
    /** Who insights and segments are about: enrolled, not erased, and no account of a household, a network or a cause. */
    isPerson: boolean("is_person")
      .notNull()
      .generatedAlwaysAs(
        sql`enrolled_at is not null and erased_at is null and (source is null or not starts_with(source, 'account:'))`,
      ),
  },
  (table) => [
    primaryKey({ columns: [table.tenantId, table.memberId] }),
    // Whoever is enrolled and present is everybody else: a pass over all need not read their rows to know.
    index("members_apart")
      .on(table.tenantId, table.memberId)
      .where(sql`not is_person`),
    ownTenantOnly(),
  ],
);

/** Two members may list one identity for a moment, while events of a release and of a new claim arrive out of order. */
export const identities = pgTable(
  "identities",
  {
    tenantId: tenantId(),
    memberId: text("member_id").notNull(),
    type: text().notNull(),
    value: text().notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.tenantId, table.memberId, table.type, table.value] }),
    index("identities_by_value").on(table.tenantId, table.type, table.value),
    ownTenantOnly(),
  ],
);
