// What owners owe each other: every due that events tell of, and what was settled when a period was locked.
import { index, integer as int, pgTable, primaryKey, smallint, text } from "drizzle-orm/pg-core";
import { instant, integer, ownTenantOnly, tenantId } from "./columns.ts";

/** What a due says; `amountMilli` in thousandths of a minor unit of `money`, negative when something is given back. */
const due = {
  memberId: text("member_id").notNull(),
  sequence: integer("sequence").notNull(),
  /** Its place in the event. */
  position: smallint().notNull(),
  at: instant("at").notNull(),
  orderId: text("order_id"),
  storeId: text("store_id"),
  debtor: text().notNull(),
  creditor: text().notNull(),
  currency: text().notNull(),
  points: integer("points").notNull(),
  amountMilli: integer("amount_milli").notNull(),
  money: text().notNull(),
  lot: text(),
  voucherId: text("voucher_id"),
  reason: text().notNull(),
  issuerStoreId: text("issuer_store_id"),
};

export const dues = pgTable("dues", { tenantId: tenantId(), ...due }, (table) => [
  primaryKey({ columns: [table.tenantId, table.memberId, table.sequence, table.position] }),
  index("dues_by_time").on(table.tenantId, table.at),
  ownTenantOnly(),
]);

/** A month of the tenant's time zone ("2026-11") whose statements are final. */
export const clearingPeriods = pgTable(
  "clearing_periods",
  {
    tenantId: tenantId(),
    period: text().notNull(),
    startsAt: instant("starts_at").notNull(),
    endsAt: instant("ends_at").notNull(),
    lockedAt: instant("locked_at").notNull(),
  },
  (table) => [primaryKey({ columns: [table.tenantId, table.period] }), ownTenantOnly()],
);

/** The lines of locked statements: a copy, which no later event changes. `times` is -1 where one is taken back. */
export const clearingLines = pgTable(
  "clearing_lines",
  { tenantId: tenantId(), period: text().notNull(), times: smallint().notNull(), ...due },
  (table) => [
    primaryKey({
      columns: [table.tenantId, table.period, table.memberId, table.sequence, table.position, table.times],
    }),
    ownTenantOnly(),
  ],
);

/** What two owners settle for a locked period: positive when `owner_a` owes `owner_b`. The ids are in order. */
export const clearingNets = pgTable(
  "clearing_nets",
  {
    tenantId: tenantId(),
    period: text().notNull(),
    ownerA: text("owner_a").notNull(),
    ownerB: text("owner_b").notNull(),
    money: text().notNull(),
    openingMilli: integer("opening_milli").notNull(),
    changeMilli: integer("change_milli").notNull(),
    /** Whole minor units; what is left of a unit is carried to the next period. */
    settled: integer("settled").notNull(),
    closingMilli: integer("closing_milli").notNull(),
    lines: int().notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.tenantId, table.period, table.ownerA, table.ownerB, table.money] }),
    ownTenantOnly(),
  ],
);
