// What the console publishes to KV for the edge: keys, tenants with their stores and program versions.
import { z } from "zod";

export const scope = z.enum(["members:read", "members:write", "checkout", "points:write", "manage"]);
export type Scope = z.output<typeof scope>;

/** `key:{keyId}`: a credential as the edge knows it; the secret itself is never stored. */
export interface KeyRecord {
  readonly keyId: string;
  readonly tenantId: string;
  /** SHA-256 of the secret, hex. */
  readonly secretHash: string;
  readonly scopes: readonly Scope[];
  /** Null: every store of the tenant. */
  readonly storeIds: readonly string[] | null;
  readonly requestsPerMinute: number;
  readonly revokedAt: number | null;
}

export interface StoreEntry {
  readonly regionId: string;
  readonly ownerId: string;
  readonly locationHint: DurableObjectLocationHintName | null;
}

/** Where an object is created first; the platform's own list. */
export const LOCATION_HINTS = ["wnam", "enam", "sam", "weur", "eeur", "apac", "oc", "afr", "me"] as const;
export type DurableObjectLocationHintName = (typeof LOCATION_HINTS)[number];

/** `tenant:{tenantId}`: everything of a tenant that a checkout needs besides the program. */
export interface TenantRecord {
  readonly tenantId: string;
  readonly name: string;
  readonly sandbox: boolean;
  readonly timeZone: string;
  readonly phoneRegion: string;
  readonly currency: string;
  readonly locale: "zh-TW" | "zh-CN" | "en";
  readonly jurisdiction: "eu" | "fedramp" | null;
  readonly stores: Readonly<Record<string, StoreEntry>>;
  readonly programs: readonly { readonly version: number; readonly effectiveFrom: number }[];
  /** Networks that the tenant is part of, by id, with the tenant that keeps their coins. */
  readonly networks?: Readonly<Record<string, { readonly tenantId: string }>>;
}

export const keyPath = (keyId: string) => `key:${keyId}`;
export const tenantPath = (tenantId: string) => `tenant:${tenantId}`;
export const programPath = (tenantId: string, version: number) => `program:${tenantId}:${version}`;

const KEY_PATTERN = /^rk_live_([a-z0-9]{12})_([A-Za-z0-9]{43})$/;

/** The parts of a secret key, or null when the text is not one. */
export function parseKey(key: string): { keyId: string; secret: string } | null {
  const [, keyId, secret] = KEY_PATTERN.exec(key) ?? [];
  return keyId === undefined || secret === undefined ? null : { keyId, secret };
}

/** The version that decides an order placed at `placedAt` (Unix ms): the latest published one in force then. */
export function versionInForce(programs: TenantRecord["programs"], placedAt: number): number | null {
  let found: number | null = null;
  for (const { version, effectiveFrom } of programs) {
    if (effectiveFrom <= placedAt && (found === null || version > found)) found = version;
  }
  return found ?? programs.reduce<number | null>((low, { version }) => Math.min(low ?? version, version), null);
}

/** Where a tenant's objects must stay: part of its id, since data that exists cannot change it. */
export function jurisdictionOf(tenantId: string): "eu" | "fedramp" | null {
  const [, place] = /^ten_(eu|fedramp)_/.exec(tenantId) ?? [];
  return place === "eu" || place === "fedramp" ? place : null;
}
