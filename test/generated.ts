// Lists every committed file that a command writes, and proves that running the command again would change nothing.
import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Outcome, repositoryRoot, runCommand } from "./command.ts";

type Generated = { readonly command: string; readonly folder: string; readonly files: readonly string[] };

const bindingTypes = "wrangler types --include-runtime=false --strict-vars=false";

/** To commit another generated file, add its row here; `npm run generate` writes it and `npm test` checks it. */
const generated: readonly Generated[] = [
  {
    folder: "workers/member-api",
    command: "node scripts/make-openapi.ts",
    files: ["src/openapi.gen.json", "src/docs.gen.html"],
  },
  { folder: "packages/sdk", command: "node scripts/make-routes.ts", files: ["src/routes.gen.ts"] },
  { folder: "workers/console", command: bindingTypes, files: ["worker-configuration.d.ts"] },
  { folder: "workers/member-api", command: bindingTypes, files: ["worker-configuration.d.ts"] },
  { folder: "workers/point-ledger", command: bindingTypes, files: ["worker-configuration.d.ts"] },
  { folder: "workers/projector", command: bindingTypes, files: ["worker-configuration.d.ts"] },
  { folder: "workers/segmentation", command: bindingTypes, files: ["worker-configuration.d.ts"] },
];

export async function generateAll(): Promise<void> {
  for (const { command, folder } of generated) {
    console.log(`${folder}: ${command}`);
    const { passed, output } = await runCommand(command, folder);
    if (!passed) throw new Error(output);
  }
}

/** Runs every generator and puts back what was there, so that a check never edits the checkout. */
export async function checkGenerated(): Promise<Outcome> {
  const problems: string[] = [];
  for (const row of generated) problems.push(...(await staleFiles(row)));
  return { passed: problems.length === 0, output: problems.join("\n") };
}

async function staleFiles({ command, folder, files }: Generated): Promise<string[]> {
  const paths = files.map((file) => join(folder, file));
  const committed = paths.map(contentOf);
  const { passed, output } = await runCommand(command, folder);
  const fresh = paths.map(contentOf);
  paths.forEach((path, index) => restore(path, committed[index] ?? null));
  if (!passed) return [`${folder}: ${command} failed\n${output}`];
  return paths
    .filter((_, index) => committed[index] !== fresh[index])
    .map((path) => `${path} is not what "${command}" writes; run: npm run generate`);
}

function contentOf(path: string): string | null {
  const full = join(repositoryRoot, path);
  return existsSync(full) ? readFileSync(full, "utf8") : null;
}

function restore(path: string, content: string | null): void {
  const full = join(repositoryRoot, path);
  if (content === null) rmSync(full, { force: true });
  else if (contentOf(path) !== content) writeFileSync(full, content);
}
