// Tenants with random histories in a real PostgreSQL, and whole runs of segmentation over them, which may be killed at any transaction.
import { createServer, request as forward } from "node:http";
import type { AddressInfo } from "node:net";
import type { RunReport } from "@regulars/contracts/segmentation-rpc";
import type { SegmentNode } from "@regulars/contracts/segments";
import { dayNumber } from "@regulars/insights/days";
import { seededRandom } from "@regulars/insights/seeded-random";
import { runTenant, type RunWish } from "../../workers/segmentation/src/run.ts";
import { makeMembers, makeOrders, makeTenant, type NightWorld, startNightWorld, TIME_ZONE } from "./nightly-world.ts";

/** A run that needs more slices than this does not end. */
const SLICES_MAX = 50;

export interface RunWorld {
  readonly night: NightWorld;
  readonly owner: NightWorld["owner"];
  readonly gateway: FailingGateway;
  /** A tenant of its own for each test. */
  tenant(): Promise<string>;
  /** Runs as of one in the morning of a local day, before the night's work, until nothing is left or for one slice. Sums of all slices. */
  run(tenantId: string, day: string, wish?: RunWish, options?: { readonly once?: boolean }): Promise<RunReport>;
  rows<Row extends object>(text: string, values: readonly unknown[]): Promise<Row[]>;
  /** The newest document of a kind of model. */
  model<Document>(tenantId: string, kind: string): Promise<Document>;
  segment(tenantId: string, segmentId: string, definition: SegmentNode): Promise<void>;
  /** Marks members as the projector does when something happens to them. */
  change(tenantId: string, memberIds: readonly string[]): Promise<void>;
  refundSome(tenantId: string, random: () => number): Promise<void>;
  expireLease(tenantId: string): Promise<void>;
  stop(): Promise<void>;
}

export async function startRunWorld(): Promise<RunWorld> {
  const night = await startNightWorld();
  const gateway = await startFailingGateway(night.env.NEON_FETCH_ENDPOINT);
  const { owner } = night;
  let tenants = 0;
  const bindings = {
    DATABASE_URL: night.env.DATABASE_URL,
    NEON_FETCH_ENDPOINT: gateway.endpoint,
    INSIGHT_EVENTS: { sendBatch: () => Promise.resolve() },
  };
  // The guarantee of the cast: these runs push no labels, and use no other binding.
  const env = bindings as unknown as Env;
  const rows: RunWorld["rows"] = async <Row extends object>(text: string, values: readonly unknown[]) =>
    (await owner.query<Row & Record<string, unknown>>(text, [...values])).rows;
  return {
    night,
    owner,
    gateway,
    rows,
    tenant: async () => {
      const tenantId = `run-${(tenants += 1)}`;
      await makeTenant(night, tenantId);
      await owner.query("delete from insight_states where tenant_id = $1", [tenantId]);
      return tenantId;
    },
    run: async (tenantId, day, wish = {}, { once = false } = {}) => {
      const context = { tenantId, timeZone: TIME_ZONE, now: Date.parse(`${day}T01:00:00+08:00`) };
      const reports: RunReport[] = [];
      for (let slice = 0; slice < SLICES_MAX; slice += 1) {
        const report = await runTenant(env, context, slice === 0 ? wish : { ...wish, rebuild: false });
        reports.push(report);
        if (once || report.finished || !report.ran) return summed(reports);
      }
      throw new Error(`the run of ${tenantId} does not end`);
    },
    model: async <Document>(tenantId: string, kind: string) => {
      const text =
        "select document from insight_models where tenant_id = $1 and kind = $2 order by version desc limit 1";
      const [row] = await rows<{ document: Document }>(text, [tenantId, kind]);
      if (row === undefined) throw new Error(`${tenantId} has no model ${kind}`);
      return row.document;
    },
    ...changesOf(owner),
    stop: async () => {
      await gateway.close();
      await night.stop();
    },
  };
}

/** What consoles and projectors do to a tenant between runs. */
function changesOf(owner: RunWorld["owner"]): Pick<RunWorld, "segment" | "change" | "refundSome" | "expireLease"> {
  return {
    segment: async (tenantId, segmentId, definition) => {
      await owner.query(
        `with saved as (insert into segment_versions (tenant_id, segment_id, version, document, saved_at)
           values ($1, $2, 1, $3, now()))
         insert into segments (tenant_id, segment_id, version, name, definition, at_checkout, state, created_at)
         values ($1, $2, 1, $2, $3, false, 'building', now())`,
        [tenantId, segmentId, JSON.stringify(definition)],
      );
    },
    change: async (tenantId, memberIds) => {
      await owner.query("update members set events = events + 1 where tenant_id = $1 and member_id = any($2)", [
        tenantId,
        memberIds,
      ]);
    },
    refundSome: async (tenantId, random) => {
      const { rows: refunded } = await owner.query<{ member_id: string }>(
        `update orders set refunded = payable where tenant_id = $1 and order_id in (
           select order_id from orders where tenant_id = $1 and refunded = 0 order by md5(order_id || $2) limit 3)
         returning member_id`,
        [tenantId, String(random())],
      );
      await owner.query("update members set events = events + 1 where tenant_id = $1 and member_id = any($2)", [
        tenantId,
        refunded.map(({ member_id: id }) => id),
      ]);
    },
    expireLease: async (tenantId) => {
      await owner.query("update insight_states set lease_until = now() - interval '1 second' where tenant_id = $1", [
        tenantId,
      ]);
    },
  };
}

