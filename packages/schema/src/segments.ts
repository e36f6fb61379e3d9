// Segments with their versions, who is in them and who was, tags that follow from them, and what checkouts were told.
import { boolean, index, integer as int, jsonb, pgTable, primaryKey, text, uniqueIndex } from "drizzle-orm/pg-core";
import { sql } from "drizzle-orm";
import { instant, integer, ownTenantOnly, tenantId } from "./columns.ts";

const memberId = () => text("member_id").notNull();
const segmentId = () => text("segment_id").notNull();

/** A segment as it stands: its definition, and how its last build went. */
export const segments = pgTable(
  "segments",
  {
    tenantId: tenantId(),
    segmentId: segmentId(),
    version: int().notNull(),
    name: text().notNull(),
    /** A definition of `contracts/segments.ts`. */
    definition: jsonb().notNull(),
    /** Whether checkouts see it as `member.segments`. */
    atCheckout: boolean("at_checkout").notNull(),
    /** `{ tag, daysAfterLeaving }`: the tag that its members carry; null for none. */
    autoTag: jsonb("auto_tag"),
    /** `building` while a version is worked out for all members, `held` when the circuit breaker stopped it. */
    state: text({ enum: ["building", "ready", "held", "failed"] }).notNull(),
    /** The version whose members are stored. */
    builtVersion: int("built_version"),
    builtAt: instant("built_at"),
    buildMilliseconds: int("build_milliseconds"),
    error: text(),
    members: int().notNull().default(0),
    /** Of the members before: a build that changes a larger share is held; null: the usual one. */
    breakerPercent: int("breaker_percent"),
    /** The version that somebody let through although it changes more than the breaker allows. */
    releasedVersion: int("released_version"),
    createdAt: instant("created_at").notNull(),
    /** A segment that was taken away keeps its history. */
    endedAt: instant("ended_at"),
  },
  (table) => [primaryKey({ columns: [table.tenantId, table.segmentId] }), ownTenantOnly()],
);

export const segmentVersions = pgTable(
  "segment_versions",
  {
    tenantId: tenantId(),
    segmentId: segmentId(),
    version: int().notNull(),
    document: jsonb().notNull(),
    savedAt: instant("saved_at").notNull(),
  },
  (table) => [primaryKey({ columns: [table.tenantId, table.segmentId, table.version] }), ownTenantOnly()],
);

/** A stay of a member in a segment; one without `until` is the present one. */
export const segmentMembers = pgTable(
  "segment_members",
  {
    tenantId: tenantId(),
    segmentId: segmentId(),
    memberId: memberId(),
    since: instant("since").notNull(),
    until: instant("until"),
    /** The version that let the member in. */
    version: int().notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.tenantId, table.memberId, table.segmentId, table.since] }),
    uniqueIndex("segment_members_now")
      .on(table.tenantId, table.segmentId, table.memberId)
      .where(sql`until is null`),
    index("segment_members_past")
      .on(table.tenantId, table.segmentId, table.until)
      .where(sql`until is not null`),
    ownTenantOnly(),
  ],
);

/** When membership of any segment may change by time alone; no row: not before something happens to the member. */
export const segmentFlips = pgTable(
  "segment_flips",
  { tenantId: tenantId(), memberId: memberId(), flipsAt: instant("flips_at").notNull() },
  (table) => [
    primaryKey({ columns: [table.tenantId, table.memberId] }),
    // Time first, here and below: few are due at once, of all tenants together, and rows of a tenant are found by member.
    index("segment_flips_by_time").on(table.flipsAt, table.tenantId),
    ownTenantOnly(),
  ],
);

/** Members named one by one: imported, or picked in the console. */
export const memberLists = pgTable(
  "member_lists",
  {
    tenantId: tenantId(),
    listId: text("list_id").notNull(),
    memberId: memberId(),
    addedAt: instant("added_at").notNull(),
  },
  (table) => [primaryKey({ columns: [table.tenantId, table.listId, table.memberId] }), ownTenantOnly()],
);

/** Tags that members carry because of a segment. */
export const autoTags = pgTable(
  "auto_tags",
  {
    tenantId: tenantId(),
    memberId: memberId(),
    tag: text().notNull(),
    segmentId: segmentId(),
    since: instant("since").notNull(),
    /** Null as long as the member is in the segment. */
    expiresAt: instant("expires_at"),
  },
  (table) => [
    primaryKey({ columns: [table.tenantId, table.memberId, table.tag, table.segmentId] }),
    index("auto_tags_by_end").on(table.expiresAt, table.tenantId),
    ownTenantOnly(),
  ],
);

/** What a member's object is to carry, frozen with the number `wanted`, so that one key has one body for ever. */
export const labelPushes = pgTable(
  "label_pushes",
  {
    tenantId: tenantId(),
    memberId: memberId(),
    /** Grows with every change of what is wanted; `told` is the last one that the object has answered. */
    wanted: integer("wanted").notNull(),
    told: integer("told").notNull(),
    tags: text().array().notNull(),
    segments: text().array().notNull(),
    /** `{ stage, band, churnRisk }`; null: nothing is known. */
    facts: jsonb(),
    /** Why the last attempt failed; it is made again. */
    error: text(),
  },
  (table) => [
    primaryKey({ columns: [table.tenantId, table.memberId] }),
    index("label_pushes_waiting")
      .on(table.tenantId, table.memberId)
      .where(sql`wanted > told`),
    ownTenantOnly(),
  ],
);
