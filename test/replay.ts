// `npm run replay`: plays somebody's real shopping, read through a mapping file, and proves what came of it.
import { existsSync } from "node:fs";
import { basename, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { PLAY_USAGE, playFlags, playOptionsOf, readFlags, stop } from "./replay/arguments.ts";
import { readMapping } from "./replay/mapping.ts";
import { play } from "./replay/play.ts";
import { readSource } from "./replay/source.ts";

const USAGE = `npm run replay -- --from FOLDER [--mapping FILE] ...

  --from FOLDER        the files of the source
  --mapping FILE       what their columns mean; by default FOLDER/mapping.json, or the mapping named like the folder
${PLAY_USAGE}`;

const flags = readFlags({ ...playFlags, from: { type: "string" }, mapping: { type: "string" } }, USAGE);
if (flags.help === true) {
  console.log(USAGE);
  process.exit(0);
}
if (flags.from === undefined) stop(USAGE);
const folder = resolve(flags.from);
if (!existsSync(folder)) stop(`${folder} is not there. Without real data, \`npm run demo\` makes a year of shopping.`);
const options = playOptionsOf(flags);
const source = readSource(folder, readMapping(flags.mapping ?? mappingFor(folder)));
process.exit((await play(source, options)) ? 0 : 1);

function mappingFor(sourceFolder: string): string {
  const own = join(sourceFolder, "mapping.json");
  const known = fileURLToPath(new URL(`./replay/mappings/${basename(sourceFolder)}.json`, import.meta.url));
  const found = [own, known].find((path) => existsSync(path));
  return found ?? stop(`No mapping for ${sourceFolder}: say --mapping FILE; docs/replay.md tells how to write one.`);
}
