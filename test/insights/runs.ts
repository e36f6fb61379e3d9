// Has segmentation work on a tenant until nothing is left to do, and shows how far it is.
import { setTimeout as sleep } from "node:timers/promises";
import { insightStatus, runReport } from "@regulars/contracts/insight-runs";
import { count } from "../replay/progress.ts";
import type { Management } from "./management.ts";

export interface Worked {
  readonly asOf: string;
  readonly slices: number;
  readonly membersScored: number;
  readonly seconds: number;
}

/** A slice is some seconds of work; a tenant of a million members takes a few hundred. */
const SLICES_MAX = 5000;
/** Another run holds the tenant for as long as its lease, which is a minute or so. */
const HELD_WAIT_MS = 2000;
const HELD_MS_MAX = 180_000;

export async function runUntilFinished(api: Management): Promise<Worked> {
  const start = performance.now();
  const seconds = () => (performance.now() - start) / 1000;
  let [slices, membersScored] = [0, 0];
  let heldSince: number | null = null;
  while (slices < SLICES_MAX) {
    const report = await api.post("/manage/v1/insights/runs", { night: true }, runReport);
    if (report.ran) {
      slices += 1;
      membersScored += report.membersScored;
      heldSince = null;
      const { sweep, waiting } = await api.read("/manage/v1/insights/status", insightStatus);
      const pass = typeof sweep?.["pass"] === "string" ? `passing over all for ${sweep["pass"]}` : "";
      const left = waiting.changes > 0 ? `${count(waiting.changes)}${waiting.more ? "+" : ""} changes wait` : "";
      const notes = [report.finished ? "finished" : "", pass, left].filter((note) => note !== "").join(", ");
      show(`segmentation  slice ${slices}, ${count(membersScored)} scored, ${seconds().toFixed(0)} s  ${notes}`);
      if (!report.finished) continue;
      if (process.stderr.isTTY) process.stderr.write("\n");
      return { asOf: report.asOf, slices, membersScored, seconds: seconds() };
    }
    heldSince ??= performance.now();
    if (performance.now() - heldSince > HELD_MS_MAX) throw new Error("Another run holds the tenant and does not end.");
    show(`segmentation  another run works on the tenant, ${seconds().toFixed(0)} s`);
    await sleep(HELD_WAIT_MS);
  }
  throw new Error(`Segmentation has not finished in ${SLICES_MAX} slices.`);
}

/** One line that is written again on a terminal, a line each elsewhere. */
function show(line: string): void {
  process.stderr.write(process.stderr.isTTY ? `\r\u001b[K${line}` : `${line}\n`);
}
