// The three kinds of tests: unit in Node, one workerd project for each Worker, and end to end against the whole system.
import { defineConfig } from "vitest/config";
import { workerdProject } from "./test/workerd-project.ts";

const workerdTests = "**/*.workerd.test.ts";

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: "unit",
          environment: "node",
          include: ["packages/**/*.test.ts", "workers/*/src/**/*.test.ts", "infra/**/*.test.ts", "test/*.test.ts"],
          exclude: ["**/node_modules/**", workerdTests],
          testTimeout: 60_000,
        },
      },
      workerdProject("point-ledger", []),
      workerdProject("member-api", ["point-ledger"]),
      workerdProject("projector", ["point-ledger"]),
      workerdProject("segmentation", ["point-ledger"]),
      workerdProject("console", ["member-api", "projector", "point-ledger", "segmentation"]),
      {
        test: {
          name: "e2e",
          environment: "node",
          include: ["test/e2e/**/*.test.ts", "test/statements/**/*.test.ts"],
          // Each file starts a system, or a database, of its own; most of its time it waits, for a crash or an outage to end.
          maxWorkers: 2,
          testTimeout: 240_000,
          hookTimeout: 240_000,
        },
      },
    ],
  },
});
