// The one command behind `npm test`: runs every step, hides none behind an earlier failure, and closes with one line.
import { parseArgs } from "node:util";
import { type Result, type Step, steps } from "./steps.ts";

const { values } = parseArgs({ options: { only: { type: "string" }, list: { type: "boolean", default: false } } });

if (values.list) for (const { group, name } of steps) console.log(`${group}  ${name}`);
else await runSteps(chooseSteps(values.only));

/** `--only` takes names of steps or groups with commas between, such as `--only lint,unit`. */
function chooseSteps(only: string | undefined): readonly Step[] {
  if (only === undefined) return steps;
  const wanted = only.split(",").map((name) => name.trim());
  const unknown = wanted.filter((name) => !steps.some((step) => step.name === name || step.group === name));
  if (unknown.length > 0) throw new Error(`No step is called ${unknown.join(", ")}; see: npm test -- --list`);
  return steps.filter((step) => wanted.includes(step.name) || wanted.includes(step.group));
}

async function runSteps(chosen: readonly Step[]): Promise<void> {
  const results: Result[] = [];
  for (const [index, step] of chosen.entries()) {
    const title = `[${index + 1}/${chosen.length}] ${step.name}`;
    if (step.group === "tests") console.log(`${title} ...`);
    const startedAt = performance.now();
    const result = await step.run();
    results.push(result);
    const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
    console.log(`${title}: ${result.failed === 0 ? "ok" : "FAILED"} (${seconds} s)`);
    if (result.output !== "") console.log(`${result.output}\n`);
  }
  closeWith(results);
}

function closeWith(results: readonly Result[]): void {
  const total = (key: "passed" | "failed" | "skipped") => results.reduce((sum, result) => sum + result[key], 0);
  const skipped = total("skipped") > 0 ? `, ${total("skipped")} skipped` : "";
  process.exitCode = total("failed") > 0 ? 1 : 0;
  console.log(`${total("passed")} passed, ${total("failed")} failed${skipped}`);
}
