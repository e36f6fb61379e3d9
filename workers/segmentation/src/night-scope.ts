// What a step of the night works with: a tenant, its settings, and the lease that every writing transaction keeps.
import type { InsightSettings } from "@regulars/contracts/insights-settings";
import { type Database, withTenant } from "@regulars/schema/connection";
import type { SQL } from "drizzle-orm";
import type { BatchItem } from "drizzle-orm/batch";
import type { Scene } from "./scene.ts";

export interface NightScope {
  readonly env: Env;
  readonly database: Database;
  readonly scene: Scene;
  /** The statement that goes first in a transaction that writes: without the lease, the transaction has no effect. */
  readonly keep: () => BatchItem<"pg">;
  readonly settings: InsightSettings;
}

/** A step may be killed at any moment and is then done again from its beginning: its effect is that of one time. */
export interface NightStep {
  readonly name: string;
  work(scope: NightScope): Promise<void>;
}

/** The rows of one statement that reads. */
export async function readRows<Row extends Record<string, unknown>>(
  { database, scene }: Pick<NightScope, "database" | "scene">,
  statement: SQL,
): Promise<Row[]> {
  const [{ rows }] = await withTenant(database, scene.tenantId, [database.execute<Row>(statement)]);
  return rows;
}

/** Runs statements that write in one transaction, under the lease. Gives the rows of the last one. */
export async function writeRows<Row extends Record<string, unknown>>(
  { database, scene, keep }: Pick<NightScope, "database" | "scene" | "keep">,
  statements: readonly [SQL, ...SQL[]],
): Promise<Row[]> {
  const items = statements.map((statement) => database.execute<Row>(statement));
  const results = await withTenant(database, scene.tenantId, [keep(), ...items]);
  // Each item answers as `execute` does; the last one is a statement of the caller, since there is at least one.
  return (results.at(-1) as { rows: Row[] }).rows;
}
