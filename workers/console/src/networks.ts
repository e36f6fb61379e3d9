// Makes networks, and makes tenants part of them: the coins are kept by a tenant of the network's own.
import type { CreateTenant } from "@regulars/contracts/manage";
import {
  createNetwork as createNetworkShape,
  networkTenantId,
  type NetworkCreated,
  type NetworkJoined,
} from "@regulars/contracts/networks";
import { type Read, readJson } from "@regulars/edge/body";
import { withTenant } from "@regulars/schema/connection";
import { networkMembers } from "@regulars/schema/networks";
import { owners, tenants } from "@regulars/schema/tenants";
import { eq } from "drizzle-orm";
import { type Call, done, type Handler, parameterOf, refused } from "./call.ts";
import { publishTenant } from "./publication.ts";
import { makeTenant } from "./tenants.ts";

export const networkHandlers: Readonly<Record<string, Handler>> = { createNetwork, joinNetwork };

async function createNetwork(call: Call): Promise<Read<NetworkCreated>> {
  const body = await readJson(call.request, createNetworkShape);
  if (!body.ok) return body;
  const { networkId, ...about } = body.value;
  const tenantId = networkTenantId(networkId);
  // A tenant has a store; in the network's own nothing is ever sold.
  const region = { id: HOUSE, name: about.name };
  const owner = { id: HOUSE, name: about.name, kind: "head_office" as const };
  const store = { id: HOUSE, name: about.name, regionId: HOUSE, ownerId: HOUSE };
  const network: CreateTenant = { ...about, tenantId, regions: [region], owners: [owner], stores: [store] };
  const made = await makeTenant(call, tenantId, network);
  if (!made.ok) return made;
  return done({ networkId, ...made.value });
}

/** Region, owner and store of the network itself; its clearing names it as head office. */
const HOUSE = "network";

async function joinNetwork(call: Call): Promise<Read<NetworkJoined>> {
  const { env, database } = call;
  const networkId = parameterOf(call, "networkId");
  const tenantId = parameterOf(call, "tenantId");
  const keeper = networkTenantId(networkId);
  if (tenantId === keeper) return refused("invalid_value", { field: "tenantId" });
  const [network, joining] = await Promise.all([keeper, tenantId].map((id) => readTenant(call, id)));
  if (network === undefined) return refused("tenant_not_found", { field: "networkId" });
  if (joining === undefined) return refused("tenant_not_found", { field: "tenantId" });
  // An order has one money, and the coin one value in it.
  if (network.currency !== joining.currency) return refused("invalid_value", { field: "tenantId" });
  const { name } = joining;
  await withTenant(database, keeper, [
    database
      .insert(owners)
      .values({ tenantId: keeper, ownerId: tenantId, name, kind: "franchisee" })
      .onConflictDoNothing(),
  ]);
  const [, [row]] = await withTenant(database, tenantId, [
    database.insert(networkMembers).values({ tenantId, networkId }).onConflictDoNothing(),
    database.select().from(networkMembers).where(eq(networkMembers.networkId, networkId)),
  ]);
  await publishTenant(env, database, tenantId);
  if (row === undefined) throw new Error("a tenant that has joined is not there");
  return done({ networkId, tenantId, joinedAt: row.joinedAt.toISOString() });
}

async function readTenant({ database }: Call, tenantId: string) {
  const [rows] = await withTenant(database, tenantId, [database.select().from(tenants)]);
  return rows[0];
}
