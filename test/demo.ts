// `npm run demo`: makes a year of plausible shopping from a seed and plays it as the replay does.
import { copyFileSync, mkdirSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { generateYear } from "./demo/year.ts";
import { PLAY_USAGE, playFlags, playOptionsOf, readFlags, wholeNumber } from "./replay/arguments.ts";
import { writeTable } from "./replay/csv.ts";
import { readMapping } from "./replay/mapping.ts";
import { play } from "./replay/play.ts";
import { makeSource } from "./replay/source.ts";

const SEED_DEFAULT = "7";
const MEMBERS_DEFAULT = "500";

const USAGE = `npm run demo -- [--members ${MEMBERS_DEFAULT}] [--seed ${SEED_DEFAULT}] ...

  --members N          people who shop
  --seed N             the same seed makes the same year
  --write FOLDER       only writes lines.csv and mapping.json there, for \`npm run replay -- --from FOLDER\`
${PLAY_USAGE}`;

const own = { members: { type: "string" }, seed: { type: "string" }, write: { type: "string" } } as const;
const flags = readFlags({ ...playFlags, ...own }, USAGE);
if (flags.help === true) {
  console.log(USAGE);
  process.exit(0);
}
const mappingPath = fileURLToPath(new URL("./demo/mapping.json", import.meta.url));
const table = generateYear({
  seed: wholeNumber("--seed", flags.seed ?? SEED_DEFAULT),
  members: wholeNumber("--members", flags.members ?? MEMBERS_DEFAULT),
});
if (flags.write !== undefined) {
  const folder = resolve(flags.write);
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "lines.csv"), writeTable(table));
  copyFileSync(mappingPath, join(folder, "mapping.json"));
  console.log(`Wrote ${table.rows.length} lines to ${folder}.`);
  process.exit(0);
}
const options = playOptionsOf(flags);
process.exit((await play(makeSource(readMapping(mappingPath), table), options)) ? 0 : 1);
