// The object of an export in workerd: what its last alarm leaves behind.
import { env } from "cloudflare:workers";
import { runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { expect, test } from "vitest";
import { FIRST_PAGE } from "./export-pages.ts";
import { ExportTable } from "./export-table.ts";

const FILE = new TextEncoder().encode("member_id\r\nmbr_1\r\n");

test("when its days are over, the alarm takes the file away and rings no more", async () => {
  const run = env.EXPORT_RUN.get(env.EXPORT_RUN.idFromName("ten_test exp_1"));
  await runInDurableObject(run, async (_, { storage }) => {
    const counts = { rows: 1, bytes: FILE.byteLength, unitsDone: 1, unitsTotal: 1, failures: 0 };
    const request = { dataset: "members" as const, format: "csv" as const, personal: false };
    const ask = { id: "exp_1", tenantId: "ten_test", timeZone: "Asia/Taipei", request };
    new ExportTable(storage).begin(ask, { phase: "told", cursor: FIRST_PAGE, ...counts }, FILE);
    await storage.setAlarm(Date.now() + 86_400_000);
  });
  expect(await run.part(1)).toEqual(FILE);
  expect(await runDurableObjectAlarm(run)).toBe(true);
  expect(await run.part(1)).toBeNull();
  await runInDurableObject(run, async (_, { storage }) => {
    expect(await storage.getAlarm()).toBeNull();
    for (const table of ["run", "part", "parquet_group"]) {
      expect(storage.sql.exec(`select count(*) as rows from ${table}`).one()).toEqual({ rows: 0 });
    }
  });
});
