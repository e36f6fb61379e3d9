// Reads the live board of one store, and has it rebuilt when it was lost.
import { storeBoard, type StoreBoardAnswer } from "@regulars/contracts/manage";
import type { ProjectorRpc } from "@regulars/contracts/rpc";
import { localTime } from "@regulars/domain/calendar";
import type { Read } from "@regulars/edge/body";
import { withTenant } from "@regulars/schema/connection";
import { stores } from "@regulars/schema/tenants";
import { eq } from "drizzle-orm";
import { type Call, done, parameterOf, refused, tenantOf } from "./call.ts";

const figures = storeBoard.omit({ storeId: true });

export async function getStoreBoard(call: Call): Promise<Read<StoreBoardAnswer>> {
  return (await hasStore(call)) ? done(await readBoard(call)) : refused("store_not_found", { field: "id" });
}

/** Takes the figures of today from PostgreSQL. */
export async function rebuildStoreBoard(call: Call): Promise<Read<StoreBoardAnswer>> {
  if (!(await hasStore(call))) return refused("store_not_found", { field: "id" });
  // The guarantee of the cast: the binding names the entrypoint Projector, which implements ProjectorRpc.
  const projector = call.env.PROJECTOR as unknown as ProjectorRpc;
  await projector.rebuildBoard(tenantOf(call).tenantId, parameterOf(call, "id"));
  return done(await readBoard(call));
}

async function hasStore(call: Call): Promise<boolean> {
  const { database } = call;
  const wanted = eq(stores.storeId, parameterOf(call, "id"));
  const present = database.select({ id: stores.storeId }).from(stores).where(wanted);
  const [rows] = await withTenant(database, tenantOf(call).tenantId, [present]);
  return rows.length > 0;
}

/** Calls `read(day)` by the protocol of itty-durable: the method in the path, its arguments in a header. */
async function readBoard(call: Call): Promise<StoreBoardAnswer> {
  const { tenantId, timeZone } = tenantOf(call);
  const storeId = parameterOf(call, "id");
  const name = `${tenantId}:${storeId}`;
  const headers = { "do-name": name, "do-content": JSON.stringify([dayOf(call.now, timeZone)]) };
  const response = await call.env.STORE_BOARD.getByName(name).fetch("https://board/do/call/read", { headers });
  if (!response.ok) throw new Error(`the board answered ${response.status}`);
  return { storeId, ...figures.parse(await response.json()) };
}

function dayOf(instant: number, timeZone: string): string {
  const { year, month, day } = localTime(instant, timeZone);
  return [String(year).padStart(4, "0"), String(month).padStart(2, "0"), String(day).padStart(2, "0")].join("-");
}
