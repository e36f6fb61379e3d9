// Runs the ceiling in a workerd of its own: the same Miniflare and settings as the local system, nothing but the hop.
import type { ChildProcess } from "node:child_process";
import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { convertV4MiniflareOptions, Log, LogLevel, Miniflare } from "miniflare";

/** Which call the ceiling makes; sent as the key of the request. */
export type CeilingCall = "rpc" | "rpc-echo" | "fetch" | "itty" | "itty-echo" | "create";

export interface Ceiling {
  readonly url: string;
  readonly pid: number | null;
  stop(): Promise<void>;
}

/** Starts it with its objects under `folder`. */
export async function startCeiling(folder: string): Promise<Ceiling> {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const script = join(folder, "ceiling.js");
  await build({
    entryPoints: [fileURLToPath(new URL("./ceiling-worker.mjs", import.meta.url))],
    outfile: script,
    bundle: true,
    format: "esm",
    external: ["cloudflare:*"],
    keepNames: true,
    logLevel: "error",
  });
  const children: ChildProcess[] = [];
  // The channel is documented to carry the process that is being made.
  const onChild = (message: unknown) => void children.push((message as { process: ChildProcess }).process);
  subscribe("child_process", onChild);
  const miniflare = new Miniflare(
    convertV4MiniflareOptions({
      host: "127.0.0.1",
      port: 0,
      workers: [
        {
          name: "ceiling",
          modules: [{ type: "ESModule", path: script }],
          modulesRoot: folder,
          compatibilityDate: "2026-08-01",
          compatibilityFlags: ["nodejs_compat"],
          durableObjects: {
            NOTHING: { className: "Nothing", useSQLite: true },
            ITTY: { className: "IttyNothing", useSQLite: true },
          },
        },
      ],
      resourcePersistencePath: join(folder, "workerd"),
      resourceTmpPath: join(folder, "tmp"),
      log: new Log(LogLevel.ERROR),
      logRequests: false,
      cf: false,
      telemetry: { enabled: false },
      verbose: true,
      handleStructuredLogs: () => {},
    }),
  );
  const url = await miniflare.ready;
  unsubscribe("child_process", onChild);
  const workerd = children.find(({ spawnargs }) => spawnargs.some((part) => part.startsWith("--socket-addr=entry=")));
  return {
    url: url.origin,
    pid: workerd?.pid ?? null,
    stop: async () => {
      await miniflare.dispose();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
