// Keeps a tenant's stores, the regions that they lie in and the owners that they belong to.
import {
  locationHint,
  type Owner,
  putOwner as putOwnerShape,
  putRegion as putRegionShape,
  putStore as putStoreShape,
  type Region,
  type Store,
  STORES_MAX,
} from "@regulars/contracts/manage";
import { type Read, readJson } from "@regulars/edge/body";
import { withTenant } from "@regulars/schema/connection";
import { owners, regions, stores } from "@regulars/schema/tenants";
import { asc } from "drizzle-orm";
import { type Call, done, parameterOf, refused, tenantOf } from "./call.ts";
import { brokenConstraint } from "./database.ts";
import { publishTenant } from "./publication.ts";

/** Which field of a store breaks which foreign key. */
const FIELD_OF_CONSTRAINT: Readonly<Record<string, string>> = { stores_region: "regionId", stores_owner: "ownerId" };

export async function listRegions(call: Call): Promise<Read<{ regions: Region[] }>> {
  const { database } = call;
  const all = database.select().from(regions).orderBy(asc(regions.regionId)).limit(STORES_MAX);
  const [rows] = await withTenant(database, tenantOf(call).tenantId, [all]);
  return done({ regions: rows.map(({ regionId, name }) => ({ id: regionId, name })) });
}

export async function putRegion(call: Call): Promise<Read<Region>> {
  const { database, request } = call;
  const { tenantId } = tenantOf(call);
  const body = await readJson(request, putRegionShape);
  if (!body.ok) return body;
  const regionId = parameterOf(call, "id");
  const ids = database.select({ id: regions.regionId }).from(regions);
  const [present] = await withTenant(database, tenantId, [ids]);
  if (isFull(present, regionId)) return tooMany();
  const { name } = body.value;
  const upsert = database
    .insert(regions)
    .values({ tenantId, regionId, name })
    .onConflictDoUpdate({ target: [regions.tenantId, regions.regionId], set: { name } });
  await withTenant(database, tenantId, [upsert]);
  return done({ id: regionId, name });
}

export async function listOwners(call: Call): Promise<Read<{ owners: Owner[] }>> {
  const { database } = call;
  const all = database.select().from(owners).orderBy(asc(owners.ownerId)).limit(STORES_MAX);
  const [rows] = await withTenant(database, tenantOf(call).tenantId, [all]);
  return done({ owners: rows.map(({ ownerId, name, kind }) => ({ id: ownerId, name, kind })) });
}

export async function putOwner(call: Call): Promise<Read<Owner>> {
  const { database, request } = call;
  const { tenantId } = tenantOf(call);
  const body = await readJson(request, putOwnerShape);
  if (!body.ok) return body;
  const ownerId = parameterOf(call, "id");
  const ids = database.select({ id: owners.ownerId }).from(owners);
  const [present] = await withTenant(database, tenantId, [ids]);
  if (isFull(present, ownerId)) return tooMany();
  const upsert = database
    .insert(owners)
    .values({ tenantId, ownerId, ...body.value })
    .onConflictDoUpdate({ target: [owners.tenantId, owners.ownerId], set: body.value });
  await withTenant(database, tenantId, [upsert]);
  return done({ id: ownerId, ...body.value });
}

export async function listStores(call: Call): Promise<Read<{ stores: Store[] }>> {
  const { database } = call;
  const all = database.select().from(stores).orderBy(asc(stores.storeId)).limit(STORES_MAX);
  const [rows] = await withTenant(database, tenantOf(call).tenantId, [all]);
  return done({ stores: rows.map(storeAnswer) });
}

/** Makes or changes a store, and tells the edge. */
export async function putStore(call: Call): Promise<Read<Store>> {
  const { database, env, request } = call;
  const { tenantId } = tenantOf(call);
  const body = await readJson(request, putStoreShape);
  if (!body.ok) return body;
  const storeId = parameterOf(call, "id");
  const ids = database.select({ id: stores.storeId }).from(stores);
  const [present] = await withTenant(database, tenantId, [ids]);
  if (isFull(present, storeId)) return tooMany();
  const { locationHint: hint = null, ...rest } = body.value;
  const fields = { ...rest, locationHint: hint };
  const upsert = database
    .insert(stores)
    .values({ tenantId, storeId, ...fields })
    .onConflictDoUpdate({ target: [stores.tenantId, stores.storeId], set: fields });
  try {
    await withTenant(database, tenantId, [upsert]);
  } catch (error) {
    const field = FIELD_OF_CONSTRAINT[brokenConstraint(error) ?? ""];
    if (field === undefined) throw error;
    return refused("invalid_value", { field });
  }
  await publishTenant(env, database, tenantId);
  return done({ id: storeId, ...fields });
}

function storeAnswer(row: typeof stores.$inferSelect): Store {
  const { storeId, name, regionId, ownerId, locationHint: hint } = row;
  return { id: storeId, name, regionId, ownerId, locationHint: locationHint.nullable().parse(hint) };
}

/** Two requests at once may pass the limit by one; the limit only keeps the tenant's record small. */
function isFull(present: readonly { readonly id: string }[], id: string): boolean {
  return present.length >= STORES_MAX && !present.some((row) => row.id === id);
}

const tooMany = () => refused("too_many_items", { facts: { limit: STORES_MAX } });
