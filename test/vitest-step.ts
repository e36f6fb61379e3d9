// Runs some of the vitest projects and counts their tests from vitest's own report.
import { existsSync, mkdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { repositoryRoot, showCommand } from "./command.ts";

export type Count = { readonly passed: number; readonly failed: number; readonly skipped: number };

type FileReport = { readonly status: string; readonly assertionResults: readonly { readonly status: string }[] };

const reportFolder = join(repositoryRoot, "node_modules/.cache/regulars-test");

/** A file that could not be loaded, a run that broke down and a step without any test each count as one failure. */
export async function runVitest(step: string, projects: readonly string[]): Promise<Count> {
  mkdirSync(reportFolder, { recursive: true });
  const report = join(reportFolder, `${step}.json`);
  rmSync(report, { force: true });
  const chosen = projects.map((project) => `--project ${project}`).join(" ");
  const output = `--reporter=default --reporter=json --outputFile.json=${JSON.stringify(report)}`;
  const passed = await showCommand(`vitest run --passWithNoTests ${chosen} ${output}`);
  const count = existsSync(report) ? countTests(readReport(report)) : { passed: 0, failed: 0, skipped: 0 };
  const brokeDown = count.failed === 0 && (!passed || count.passed === 0);
  return brokeDown ? { ...count, failed: 1 } : count;
}

function readReport(path: string): readonly FileReport[] {
  // Vitest wrote the file a moment ago; this is the documented shape of its JSON reporter.
  const report = JSON.parse(readFileSync(path, "utf8")) as { readonly testResults: readonly FileReport[] };
  return report.testResults;
}

function countTests(files: readonly FileReport[]): Count {
  const statuses = files.flatMap((file) => file.assertionResults.map((test) => test.status));
  const passed = statuses.filter((status) => status === "passed").length;
  const failedTests = statuses.filter((status) => status === "failed").length;
  const unloadable = files.filter(
    (file) => file.status === "failed" && !file.assertionResults.some((test) => test.status === "failed"),
  ).length;
  return { passed, failed: failedTests + unloadable, skipped: statuses.length - passed - failedTests };
}
