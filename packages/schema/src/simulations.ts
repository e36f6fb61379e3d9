// Candidates of a program: simulations over past orders, and shadows that see live ones.
import { date, doublePrecision, integer as int, jsonb, pgTable, primaryKey, text } from "drizzle-orm/pg-core";
import { instant, integer, ownTenantOnly, tenantId } from "./columns.ts";

/** A run of a candidate over past orders; `result` once it is done. */
export const simulations = pgTable(
  "simulations",
  {
    tenantId: tenantId(),
    simulationId: text("simulation_id").notNull(),
    /** Of the request that asked for it: the same key with another request is refused. */
    requestHash: text("request_hash").notNull(),
    document: jsonb().notNull(),
    fromAt: instant("from_at").notNull(),
    toAt: instant("to_at").notNull(),
    sample: doublePrecision().notNull(),
    state: text({ enum: ["running", "done", "cancelled", "failed"] }).notNull(),
    ordersDone: integer("orders_done").notNull(),
    ordersTotal: integer("orders_total").notNull(),
    result: jsonb(),
    error: text(),
    createdAt: instant("created_at").notNull(),
    endedAt: instant("ended_at"),
  },
  (table) => [primaryKey({ columns: [table.tenantId, table.simulationId] }), ownTenantOnly()],
);

/** A candidate that live orders are evaluated by; one of a tenant's at a time has no end. */
export const shadows = pgTable(
  "shadows",
  {
    tenantId: tenantId(),
    shadowId: text("shadow_id").notNull(),
    document: jsonb().notNull(),
    startedAt: instant("started_at").notNull(),
    endedAt: instant("ended_at"),
  },
  (table) => [primaryKey({ columns: [table.tenantId, table.shadowId] }), ownTenantOnly()],
);

/** Orders that a shadow has seen, by the local day on which they were placed. */
export const shadowDays = pgTable(
  "shadow_days",
  {
    tenantId: tenantId(),
    shadowId: text("shadow_id").notNull(),
    day: date({ mode: "string" }).notNull(),
    orders: int().notNull(),
    differing: int().notNull(),
  },
  (table) => [primaryKey({ columns: [table.tenantId, table.shadowId, table.day] }), ownTenantOnly()],
);

/** Points of each rule as they were given and as the candidate would have given them. */
export const shadowDifferences = pgTable(
  "shadow_differences",
  {
    tenantId: tenantId(),
    shadowId: text("shadow_id").notNull(),
    day: date({ mode: "string" }).notNull(),
    rule: text().notNull(),
    currency: text().notNull(),
    pointsNow: integer("points_now").notNull(),
    pointsCandidate: integer("points_candidate").notNull(),
    /** Orders on which the rule gave another number of points. */
    differing: int().notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.tenantId, table.shadowId, table.day, table.rule, table.currency] }),
    ownTenantOnly(),
  ],
);

/** A few orders of each day that came out differently, with both explanations. */
export const shadowExamples = pgTable(
  "shadow_examples",
  {
    tenantId: tenantId(),
    shadowId: text("shadow_id").notNull(),
    day: date({ mode: "string" }).notNull(),
    memberId: text("member_id").notNull(),
    orderId: text("order_id").notNull(),
    now: jsonb().notNull(),
    candidate: jsonb().notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.tenantId, table.shadowId, table.day, table.memberId, table.orderId] }),
    ownTenantOnly(),
  ],
);
