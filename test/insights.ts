// `npm run insights`: has a tenant's members known as of a day, prints what is known, draws it, and proves it by the orders.
import { resolve } from "node:path";
import { LANGUAGES, type Language } from "@regulars/contracts/messages/catalog";
import { readFlags, stop } from "./replay/arguments.ts";
import { tellInsights } from "./insights/tell.ts";
import { subjectOf } from "./insights/subject.ts";

const OUT_DEFAULT = ".regulars/insights";
const LANGUAGE_DEFAULT = "en";

const USAGE = `npm run insights -- [--tenant ID] [--as-of YYYY-MM-DD] ...

  --tenant ID          by default the one of the last replay or demo, else the one that \`npm start\` made
  --as-of YYYY-MM-DD   a sandbox is looked at as of any day; by default the day after its last order
  --language LANGUAGE  of stages, segments and pictures: ${LANGUAGES.join(", ")} (${LANGUAGE_DEFAULT})
  --out FOLDER         where the pictures go (${OUT_DEFAULT})
  --url URL            where Regulars answers; by default the system that \`npm start\` runs
  --key KEY            the tenant's manage key there
  --database-url URL   its PostgreSQL, to work everything out a second time`;

const flags = readFlags(
  {
    tenant: { type: "string" },
    "as-of": { type: "string" },
    language: { type: "string" },
    out: { type: "string" },
    url: { type: "string" },
    key: { type: "string" },
    "database-url": { type: "string" },
  },
  USAGE,
);
if (flags.help === true) {
  console.log(USAGE);
  process.exit(0);
}
const agrees = await tellInsights({
  subject: subjectOf(flags),
  asOf: flags["as-of"] === undefined ? null : dayOf(flags["as-of"]),
  language: languageOf(flags.language ?? LANGUAGE_DEFAULT),
  out: resolve(flags.out ?? OUT_DEFAULT),
});
process.exit(agrees ? 0 : 1);

function dayOf(text: string): string {
  const isDay = /^\d{4}-\d{2}-\d{2}$/.test(text) && new Date(`${text}T00:00:00Z`).toISOString().startsWith(text);
  return isDay ? text : stop(`--as-of must be a day such as 2018-01-01, not "${text}"`);
}

function languageOf(text: string): Language {
  return LANGUAGES.find((one) => one === text) ?? stop(`--language must be one of ${LANGUAGES.join(", ")}`);
}
