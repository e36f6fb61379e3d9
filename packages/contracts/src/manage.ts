// Tenants, stores, keys and programs: the requests and answers of the management API.
import { z } from "zod";
import { LOCATION_HINTS, scope } from "./directory.ts";
import { CURRENCIES_MAX, PAGE_LIMIT_DEFAULT, PAGE_LIMIT_MAX } from "./limits.ts";
import { program, tender } from "./program.ts";
import { callerId, instant, memberId, moneyCurrency, slug, text } from "./values.ts";

/** Stores of one tenant: their directory entry must stay small enough to be read on every cold start (about 100 KB). */
export const STORES_MAX = 1000;
/** What a key may do in a minute when its maker does not say. */
export const REQUESTS_PER_MINUTE_DEFAULT = 6000;
/** Above this a limit per key protects nothing. */
export const REQUESTS_PER_MINUTE_MAX = 10_000_000;
/** Members that one reconciliation call compares: each costs a call to its object. */
export const RECONCILE_LIMIT_MAX = 200;
export const RECONCILE_LIMIT_DEFAULT = 50;
/** Dead letters that one call sends again. */
export const REDRIVE_LIMIT_MAX = 1000;

/** Letters and digits: a tenant id is part of the names of objects and of KV entries, where `:` separates. */
export const tenantId = z.string().regex(/^[a-z][a-z0-9_-]{2,39}$/);
export const keyId = z.string().regex(/^[a-z0-9]{12}$/);
export const ownerKind = z.enum(["head_office", "franchisee"]);
export const locationHint = z.enum(LOCATION_HINTS);
export const language = z.enum(["zh-TW", "zh-CN", "en"]);

const timeZone = z
  .string()
  .max(64)
  .refine(isTimeZone, { params: { code: "invalid_value" } });
const phoneRegion = z.string().regex(/^[A-Z]{2}$/);

export const region = z.strictObject({ id: slug, name: text() });
export const owner = z.strictObject({ id: slug, name: text(), kind: ownerKind });
export const store = z.strictObject({
  id: slug,
  name: text(),
  regionId: slug,
  ownerId: slug,
  locationHint: locationHint.nullable(),
});

const newStore = z.strictObject({ ...store.shape, locationHint: locationHint.nullable().optional() });

export const createTenant = z.strictObject({
  /** Chosen by the caller, or made by Regulars. */
  tenantId: tenantId.optional(),
  name: text(),
  sandbox: z.boolean(),
  timeZone,
  phoneRegion,
  currency: moneyCurrency,
  locale: language,
  jurisdiction: z.enum(["eu", "fedramp"]).nullable().optional(),
  regions: unique(region),
  owners: unique(owner),
  stores: unique(newStore),
});

export const tenantCreated = z.strictObject({ tenantId, manageKey: z.string() });

export const tenantPublished = z.strictObject({ tenantId, keys: z.int(), programs: z.int() });

export const tenant = z.strictObject({
  tenantId,
  name: text(),
  sandbox: z.boolean(),
  timeZone: z.string(),
  phoneRegion: z.string(),
  currency: moneyCurrency,
  locale: language,
  jurisdiction: z.enum(["eu", "fedramp"]).nullable(),
  createdAt: instant,
});

export const putRegion = region.omit({ id: true });
export const putOwner = owner.omit({ id: true });
export const putStore = newStore.omit({ id: true });

export const regions = z.strictObject({ regions: z.array(region) });
export const owners = z.strictObject({ owners: z.array(owner) });
export const stores = z.strictObject({ stores: z.array(store) });

export const createKey = z.strictObject({
  name: text(),
  scopes: z
    .array(scope)
    .min(1)
    .max(scope.options.length)
    .refine((all) => new Set(all).size === all.length, { params: { code: "duplicate_item" } }),
  /** Null or absent: every store of the tenant. */
  storeIds: z.array(slug).min(1).max(STORES_MAX).nullable().optional(),
  requestsPerMinute: z.int().min(1).max(REQUESTS_PER_MINUTE_MAX).optional(),
});

export const key = z.strictObject({
  keyId,
  name: text(),
  scopes: z.array(scope),
  storeIds: z.array(slug).nullable(),
  requestsPerMinute: z.int(),
  createdAt: instant,
  revokedAt: instant.nullable(),
});

