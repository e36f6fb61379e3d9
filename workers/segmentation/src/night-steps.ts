// What is done for a tenant once a local day, in order: each step may be done again, and the last one cleans up.
import { sql } from "drizzle-orm";
import { refreshAffinity } from "./affinity-rules.ts";
import { countCompleteness } from "./completeness.ts";
import { raiseInsightAlerts } from "./insight-alerts.ts";
import { type NightScope, type NightStep, writeRows } from "./night-scope.ts";
import { announceDue } from "./repurchase-due.ts";
import { fitRepurchaseCycles } from "./repurchase-fit.ts";
import { refreshScorecards } from "./scorecards.ts";

/** A month: as long as somebody asks how a run went, or whether an event was sent. */
const KEPT_DAYS = 30;
/** Rows that one transaction takes away: under a second. */
const PAGE_ROWS = 10_000;
const DAY_MILLISECONDS = 86_400_000;

export const nightSteps: readonly NightStep[] = [
  { name: "repurchase announcements", work: announceDue },
  { name: "completeness", work: countCompleteness },
  { name: "repurchase cycles", work: (scope) => fitRepurchaseCycles(scope) },
  { name: "scorecards", work: (scope) => refreshScorecards(scope) },
  { name: "affinity", work: refreshAffinity },
  { name: "alerts", work: raiseInsightAlerts },
  { name: "clean-up", work: cleanUp },
];

/** Old runs, and events that the queue took long ago. The history of scores stays for ever. */
async function cleanUp(scope: NightScope): Promise<void> {
  const { tenantId, now } = scope.scene;
  const before = sql`${new Date(now - KEPT_DAYS * DAY_MILLISECONDS).toISOString()}::timestamptz`;
  const oldRuns = sql`
    with old as (
      select run_id from insight_runs where tenant_id = ${tenantId} and started_at < ${before} limit ${PAGE_ROWS}
    ),
    gone as (
      delete from insight_runs as r using old where r.tenant_id = ${tenantId} and r.run_id = old.run_id returning 1
    )
    select count(*)::int as gone from gone`;
  const oldEvents = sql`
    with old as (
      select event_id from insight_events where tenant_id = ${tenantId} and sent_at < ${before} limit ${PAGE_ROWS}
    ),
    gone as (
      delete from insight_events as e using old where e.tenant_id = ${tenantId} and e.event_id = old.event_id returning 1
    )
    select count(*)::int as gone from gone`;
  for (const statement of [oldRuns, oldEvents]) {
    for (let gone = PAGE_ROWS; gone === PAGE_ROWS;) {
      const [page] = await writeRows<{ gone: number }>(scope, [statement]);
      gone = page?.gone ?? 0;
    }
  }
}
