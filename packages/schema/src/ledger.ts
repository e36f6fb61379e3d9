// The copy of the members' ledgers: events as they happened, and what follows from them.
import { boolean, integer as int, jsonb, pgTable, primaryKey, smallint, text } from "drizzle-orm/pg-core";
import { instant, integer, ownTenantOnly, tenantId } from "./columns.ts";

/** Every event once, by its identity. The tables below, and orders, can be derived again from these rows. */
export const memberEvents = pgTable(
  "member_events",
  {
    tenantId: tenantId(),
    memberId: text("member_id").notNull(),
    epoch: int().notNull(),
    sequence: integer("sequence").notNull(),
    at: instant("at").notNull(),
    kind: text().notNull(),
    testTime: boolean("test_time").notNull(),
    key: text(),
    body: jsonb().notNull(),
  },
  (table) => [primaryKey({ columns: [table.tenantId, table.memberId, table.epoch, table.sequence] }), ownTenantOnly()],
);

/** One atomic movement: `position` is its place in the event. */
export const transactions = pgTable(
  "transactions",
  {
    tenantId: tenantId(),
    memberId: text("member_id").notNull(),
    sequence: integer("sequence").notNull(),
    position: smallint().notNull(),
    at: instant("at").notNull(),
    kind: text().notNull(),
    rule: text(),
    orderId: text("order_id"),
    storeId: text("store_id"),
  },
  (table) => [
    primaryKey({ columns: [table.tenantId, table.memberId, table.sequence, table.position] }),
    ownTenantOnly(),
  ],
);

/** The signed lines of a transaction: they sum to zero per currency. */
export const entries = pgTable(
  "entries",
  {
    tenantId: tenantId(),
    memberId: text("member_id").notNull(),
    sequence: integer("sequence").notNull(),
    position: smallint().notNull(),
    line: smallint().notNull(),
    account: text().notNull(),
    currency: text().notNull(),
    points: integer("points").notNull(),
    lot: text(),
  },
  (table) => [
    primaryKey({ columns: [table.tenantId, table.memberId, table.sequence, table.position, table.line] }),
    ownTenantOnly(),
  ],
);

/** Facts are null until the event that opened the lot has arrived: an event that spends it may come first. */
export const lots = pgTable(
  "lots",
  {
    tenantId: tenantId(),
    memberId: text("member_id").notNull(),
    lotId: text("lot_id").notNull(),
    currency: text().notNull(),
    available: integer("available").notNull(),
    pending: integer("pending").notNull(),
    held: integer("held").notNull(),
    points: integer("points"),
    storeId: text("store_id"),
    rule: text(),
    availableAt: instant("available_at"),
    expiresAt: instant("expires_at"),
    ownerId: text("owner_id"),
    unitCostMilli: integer("unit_cost_milli"),
    /** When, and by what kind of event, the points came to the member. */
    issuedAt: instant("issued_at"),
    issuedBy: text("issued_by"),
    /** Points that live as long as their member is active: their end is moved on by the last active day. */
    inactivityDays: int("inactivity_days"),
    /** The latest event that told the lot's times: an end may be put off, and a delivery makes points available. */
    toldSequence: integer("told_sequence"),
  },
  (table) => [primaryKey({ columns: [table.tenantId, table.memberId, table.lotId] }), ownTenantOnly()],
);

/** Sums of the member's own accounts; `available` is below zero only as debt. */
export const balances = pgTable(
  "balances",
  {
    tenantId: tenantId(),
    memberId: text("member_id").notNull(),
    currency: text().notNull(),
    available: integer("available").notNull(),
    pending: integer("pending").notNull(),
    held: integer("held").notNull(),
  },
  (table) => [primaryKey({ columns: [table.tenantId, table.memberId, table.currency] }), ownTenantOnly()],
);
