// The table of everything that `npm test` runs, in order.
import { type Outcome, runCommand } from "./command.ts";
import { checkGenerated } from "./generated.ts";
import { type Count, runVitest } from "./vitest-step.ts";

export type Step = { readonly name: string; readonly group: "checks" | "tests"; readonly run: () => Promise<Result> };

export type Result = Count & { readonly output: string };

const workers = ["point-ledger", "member-api", "projector", "segmentation", "console"];

export const steps: readonly Step[] = [
  check("types", () => runCommand("turbo run types --continue=always --output-logs=errors-only --log-order=grouped")),
  check("lint", () => runCommand("oxlint --deny-warnings")),
  check("format", () => runCommand("oxfmt --check")),
  check("knip", () => runCommand("knip --no-progress")),
  check("generated", checkGenerated),
  check("sdk package", () => runCommand("pnpm build && publint --strict --pack pnpm", "packages/sdk")),
  tests("unit", ["unit"]),
  tests("workerd", workers),
  tests("e2e", ["e2e"]),
];

/** A check counts as one, however much it looked at. */
function check(name: string, run: () => Promise<Outcome>): Step {
  return {
    name,
    group: "checks",
    run: async () => {
      const { passed, output } = await run();
      return { passed: passed ? 1 : 0, failed: passed ? 0 : 1, skipped: 0, output: passed ? "" : output };
    },
  };
}

function tests(name: string, projects: readonly string[]): Step {
  return { name, group: "tests", run: async () => ({ ...(await runVitest(name, projects)), output: "" }) };
}
