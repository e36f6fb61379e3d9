// Decides what the local workerd runs: every Worker of workers/, as its wrangler.jsonc declares it.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { isBuiltin } from "node:module";
import { join } from "node:path";
import * as esbuild from "esbuild";
import type { V4WorkerOptions } from "miniflare";
import { unstable_getMiniflareWorkerOptions, unstable_readConfig } from "wrangler";
import { repositoryRoot } from "./data-folder.ts";

/** It answers every request that no route of another Worker takes. */
const ENTRY_WORKER = "member-api";
/** In production these are routes of the zone; here one URL serves all, whatever its host. */
const ROUTES: Readonly<Record<string, readonly string[]>> = { console: ["*/manage/*"] };

export interface LocalWorkers {
  /** The entry first. */
  readonly options: readonly V4WorkerOptions[];
  readonly crons: readonly { readonly worker: string; readonly cron: string }[];
}

interface WranglerConfig {
  readonly name?: string;
  readonly main?: string;
  readonly triggers?: { readonly crons?: readonly string[] };
  readonly secrets?: { readonly required?: readonly string[] };
  readonly vars?: Readonly<Record<string, unknown>>;
}

/** Secrets and variables by name; a Worker gets those that its wrangler.jsonc declares. */
type Values = Readonly<Record<string, string>>;

/** Reads and bundles every Worker, and then waits for the values to give them. */
export async function prepareWorkers(bundleFolder: string, values: Promise<Values>): Promise<LocalWorkers> {
  const folders = workerFolders();
  const prepared = await Promise.all(folders.map((folder) => prepareWorker(folder, values, bundleFolder)));
  prepared.sort((a, b) => Number(b.options.name === ENTRY_WORKER) - Number(a.options.name === ENTRY_WORKER));
  if (prepared[0]?.options.name !== ENTRY_WORKER) throw new Error(`There is no Worker "${ENTRY_WORKER}" in workers/.`);
  return {
    options: prepared.map(({ options }) => options),
    crons: prepared.flatMap(({ name, crons }) => crons.map((cron) => ({ worker: name, cron }))),
  };
}

function workerFolders(): string[] {
  const parent = join(repositoryRoot, "workers");
  const folders = readdirSync(parent).map((name) => join(parent, name));
  return folders.filter((folder) => existsSync(join(folder, "wrangler.jsonc")));
}

/** Reads and bundles the Worker of one folder, and then waits for the values to give it. */
export async function prepareWorker(folder: string, values: Promise<Values>, bundleFolder: string) {
  const configPath = join(folder, "wrangler.jsonc");
  const config = unstable_readConfig({ config: configPath }, { hideWarnings: true });
  // wrangler checked the file against its schema, of which this is a part; its own type is not published with it.
  const { name, main, triggers } = config as WranglerConfig;
  if (name === undefined || main === undefined) throw new Error(`${configPath} needs both "name" and "main".`);
  // Rules name files to wrangler's own bundler; esbuild below has its loaders instead.
  const { modulesRules: _rules, ...declared } = unstable_getMiniflareWorkerOptions({
    ...config,
    // Given below: wrangler would look for them in .dev.vars and warn.
    secrets: undefined,
  }).workerOptions;
  const path = join(bundleFolder, `${name}.js`);
  await bundle(main, path);
  const options: V4WorkerOptions = {
    ...declared,
    name,
    modules: [{ type: "ESModule", path, contents: readFileSync(path, "utf8") }],
    modulesRoot: bundleFolder,
    // What vars hold in the file is JSON; the object spread takes any of it.
    bindings: { ...(declared["bindings"] as object), ...valuesOf(config, await values) },
    routes: [...(ROUTES[name] ?? [])],
  };
  return { name, options, crons: triggers?.crons ?? [] };
}

function valuesOf({ name, secrets, vars }: WranglerConfig, values: Values): Record<string, string> {
  const required = secrets?.required ?? [];
  const missing = required.filter((secret) => values[secret] === undefined);
  if (missing.length > 0) {
    const names = missing.join(", ");
    throw new Error(`Worker ${name} requires ${names}, which infra/local/local-system.ts does not know. Add it there.`);
  }
  const wanted = new Set([...required, ...Object.keys(vars ?? {})]);
  return Object.fromEntries(Object.entries(values).filter(([variable]) => wanted.has(variable)));
}

async function bundle(main: string, outfile: string): Promise<void> {
  await esbuild.build({
    entryPoints: [main],
    outfile,
    bundle: true,
    format: "esm",
    target: "es2024",
    conditions: ["workerd", "worker", "browser"],
    external: ["cloudflare:*", "node:*"],
    loader: { ".sql": "text", ".html": "text", ".css": "text", ".txt": "text" },
    define: { "process.env.NODE_ENV": '"production"' },
    // Names of classes are how bindings find objects and entrypoints.
    sourcemap: "linked",
    logLevel: "error",
    plugins: [bareBuiltins],
  });
}

/** workerd knows Node's modules by their `node:` names only; some packages leave it out. */
const bareBuiltins: esbuild.Plugin = {
  name: "bare-builtins",
  setup: (build) =>
    build.onResolve({ filter: /^[a-z_/]+$/ }, ({ path }) =>
      isBuiltin(path) ? { path: `node:${path}`, external: true } : undefined,
    ),
};
