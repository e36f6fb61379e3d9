// Orders as the latest event of each member tells them, their lines, and their refunds.
import { type SQL, sql } from "drizzle-orm";
import { boolean, index, integer as int, jsonb, pgTable, primaryKey, text } from "drizzle-orm/pg-core";
import { instant, integer, ownTenantOnly, tenantId } from "./columns.ts";

/** An order id belongs to one member; while a second claim of it is being undone, both have a row. */
export const orders = pgTable(
  "orders",
  {
    tenantId: tenantId(),
    memberId: text("member_id").notNull(),
    orderId: text("order_id").notNull(),
    /** The event that told this: a row never goes back to an earlier one. */
    sequence: integer("sequence").notNull(),
    state: text().notNull(),
    storeId: text("store_id").notNull(),
    regionId: text("region_id").notNull(),
    ownerId: text("owner_id").notNull(),
    currency: text().notNull(),
    channel: text(),
    placedAt: instant("placed_at").notNull(),
    programVersion: int("program_version").notNull(),
    gross: integer("gross").notNull(),
    net: integer("net").notNull(),
    payable: integer("payable").notNull(),
    refunded: integer("refunded").notNull(),
    undone: text(),
    /** What vouchers took off, in minor units. */
    vouchered: integer("vouchered").notNull().default(0),
    late: boolean().notNull().default(false),
    partner: text(),
  },
  (table) => [
    primaryKey({ columns: [table.tenantId, table.memberId, table.orderId] }),
    index("orders_by_store").on(table.tenantId, table.storeId, table.placedAt),
    ownTenantOnly(),
  ],
);

/**
 * Whether an order is a purchase, of the row that `of` names: paid, and not given back as a whole. An order that nothing was
 * to be paid for counts whatever is returned of it. In the words of the partial index `orders_by_member`, which serves it.
 */
export const orderCounts = (of: SQL): SQL =>
  sql`${of}.state = 'paid' and ${of}.undone is null and (${of}.refunded < ${of}.payable or ${of}.payable = 0)`;

export const orderLines = pgTable(
  "order_lines",
  {
    tenantId: tenantId(),
    memberId: text("member_id").notNull(),
    orderId: text("order_id").notNull(),
    lineId: text("line_id").notNull(),
    sku: text().notNull(),
    category: text(),
    quantity: int().notNull(),
    returned: int().notNull(),
    unitPrice: integer("unit_price").notNull(),
    discount: integer("discount").notNull(),
  },
  (table) => [primaryKey({ columns: [table.tenantId, table.memberId, table.orderId, table.lineId] }), ownTenantOnly()],
);

export const refunds = pgTable(
  "refunds",
  {
    tenantId: tenantId(),
    memberId: text("member_id").notNull(),
    orderId: text("order_id").notNull(),
    refundId: text("refund_id").notNull(),
    sequence: integer("sequence").notNull(),
    at: instant("at").notNull(),
    amount: integer("amount").notNull(),
    lines: jsonb().notNull(),
    reversed: jsonb().notNull(),
    restored: jsonb().notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.tenantId, table.memberId, table.orderId, table.refundId] }),
    ownTenantOnly(),
  ],
);
