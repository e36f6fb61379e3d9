// Which tenants are part of which networks, whose coin all of them accept.
import { pgTable, primaryKey, text } from "drizzle-orm/pg-core";
import { instant, ownTenantOnly, tenantId } from "./columns.ts";
import { tenants } from "./tenants.ts";

/** A network is a tenant of its own, which keeps its coins; this says who else is part of it. */
export const networkMembers = pgTable(
  "network_members",
  {
    tenantId: tenantId().references(() => tenants.tenantId),
    networkId: text("network_id").notNull(),
    joinedAt: instant("joined_at").notNull().defaultNow(),
  },
  (table) => [primaryKey({ columns: [table.tenantId, table.networkId] }), ownTenantOnly()],
);