function summed(reports: readonly RunReport[]): RunReport {
  return reports.reduce((sum, report) => ({
    ...report,
    membersChanged: sum.membersChanged + report.membersChanged,
    membersScored: sum.membersScored + report.membersScored,
    segmentsEntered: sum.segmentsEntered + report.segmentsEntered,
    segmentsLeft: sum.segmentsLeft + report.segmentsLeft,
  }));
}

export interface HistoryOrder {
  readonly memberId: string;
  readonly day: number;
  /** Kept money in minor units. */
  readonly amount: number;
  /** False: cancelled, undone, or wholly returned. */
  readonly counts: boolean;
}

/** Members who buy in their own rhythm and stop at some time; some orders come back, are cancelled, or fall on one day. */
export async function makeHistory(
  world: RunWorld,
  tenantId: string,
  { members, seed, until = "2026-11-28" }: { readonly members: number; readonly seed: number; readonly until?: string },
): Promise<HistoryOrder[]> {
  const random = seededRandom(seed);
  const end = dayNumber(until);
  const names = Array.from({ length: members }, (_, index) => ({ memberId: `m${index}` }));
  await makeMembers(world.night, tenantId, names);
  const orders = names.flatMap(({ memberId }) => {
    const rhythm = 3 + random() * 60;
    const stop = random() < 0.4 ? end - random() * 300 : end + 3;
    const days: number[] = [];
    for (let day = end - 20 - random() * 500; day < stop; day += rhythm * (0.3 + 1.4 * random()))
      days.push(Math.floor(day));
    if (random() < 0.1) return [];
    return days
      .flatMap((day) => (random() < 0.1 ? [day, day] : [day]))
      .map((day, index) => {
        const payable = 100 * Math.floor(1 + random() * 3000);
        const fate = random();
        const refunded = fate < 0.05 ? payable : fate < 0.1 ? Math.floor(payable / 3) : 0;
        const state = fate > 0.97 ? "cancelled" : "paid";
        const undone = fate > 0.95 && fate < 0.97 ? "order_taken" : null;
        return { memberId, orderId: `${memberId}-${index}`, day, payable, refunded, state, undone };
      });
  });
  await makeOrders(world.night, tenantId, orders);
  return orders.map(({ memberId, day, payable, refunded, state, undone }) => ({
    memberId,
    day,
    amount: payable - refunded,
    counts: state === "paid" && undone === null && refunded < payable,
  }));
}

/** What runs store of members, as text in one order, without what says when it was worked out. */
export async function dumpInsights(
  { owner }: Pick<RunWorld, "owner">,
  tenantId: string,
  { withoutTenant = false } = {},
): Promise<Record<string, string[]>> {
  const dumps: Record<string, string[]> = {};
  for (const [table, hidden, condition] of DUMPED) {
    const dropped = [...hidden, ...(withoutTenant ? ["tenant_id"] : [])];
    const { rows } = await owner.query<{ row: string }>(
      `select (to_jsonb(t) - $2::text[])::text as row from ${table} as t where tenant_id = $1 ${condition} order by 1`,
      [tenantId, dropped],
    );
    dumps[table] = rows.map(({ row }) => row);
  }
  return dumps;
}

/** Values that a model gives hold for the day on which they were worked out: a rebuild gives those of its own day. */
const OF_A_DAY = ["since", "scored_on", "alive", "expected_orders", "lifetime_value", "expected_spend", "flips_on"];
const DUMPED: readonly [table: string, hidden: readonly string[], condition: string][] = [
  ["member_figures", ["figured_on"], ""],
  ["member_scores", OF_A_DAY, ""],
  ["segment_members", ["since"], "and until is null"],
  ["segments", ["built_at", "build_milliseconds", "created_at"], ""],
  ["segment_flips", [], ""],
  ["repurchases", [], ""],
  ["member_changes", [], ""],
];

export interface FailingGateway {
  readonly endpoint: string;
  /** How many transactions were made to fail. */
  readonly failures: number;
  /** The so-many-th transaction from now on fails, and all after it: before it reaches PostgreSQL, or when it had its effect. */
  failAt(number: number, when: "before" | "after"): void;
  heal(): void;
  close(): Promise<void>;
}

/** Stands before the gateway, and dies on wish as a Worker would: in the middle. */
async function startFailingGateway(target: string): Promise<FailingGateway> {
  let countdown = Number.POSITIVE_INFINITY;
  let when: "before" | "after" = "before";
  let failures = 0;
  const server = createServer((incoming, outgoing) => {
    countdown -= 1;
    if (countdown === 0) failures += 1;
    if (countdown < 0 || (countdown === 0 && when === "before")) return void incoming.socket.destroy();
    const dies = countdown === 0;
    const onward = forward(target, { method: incoming.method, headers: incoming.headers }, (answer) => {
      if (dies) {
        answer.resume();
        answer.on("end", () => incoming.socket.destroy());
        return;
      }
      outgoing.writeHead(answer.statusCode ?? 500, answer.headers);
      answer.pipe(outgoing);
    });
    onward.on("error", () => incoming.socket.destroy());
    incoming.pipe(onward);
  });
  await new Promise<void>((resolve) => server.listen({ port: 0, host: "127.0.0.1" }, resolve));
  // A TCP server that listens has an address of this kind.
  const { port } = server.address() as AddressInfo;
  return {
    endpoint: `http://127.0.0.1:${port}/sql`,
    get failures() {
      return failures;
    },
    failAt: (number, moment) => {
      countdown = number;
      when = moment;
    },
    heal: () => {
      countdown = Number.POSITIVE_INFINITY;
    },
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
