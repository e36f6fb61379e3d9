// Writes openapi.gen.json and docs.gen.html; with --check it only tells whether they are up to date.
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { makeDocsPage } from "./docs-page.ts";
import { makeOpenApi } from "./openapi-document.ts";

const document = makeOpenApi();
const files = {
  "openapi.gen.json": `${JSON.stringify(document, null, 1)}\n`,
  "docs.gen.html": makeDocsPage(document),
};

let stale = 0;
for (const [name, content] of Object.entries(files)) {
  const path = join(import.meta.dirname, "../src", name);
  if (process.argv.includes("--check")) {
    if (existsSync(path) && readFileSync(path, "utf8") === content) continue;
    stale += 1;
    console.error(`workers/member-api/src/${name} is out of date; run: npm run generate`);
  } else {
    writeFileSync(path, content);
  }
}
process.exitCode = stale === 0 ? 0 : 1;
