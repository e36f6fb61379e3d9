// Plays a source through the public API from its first basket to the last refund, and proves what came of it.
import { createClient } from "@regulars/sdk";
import { periodOf } from "@regulars/domain/clearing-periods";
import { proveClearing } from "./clearing.ts";
import { Journal } from "./journal.ts";
import { keepAliveFetch } from "./keep-alive.ts";
import { runLanes } from "./lanes.ts";
import { makeTenant, reconcile } from "./manage.ts";
import { Meter } from "./meter.ts";
import { planActions } from "./plan.ts";
import { rememberPlayed } from "./played.ts";
import { Player } from "./player.ts";
import { PostgresCopy } from "./postgres-copy.ts";
import { count, startProgress } from "./progress.ts";
import { report } from "./report.ts";
import { settle } from "./settle.ts";
import type { Source } from "./source.ts";

export interface PlayOptions {
  readonly url: string;
  readonly operatorKey: string;
  /** Null: PostgreSQL is asked through the API only. */
  readonly databaseUrl: string | null;
  /** Only so many of the first baskets. */
  readonly limit: number | null;
  readonly concurrency: number;
  readonly refundShare: number;
}

/** The replay ends this long after its last event, when points that expire with the year have expired. */
const AFTERMATH_MS = 2 * 86_400_000;

/** Plays and reports; true when everything held. */
export async function play(whole: Source, options: PlayOptions): Promise<boolean> {
  const { url, operatorKey, databaseUrl, limit, concurrency } = options;
  const source = limit === null ? whole : { ...whole, baskets: whole.baskets.slice(0, limit), returns: [] };
  const tenant = await makeTenant(url, operatorKey, source);
  rememberPlayed({ url, ...tenant });
  console.log(
    `${source.mapping.name}: ${count(source.baskets.length)} baskets into the sandbox ${tenant.tenantId} at ${url}`,
  );
  const connections = keepAliveFetch(concurrency);
  const client = createClient({ url, key: tenant.shopKey, fetch: connections.fetch });
  const copy = databaseUrl === null ? null : new PostgresCopy(databaseUrl, tenant.tenantId);
  const [journal, meter] = [new Journal(), new Meter()];
  const answered = (memberId: string, sequence: number) => copy?.watch(memberId, sequence);

  const actions = planActions(source, options);
  const player = new Player({
    client,
    mapping: source.mapping,
    people: source.people,
    coupons: source.coupons,
    journal,
    meter,
    answered,
  });
  const progress = startProgress("shopping", actions.length);
  const start = performance.now();
  await runLanes(actions, { concurrency, done: () => progress.add(1) }, (action) => player.play(action));
  const seconds = (performance.now() - start) / 1000;
  const { calls } = meter;
  progress.end();

  const testTime = new Date((actions.at(-1)?.at ?? 0) + AFTERMATH_MS).toISOString();
  const currencies = source.mapping.program.currencies.map(({ id }) => id);
  const settlement = await settle({ client, journal, meter, concurrency, testTime, currencies, answered });
  const arrived = copy === null ? null : await awaitCopy(copy, journal);
  const reconciling = startProgress("reconcile", journal.members.size);
  const reconciled = await reconcile(url, tenant.manageKey, (checked) => reconciling.add(checked)).catch(unreconciled);
  reconciling.end();
  const clearing =
    copy === null || source.mapping.program.clearing === undefined
      ? null
      : await proveClearing({
          url,
          manageKey: tenant.manageKey,
          mapping: source.mapping,
          copy,
          from: periodOf(actions[0]?.at ?? 0, source.mapping.timeZone),
          to: periodOf(Date.parse(testTime), source.mapping.timeZone),
        });
  connections.close();
  const failures = report({
    source,
    isWhole: limit === null,
    journal,
    meter,
    seconds,
    calls,
    settlement,
    reconciled,
    clearing,
    copy:
      copy === null || arrived === null
        ? null
        : { ...arrived, totals: await copy.totals(), lags: copy.lags, used: await copy.usedVouchers() },
  });
  await copy?.close();
  return failures.length === 0;
}

/** The rest of the report is worth reading also when this part could not be had. */
function unreconciled(error: unknown) {
  return { checked: 0, differences: [], failure: String(error) };
}

/** Events are numbered without gaps, so the last number of each member says how many there are. */
async function awaitCopy(copy: PostgresCopy, journal: Journal) {
  const events = [...journal.members.values()].reduce((sum, { sequence }) => sum + sequence, 0);
  const progress = startProgress("projection", events);
  const caughtUpMs = await copy.caughtUp(events, (done) => progress.set(done));
  progress.end();
  return { events, caughtUpMs };
}
