// What somebody has to look at: alerts of a tenant, and messages that could not be projected.
import { index, integer as int, jsonb, pgTable, primaryKey, text } from "drizzle-orm/pg-core";
import { instant, ownTenantOnly, tenantId } from "./columns.ts";

/** Rows that concern the platform rather than one tenant; no tenant can have this id, since ids begin with a letter. */
export const PLATFORM_TENANT = "~platform";

/** `kind` is a code: `order_undone`, `dead_letter`. The id follows from the cause, so that it is raised once. */
export const alerts = pgTable(
  "alerts",
  {
    tenantId: tenantId(),
    alertId: text("alert_id").notNull(),
    kind: text().notNull(),
    memberId: text("member_id"),
    facts: jsonb().notNull(),
    raisedAt: instant("raised_at").notNull(),
    resolvedAt: instant("resolved_at"),
  },
  (table) => [primaryKey({ columns: [table.tenantId, table.alertId] }), ownTenantOnly()],
);

/** Owned by PLATFORM_TENANT, since a message may carry events of many tenants or nothing readable. */
export const deadLetters = pgTable(
  "dead_letters",
  {
    tenantId: tenantId(),
    messageId: text("message_id").notNull(),
    receivedAt: instant("received_at").notNull().defaultNow(),
    attempts: int().notNull(),
    /** A code: why the projector refuses it, or `not_stored` when it reads well. */
    reason: text().notNull(),
    /** JSON as text: what cannot be stored as jsonb is kept too. Personal data is left out. */
    body: text().notNull(),
    redrivenAt: instant("redriven_at"),
  },
  (table) => [
    primaryKey({ columns: [table.tenantId, table.messageId] }),
    index("dead_letters_waiting").on(table.tenantId, table.redrivenAt, table.receivedAt),
    ownTenantOnly(),
  ],
);
