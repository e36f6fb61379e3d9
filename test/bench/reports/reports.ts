// Measures the reports on all members and orders at scale, in a database that the section segmentation has kept: `node test/bench/reports/reports.ts FOLDER [rounds]`.
import { resolve } from "node:path";
import { startGateway } from "../../../infra/local/gateway.ts";
import { applicationUrl } from "../../../infra/local/migrate.ts";
import { anyFreePort } from "../../../infra/local/ports.ts";
import { openDatabase, withTenant } from "../../../packages/schema/src/connection.ts";
import { tenants } from "../../../packages/schema/src/tenants.ts";
import type { Call } from "../../../workers/console/src/call.ts";
import { insightReportHandlers } from "../../../workers/console/src/insight-report-handlers.ts";
import { NOW, TENANT } from "../segmentation/draw-rows.ts";
import { startScaleServer } from "../segmentation/scale-database.ts";
import { spreadOf } from "../statistics.ts";

const YEAR = "from=2025-07-01&until=2026-06-30";
/** Every order there is. */
const ALL = "from=2023-07-01&until=2026-06-30";
const BEFORE = "&compareFrom=2024-07-01&compareUntil=2025-06-30";

/** Each operation with the queries that read most. The database has no points, order lines or needs: reports of those are not here. */
const REPORTS: Readonly<Record<string, readonly string[]>> = {
  getInsightOverview: ["", YEAR, `${YEAR}${BEFORE}`, `${YEAR}&regionId=region-1`, `${YEAR}&storeId=store-1`, ALL],
  getInsightSeries: [
    ...["revenue", "orders", "buyers", "averageOrder", "newBuyers", "enrolled"].map(
      (m) => `metric=${m}&by=month&${YEAR}`,
    ),
    `metric=revenue&by=day&${YEAR}${BEFORE}`,
    `metric=newBuyers&by=week&${YEAR}&regionId=region-1`,
    `metric=buyers&by=month&${ALL}`,
  ],
  getInsightCohorts: [
    "",
    "measure=revenue",
    "from=2023-07&until=2026-06",
    "from=2023-07&until=2026-06&measure=revenue",
  ],
  getInsightForecast: ["metric=revenue", "metric=revenue&by=week"],
  getInsightRfm: [""],
  getInsightLifecycle: ["", YEAR],
  getInsightValue: ["", "by=lifetimeValue"],
  getCountsAsOf: ["day=2026-06-30"],
  getInsightPivot: [
    "rows=tier&columns=homeStore",
    "rows=ageBand&columns=stage&measure=spend",
    "rows=segment&columns=homeStore&measure=lifetimeValue",
  ],
  getScorecards: [""],
  getCompleteness: [""],
};

const [folder, roundsText = "3"] = process.argv.slice(2);
if (folder === undefined)
  throw new Error("Say which folder `npm run bench -- --only segmentation --keep FOLDER` has kept.");

const postgres = await startScaleServer(resolve(folder), () => {});
const gateway = await startGateway(await anyFreePort());
try {
  await measure(Number(roundsText));
} finally {
  await gateway.close();
  await postgres.stop();
}

/** Through the driver with production's own limit of a round trip: a report that takes longer ends this with an error. */
async function measure(rounds: number): Promise<void> {
  const databaseUrl = applicationUrl(postgres.ownerUrl);
  const database = openDatabase({ databaseUrl, fetchEndpoint: gateway.endpoint });
  const [[tenant]] = await withTenant(database, TENANT, [database.select().from(tenants)]);
  if (tenant === undefined) throw new Error(`${folder} holds no tenant ${TENANT}.`);
  const asked = Object.entries(REPORTS).flatMap(([operation, queries]) =>
    queries.map((query) => ({ operation, query })),
  );
  for (const { operation, query } of asked) {
    const times: number[] = [];
    let bytes = 0;
    for (let round = 0; round < rounds; round += 1) {
      const began = performance.now();
      const answer = await ask({ database, tenant }, operation, query);
      times.push(performance.now() - began);
      bytes = JSON.stringify(answer).length;
    }
    const { median, max } = spreadOf(times);
    const [usual, worst] = [median, max].map((time) => `${Math.round(time)} ms`.padStart(9));
    console.log(`${operation.padEnd(20)} ${query.padEnd(90)} median ${usual}, worst ${worst}, ${bytes} bytes`);
  }
}

async function ask(of: Pick<Call, "database" | "tenant">, operation: string, query: string): Promise<unknown> {
  const handler = insightReportHandlers[operation];
  if (handler === undefined) throw new Error(`no handler answers ${operation}`);
  // The handlers of reports use nothing of the environment, and of the request its address.
  const [env, request] = [{} as Env, new Request(`http://bench/?${query}`) as unknown as Call["request"]];
  const answer = await handler({ ...of, request, env, parameters: {}, now: NOW });
  if (!answer.ok) throw new Error(`${operation} ${query}: ${JSON.stringify(answer.refusals)}`);
  return answer.value;
}
