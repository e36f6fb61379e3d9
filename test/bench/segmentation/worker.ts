// Runs the Worker segmentation in a workerd of its own: the code and driver of production, on the bench's PostgreSQL.
import type { ChildProcess } from "node:child_process";
import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { InsightContext, RunReport } from "@regulars/contracts/segmentation-rpc";
import { convertV4MiniflareOptions, Log, LogLevel, Miniflare } from "miniflare";
import { startGateway } from "../../../infra/local/gateway.ts";
import { repositoryRoot } from "../../../infra/local/data-folder.ts";
import { prepareWorker } from "../../../infra/local/workers.ts";
import { type MemoryWatch, watchMemory } from "./memory.ts";

export interface RunWish {
  readonly night?: boolean;
  readonly rebuild?: boolean;
}

export interface SegmentationWorker {
  /** One slice, as cron asks for it. */
  run(context: InsightContext, wish: RunWish): Promise<RunReport>;
  memory(): MemoryWatch;
  stop(): Promise<void>;
}

const NAME = "segmentation";
/** Objects of members are not measured here: each takes its labels at once. */
const POINT_LEDGER = `
  import { DurableObject, WorkerEntrypoint } from "cloudflare:workers";
  export class MemberLedger extends DurableObject {
    act() { return { ok: true, value: { leftOut: { tags: [], segments: [] } }, events: [] }; }
  }
  export class PointLedger extends WorkerEntrypoint { relay() {} }
  export default { fetch: () => new Response() };`;
const CALLER = `
  export default {
    async fetch(request, env) {
      const { context, wish } = await request.json();
      return Response.json(await env.SEGMENTATION.run(context, wish));
    },
  };`;

export async function startWorker(databaseUrl: string): Promise<SegmentationWorker> {
  const folder = mkdtempSync(join(tmpdir(), "regulars-bench-worker-"));
  const gateway = await startGateway(0);
  const values = Promise.resolve({ DATABASE_URL: databaseUrl, NEON_FETCH_ENDPOINT: gateway.endpoint });
  const source = join(repositoryRoot, "workers", NAME);
  const { options: segmentation } = await prepareWorker(source, values, join(folder, "bundles"));
  const children: ChildProcess[] = [];
  // The channel is documented to carry the process that is being made.
  const onChild = (message: unknown) => void children.push((message as { process: ChildProcess }).process);
  subscribe("child_process", onChild);
  const plain = { compatibilityDate: "2026-08-01", compatibilityFlags: ["nodejs_compat"] };
  const miniflare = new Miniflare(
    convertV4MiniflareOptions({
      host: "127.0.0.1",
      port: 0,
      inspectorPort: 0,
      workers: [
        {
          ...plain,
          name: "caller",
          modules: [{ type: "ESModule", path: "caller.js", contents: CALLER }],
          serviceBindings: { SEGMENTATION: { name: NAME, entrypoint: "Segmentation" } },
        },
        segmentation,
        {
          ...plain,
          name: "point-ledger",
          modules: [{ type: "ESModule", path: "point-ledger.js", contents: POINT_LEDGER }],
          durableObjects: { MEMBER_LEDGER: { className: "MemberLedger" } },
        },
      ],
      resourcePersistencePath: join(folder, "workerd"),
      resourceTmpPath: join(folder, "tmp"),
      log: new Log(LogLevel.ERROR),
      logRequests: false,
      cf: false,
      telemetry: { enabled: false },
      handleStructuredLogs: ({ level, message }) => {
        if (level === "error" || level === "warn") console.error(message);
      },
    }),
  );
  const stop = async () => {
    await miniflare.dispose();
    await gateway.close();
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    const url = await miniflare.ready;
    const inspector = await miniflare.getInspectorURL();
    const workerd = children.find(({ spawnargs }) => spawnargs.some((part) => part.startsWith("--socket-addr=entry=")));
    return {
      run: (context, wish) => askForRun(url, context, wish),
      memory: () => watchMemory({ pid: workerd?.pid ?? null, inspector, worker: NAME }),
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  } finally {
    unsubscribe("child_process", onChild);
  }
}

async function askForRun(url: URL, context: InsightContext, wish: RunWish): Promise<RunReport> {
  const response = await fetch(url, { method: "POST", body: JSON.stringify({ context, wish }) });
  const text = await response.text();
  if (!response.ok) throw new Error(`A run failed: ${text.slice(0, 2000)}`);
  // The caller answers what the Worker's RPC returned.
  return JSON.parse(text) as RunReport;
}
