// Networks: several tenants with one coin. Requests and answers of the management API.
import { z } from "zod";
import { createTenant, tenantId } from "./manage.ts";
import { instant } from "./values.ts";

/** Names the network in programs (`currencies[].network`) and, with a prefix, the tenant that keeps its coins. */
export const networkId = z.string().regex(/^[a-z][a-z0-9-]{1,30}$/);

/** The tenant that keeps the coins of a network. */
export const networkTenantId = (id: string) => `net_${id}`;

export const createNetwork = createTenant
  .pick({ name: true, sandbox: true, timeZone: true, phoneRegion: true, currency: true, locale: true })
  .extend({ networkId });

/** The key publishes the program of the network, which has the coin; nobody else can. */
export const networkCreated = z.strictObject({ networkId, tenantId, manageKey: z.string() });

export const networkJoined = z.strictObject({ networkId, tenantId, joinedAt: instant });

export type CreateNetwork = z.output<typeof createNetwork>;
export type NetworkCreated = z.output<typeof networkCreated>;
export type NetworkJoined = z.output<typeof networkJoined>;