/** `key` is the whole secret key; it is shown in this answer and never again. */
export const keyCreated = z.strictObject({ ...key.shape, key: z.string() });
export const keys = z.strictObject({ keys: z.array(key) });

export const programPublished = z.strictObject({ version: z.int(), effectiveFrom: instant, publishedAt: instant });
export const publishedProgram = z.strictObject({
  ...programPublished.shape,
  program: z.strictObject({ ...program.shape, tender: z.array(tender).max(CURRENCIES_MAX) }),
});
export const programs = z.strictObject({ programs: z.array(programPublished), nextCursor: z.string().nullable() });
export const programQuery = z.strictObject({
  version: z.coerce.number().pipe(z.int().min(1).max(2_147_483_647)).optional(),
});

const limit = z.coerce.number().pipe(z.int().min(1).max(PAGE_LIMIT_MAX)).default(PAGE_LIMIT_DEFAULT);

/** `cursor` is `nextCursor` of the page before. */
export const listQuery = z.strictObject({ limit, cursor: text().optional() });

export const alert = z.strictObject({
  id: z.string(),
  kind: z.string(),
  memberId: memberId.nullable(),
  facts: z.record(z.string(), z.unknown()),
  raisedAt: instant,
  resolvedAt: instant.nullable(),
});
export const alerts = z.strictObject({ alerts: z.array(alert), nextCursor: z.string().nullable() });

export const deadLetter = z.strictObject({
  id: z.string(),
  reason: z.string(),
  attempts: z.int(),
  receivedAt: instant,
  redrivenAt: instant.nullable(),
});
export const deadLetters = z.strictObject({ deadLetters: z.array(deadLetter), nextCursor: z.string().nullable() });
export const redriveRequest = z.strictObject({ limit: z.int().min(1).max(REDRIVE_LIMIT_MAX).default(100) });
export const redriven = z.strictObject({ redriven: z.int() });

export const reconcileRequest = z.strictObject({
  cursor: callerId.optional(),
  limit: z.int().min(1).max(RECONCILE_LIMIT_MAX).default(RECONCILE_LIMIT_DEFAULT),
  /** Repairs what differs by publishing the member's events again. */
  heal: z.boolean().default(false),
});
export const reconciled = z.strictObject({
  checked: z.int(),
  differences: z.array(
    z.strictObject({
      memberId,
      what: z.enum(["missing", "sequence", "balance", "entries", "derived", "fold", "profile"]),
      object: z.string(),
      postgres: z.string(),
    }),
  ),
  healed: z.int(),
  nextCursor: z.string().nullable(),
});

/** What the orders placed today, in the tenant's time zone, came to; may lag by seconds, and may have to be rebuilt. */
export const storeBoard = z.strictObject({
  storeId: slug,
  day: z.string(),
  /** Orders that are paid now, and their net in minor units. */
  orders: z.int(),
  sales: z.int(),
  /** Points by currency: given less taken back, spent less restored. */
  given: z.record(slug, z.int()),
  spent: z.record(slug, z.int()),
});

export type Region = z.output<typeof region>;
export type Owner = z.output<typeof owner>;
export type Store = z.output<typeof store>;
export type CreateTenant = z.output<typeof createTenant>;
export type Tenant = z.output<typeof tenant>;
export type CreateKey = z.output<typeof createKey>;
export type Key = z.output<typeof key>;
export type KeyCreated = z.output<typeof keyCreated>;
export type PublishedProgram = z.output<typeof publishedProgram>;
export type Programs = z.output<typeof programs>;
export type StoreBoardAnswer = z.output<typeof storeBoard>;
export type Alerts = z.output<typeof alerts>;
export type DeadLetters = z.output<typeof deadLetters>;
export type TenantPublished = z.output<typeof tenantPublished>;
export type TenantCreated = z.output<typeof tenantCreated>;
export type ProgramPublished = z.output<typeof programPublished>;

function unique<Item extends z.ZodType<{ readonly id: string }>>(item: Item) {
  return z
    .array(item)
    .min(1)
    .max(STORES_MAX)
    .refine((all) => new Set(all.map(({ id }) => id)).size === all.length, { params: { code: "duplicate_item" } });
}

/** The platform's own list of zones decides. */
function isTimeZone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat("en", { timeZone: name }).resolvedOptions().timeZone !== "";
  } catch {
    return false;
  }
}
