// What members have beside points, as the latest event of each member tells it: vouchers, tiers, activities, transfers, labels.
import { boolean, index, integer as int, jsonb, pgTable, primaryKey, smallint, text } from "drizzle-orm/pg-core";
import { instant, integer, ownTenantOnly, tenantId } from "./columns.ts";

const memberId = () => text("member_id").notNull();
/** The event that told the row: a row never goes back to an earlier one. */
const sequence = () => integer("sequence").notNull();

/** A member's own vouchers; `value` is what the order that used one got off, in minor units. */
export const vouchers = pgTable(
  "vouchers",
  {
    tenantId: tenantId(),
    memberId: memberId(),
    voucherId: text("voucher_id").notNull(),
    sequence: sequence(),
    rewardId: text("reward_id").notNull(),
    programVersion: int("program_version").notNull(),
    state: text().notNull(),
    originKind: text("origin_kind").notNull(),
    originRef: text("origin_ref").notNull(),
    borneBy: text("borne_by").notNull(),
    issuerOwnerId: text("issuer_owner_id"),
    issuedAt: instant("issued_at").notNull(),
    expiresAt: instant("expires_at"),
    orderId: text("order_id"),
    value: integer("value"),
  },
  (table) => [primaryKey({ columns: [table.tenantId, table.memberId, table.voucherId] }), ownTenantOnly()],
);

/** Vouchers and codes on an order, as its latest event tells them. */
export const orderVouchers = pgTable(
  "order_vouchers",
  {
    tenantId: tenantId(),
    memberId: memberId(),
    orderId: text("order_id").notNull(),
    position: smallint().notNull(),
    voucherId: text("voucher_id").notNull(),
    rewardId: text("reward_id").notNull(),
    benefit: text().notNull(),
    /** Of a code. */
    campaign: text(),
    value: integer("value").notNull(),
    state: text().notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.tenantId, table.memberId, table.orderId, table.position] }),
    index("order_vouchers_by_campaign").on(table.tenantId, table.campaign),
    ownTenantOnly(),
  ],
);

/** The tier of each member; null once it was lost. */
export const memberTiers = pgTable(
  "member_tiers",
  {
    tenantId: tenantId(),
    memberId: memberId(),
    sequence: sequence(),
    tier: text(),
    since: instant("since"),
    until: instant("until"),
    fixed: boolean().notNull(),
  },
  (table) => [primaryKey({ columns: [table.tenantId, table.memberId] }), ownTenantOnly()],
);

/** Every event that set a tier, also to what it was. */
export const tierHistory = pgTable(
  "tier_history",
  {
    tenantId: tenantId(),
    memberId: memberId(),
    sequence: sequence(),
    at: instant("at").notNull(),
    kind: text().notNull(),
    cause: text(),
    tier: text(),
    since: instant("since"),
    until: instant("until"),
    fixed: boolean().notNull(),
    orderId: text("order_id"),
  },
  (table) => [primaryKey({ columns: [table.tenantId, table.memberId, table.sequence] }), ownTenantOnly()],
);

/** What members did beside buying, by the caller's own key; `points` by currency less what was taken back, `grants` as in orders. */
export const activities = pgTable(
  "activities",
  {
    tenantId: tenantId(),
    memberId: memberId(),
    type: text().notNull(),
    key: text().notNull(),
    sequence: sequence(),
    at: instant("at").notNull(),
    storeId: text("store_id"),
    points: jsonb().notNull(),
    grants: jsonb().notNull().default([]),
    reversedAt: instant("reversed_at"),
  },
  (table) => [primaryKey({ columns: [table.tenantId, table.memberId, table.type, table.key] }), ownTenantOnly()],
);

/** A movement between two objects, as this member's side of it stands; the other side has a row of its own. */
export const transfers = pgTable(
  "transfers",
  {
    tenantId: tenantId(),
    memberId: memberId(),
    transferId: text("transfer_id").notNull(),
    /** Empty when the movement carries vouchers alone. */
    currency: text().notNull(),
    sequence: sequence(),
    at: instant("at").notNull(),
    purpose: text().notNull(),
    fromId: text("from_id").notNull(),
    toId: text("to_id").notNull(),
    points: integer("points").notNull(),
    vouchers: int().notNull(),
    state: text().notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.tenantId, table.memberId, table.transferId, table.currency] }),
    ownTenantOnly(),
  ],
);

/** What a member got for bringing another, by the order that paid for it; the other side is a fact of that member. */
export const referrals = pgTable(
  "referrals",
  {
    tenantId: tenantId(),
    memberId: memberId(),
    referralId: text("referral_id").notNull(),
    sequence: sequence(),
    at: instant("at").notNull(),
    refereeId: text("referee_id").notNull(),
    currency: text().notNull(),
    points: integer("points").notNull(),
    state: text().notNull(),
  },
  (table) => [primaryKey({ columns: [table.tenantId, table.memberId, table.referralId] }), ownTenantOnly()],
);

/** What orders completed: stamp cards, challenges, streaks, badges and tiers; `points` by currency. */
export const orderGrants = pgTable(
  "order_grants",
  {
    tenantId: tenantId(),
    memberId: memberId(),
    orderId: text("order_id").notNull(),
    position: smallint().notNull(),
    kind: text().notNull(),
    ref: text().notNull(),
    voucherId: text("voucher_id"),
    points: jsonb().notNull(),
    undone: boolean().notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.tenantId, table.memberId, table.orderId, table.position] }),
    ownTenantOnly(),
  ],
);

/** Tags, segments and facts such as badges, one row a name; a null value was forgotten, and stays to keep its place. */
export const memberLabels = pgTable(
  "member_labels",
  {
    tenantId: tenantId(),
    memberId: memberId(),
    /** `tags`, `segments`, or `fact:` and its name. */
    name: text().notNull(),
    sequence: sequence(),
    value: jsonb(),
  },
  (table) => [primaryKey({ columns: [table.tenantId, table.memberId, table.name] }), ownTenantOnly()],
);
