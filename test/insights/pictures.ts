// Decides which pictures there are of what was found, and by what names they are kept.
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Findings, StoreScore } from "./findings.ts";
import { drawLeague } from "./pictures/league.ts";
import { drawLifecycle } from "./pictures/lifecycle.ts";
import { drawRetention } from "./pictures/retention.ts";
import { drawRfmGrid } from "./pictures/rfm-grid.ts";
import { drawValue } from "./pictures/value.ts";
import type { Words } from "./words.ts";

export interface Shown {
  readonly findings: Findings;
  readonly stores: readonly StoreScore[];
  readonly scorecardDays: number;
  readonly regionNames: ReadonlyMap<string, string>;
}

/** Writes every picture into the folder; gives their paths. */
export function writePictures(shown: Shown, words: Words, folder: string): string[] {
  mkdirSync(folder, { recursive: true });
  return drawPictures(shown, words).map(({ name, svg }) => {
    const path = join(folder, `${name}.svg`);
    writeFileSync(path, svg);
    return path;
  });
}

export function drawPictures({ findings, stores, scorecardDays, regionNames }: Shown, words: Words) {
  const { asOf, rfm, cohorts, value, lifecycle } = findings;
  return [
    { name: "rfm-grid", svg: drawRfmGrid(rfm, asOf, words) },
    { name: "retention", svg: drawRetention(cohorts, asOf, words) },
    { name: "lifetime-value", svg: drawValue(value, asOf, words) },
    { name: "lifecycle", svg: drawLifecycle(lifecycle.stages, asOf, words) },
    { name: "stores", svg: drawLeague({ stores, days: scorecardDays, regionNames }, asOf, words) },
  ];
}
