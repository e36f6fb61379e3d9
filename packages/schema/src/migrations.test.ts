// Tests that the committed migrations make exactly the tables that the code describes.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { generateDrizzleJson, generateMigration } from "drizzle-kit/api";
import { expect, test } from "vitest";
import * as alerts from "./alerts.ts";
import * as clearing from "./clearing.ts";
import * as insights from "./insights.ts";
import * as ledger from "./ledger.ts";
import * as loyalty from "./loyalty.ts";
import * as members from "./members.ts";
import * as networks from "./networks.ts";
import * as orders from "./orders.ts";
import * as segments from "./segments.ts";
import * as simulations from "./simulations.ts";
import * as tenants from "./tenants.ts";
import * as trade from "./trade.ts";

const folder = fileURLToPath(new URL("../../../migrations/postgres", import.meta.url));
// drizzle-kit alone writes these files.
const journal = JSON.parse(readFileSync(join(folder, "meta/_journal.json"), "utf8")) as { entries: { tag: string }[] };

test("drizzle-kit would generate nothing: a change of a table has its migration", async () => {
  const number = String(journal.entries.length - 1).padStart(4, "0");
  const latest = JSON.parse(readFileSync(join(folder, `meta/${number}_snapshot.json`), "utf8")) as Snapshot;
  const rooms = {
    ...alerts,
    ...clearing,
    ...insights,
    ...ledger,
    ...loyalty,
    ...members,
    ...networks,
    ...orders,
    ...segments,
    ...simulations,
    ...tenants,
    ...trade,
  };
  const present = generateDrizzleJson(rooms, latest.id);
  expect(await generateMigration(latest, present)).toEqual([]);
});

test("every migration stands in the journal, in order", () => {
  const files = readdirSync(folder).filter((name) => name.endsWith(".sql"));
  expect(files.sort()).toEqual(journal.entries.map(({ tag }) => `${tag}.sql`));
});

type Snapshot = ReturnType<typeof generateDrizzleJson>;
