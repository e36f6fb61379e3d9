// How fast events reach PostgreSQL: what is drained after an outage, and how long an order takes to become visible.
import { setTimeout as sleep } from "node:timers/promises";
import pg from "pg";
import type { BenchOptions } from "./arguments.ts";
import type { Generator } from "./load.ts";
import type { RegularsSubject } from "./regulars.ts";
import { quantile } from "./statistics.ts";
import type { SubjectName } from "./subject.ts";

/** The longest that the queue waits before it hands on what it has (max_batch_timeout of the projector). */
export const BATCH_WAIT_MS = 1000;
const ORDERS_PER_SECOND = 300;
const BUCKET_MS = 250;
const CAUGHT_UP_SECONDS_MAX = 300;
/** Members of the spread load that write during the outage: enough to be many, few enough to be quick. */
const WRITERS = 50;

export interface ProjectionResult {
  readonly events: number;
  readonly drain: {
    /** Rows a second while rows arrive. */
    readonly perSecond: number;
    /** From the start of PostgreSQL to the first row, and to the last. */
    readonly firstRowMs: number;
    readonly caughtUpMs: number;
  };
  /** On each system, since a local disk makes the one thread of workerd wait. */
  readonly lags: readonly Lag[];
}

export interface Lag {
  readonly subject: SubjectName;
  readonly orders: number;
  readonly perSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly maxMs: number;
}

/** Measures the lag on both systems, then the drain on the durable one; every event written must arrive. */
export async function measureProjection(
  { disk, memory }: { disk: RegularsSubject; memory: RegularsSubject },
  generator: Generator,
  options: BenchOptions,
  say: (line: string) => void,
): Promise<ProjectionResult> {
  const lags: Lag[] = [];
  for (const subject of [memory, disk]) {
    const lag = await measureLag(subject, generator, options);
    const [p50, p99] = [Math.round(lag.p50Ms), Math.round(lag.p99Ms)];
    say(`projection: lag on ${subject.name} p50 ${p50} ms, p99 ${p99} ms at ${Math.round(lag.perSecond)} orders/s`);
    lags.push(lag);
    await subject.settle("spread");
  }
  const drain = await measureDrain(disk, generator, options, say);
  say(`projection: ${Math.round(drain.perSecond)} events/s while draining, caught up after ${drain.caughtUpMs} ms`);
  return { events: options.events, drain, lags };
}

async function measureDrain(
  subject: RegularsSubject,
  generator: Generator,
  { connections, events }: BenchOptions,
  say: (line: string) => void,
): Promise<ProjectionResult["drain"]> {
  const { url, key, stack, tenant } = subject;
  const before = await countEvents(stack.databaseUrl, tenant.tenantId);
  await stack.stopPostgres();
  say(`projection: writing ${events} events without PostgreSQL ...`);
  const memberIds = subject.membersOf("spread").slice(0, WRITERS);
  const prefix = `drain-${Date.now().toString(36)}`;
  const load = { url, key, memberIds, connections, prefix, operationsMax: events, seconds: 900 };
  const { done } = await generator.run({ ...load, operation: "earn" });
  subject.note("spread", "earn", done);
  const wanted = before + done.reduce((sum, one) => sum + one, 0);
  const since = performance.now();
  await stack.startPostgres();
  const rows = await watchRows(stack.databaseUrl, tenant.tenantId, wanted);
  const arrivals = rows.flatMap(({ count, at }, place) => {
    const more = count - (rows[place - 1]?.count ?? before);
    return more > 0 ? [{ at, more }] : [];
  });
  const total = arrivals.reduce((sum, { more }) => sum + more, 0);
  const first = arrivals[0]?.at ?? NaN;
  return {
    perSecond: total / ((arrivals.length * BUCKET_MS) / 1000),
    firstRowMs: Math.round(first - since),
    caughtUpMs: Math.round((arrivals.at(-1)?.at ?? NaN) - since),
  };
}

async function watchRows(databaseUrl: string, tenantId: string, wanted: number) {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  const rows: { count: number; at: number }[] = [];
  const start = performance.now();
  try {
    for (;;) {
      const count = await countWith(client, tenantId);
      rows.push({ count, at: performance.now() });
      if (count === wanted) return rows;
      if (count > wanted) throw new Error(`PostgreSQL has ${count} events of ${wanted}`);
      if (performance.now() - start > CAUGHT_UP_SECONDS_MAX * 1000) {
        throw new Error(`only ${count} of ${wanted} events have reached PostgreSQL in ${CAUGHT_UP_SECONDS_MAX} s`);
      }
      const next = start + rows.length * BUCKET_MS;
      await sleep(Math.max(0, next - performance.now()));
    }
  } finally {
    await client.end();
  }
}

/** A trigger tells the moment at which each order's event was committed; the system itself is left as it is. */
async function measureLag(
  subject: RegularsSubject,
  generator: Generator,
  { connections, lagSeconds }: BenchOptions,
): Promise<Lag> {
  const { url, key, stack } = subject;
  const client = new pg.Client({ connectionString: stack.databaseUrl });
  await client.connect();
  const visibleAt = new Map<string, number>();
  client.on("notification", ({ payload = "" }) => visibleAt.set(payload, Date.now()));
  await client.query(`
    create function bench_tell() returns trigger language plpgsql as
      $$ begin perform pg_notify('bench', new.key); return null; end $$;
    create trigger bench_tell after insert on member_events for each row
      when (new.key like 'o/lag-%') execute function bench_tell();
    listen bench`);
  try {
    const prefix = `lag-${Date.now().toString(36)}`;
    const memberIds = subject.membersOf("spread");
    const load = { url, key, connections, prefix, memberIds };
    await generator.run({ ...load, operation: "balance", seconds: 60, once: true });
    const paced = { seconds: lagSeconds, perSecond: ORDERS_PER_SECOND, wantsOrders: true };
    const { done, orders, seconds } = await generator.run({ ...load, ...paced, operation: "earn" });
    subject.note("spread", "earn", done);
    for (let waits = 0; visibleAt.size < orders.length && waits < 100; waits += 1) await sleep(100);
    const lags = orders.map(([id, answeredAt]) => (visibleAt.get(`o/${id}/paid`) ?? Infinity) - answeredAt);
    const sorted = lags.sort((one, other) => one - other);
    if (sorted.at(-1) === Infinity) throw new Error("an order did not reach PostgreSQL within ten seconds");
    const [p50Ms, p99Ms] = [quantile(sorted, 0.5), quantile(sorted, 0.99)];
    return {
      subject: subject.name,
      orders: orders.length,
      perSecond: orders.length / seconds,
      p50Ms,
      p99Ms,
      maxMs: sorted.at(-1) ?? NaN,
    };
  } finally {
    await client.query("drop trigger bench_tell on member_events; drop function bench_tell").catch(() => {});
    await client.end();
  }
}

async function countEvents(databaseUrl: string, tenantId: string): Promise<number> {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    return await countWith(client, tenantId);
  } finally {
    await client.end();
  }
}

async function countWith(client: pg.Client, tenantId: string): Promise<number> {
  const { rows } = await client.query<{ count: string }>("select count(*) from member_events where tenant_id = $1", [
    tenantId,
  ]);
  return Number(rows[0]?.count);
}
