// Builds the vitest project that tests one Worker inside workerd, together with the Workers it calls.
import { fileURLToPath } from "node:url";
import { cloudflareTest } from "@cloudflare/vitest-plugin";
import { build } from "esbuild";
import { unstable_getMiniflareWorkerOptions as readWorker } from "wrangler";
import type { TestProjectInlineConfiguration } from "vitest/config";

/** What `secrets.required` asks for in wrangler.jsonc; worthless outside tests. */
const testSecrets = {
  MASTER_KEY: "test-master-key-0123456789abcdef0123456789abcdef",
  OPERATOR_KEY: "test-operator-key",
  DATABASE_URL: "postgres://nobody:nothing@127.0.0.1:1/nowhere",
};

// Without it wrangler warns at every start that the secrets are not in a .env file.
process.env["WRANGLER_LOG"] ??= "error";

/** The project named like its Worker; `calledWorkers` are all that can be reached from it by bindings. */
export function workerdProject(worker: string, calledWorkers: readonly string[]): TestProjectInlineConfiguration {
  return {
    plugins: [
      cloudflareTest(async () => ({
        wrangler: { configPath: configPathOf(worker) },
        miniflare: { bindings: testSecrets, workers: await Promise.all(calledWorkers.map(bundleWorker)) },
      })),
    ],
    test: {
      name: worker,
      include: [`workers/${worker}/**/*.workerd.test.ts`],
      testTimeout: 60_000,
    },
  };
}

/** Vitest compiles only the Worker under test; the Workers it calls are bundled as for deployment. */
async function bundleWorker(worker: string) {
  const { main, workerOptions } = readWorker(configPathOf(worker));
  if (main === undefined) throw new Error(`${worker} has no main file`);
  const bundled = await build({
    entryPoints: [main],
    bundle: true,
    write: false,
    format: "esm",
    target: "es2024",
    conditions: ["workerd", "worker", "browser"],
    external: ["cloudflare:*", "node:*"],
    loader: { ".sql": "text", ".html": "text" },
  });
  const [script] = bundled.outputFiles;
  if (script === undefined) throw new Error(`esbuild wrote nothing for ${worker}`);
  return {
    ...workerOptions,
    name: worker,
    modules: [{ type: "ESModule" as const, path: "index.mjs", contents: script.text }],
    // Wrangler types its bindings as unknown; `vars` of wrangler.jsonc are all that it puts there.
    bindings: { ...(workerOptions.bindings as Record<string, string> | undefined), ...testSecrets },
  };
}

function configPathOf(worker: string): string {
  return fileURLToPath(new URL(`../workers/${worker}/wrangler.jsonc`, import.meta.url));
}
