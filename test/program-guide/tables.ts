// Reads the tables of docs/program-guide.md: what happens to a member of each program, and what must come of it.
import { readFileSync } from "node:fs";
import type { ProgramInput } from "@regulars/contracts/program";

export interface GuideRow {
  /** Unix ms. */
  readonly at: number;
  readonly what: string;
  readonly balances: string;
  readonly tier: string;
  readonly vouchers: string;
}

export interface GuideProgram {
  readonly title: string;
  readonly document: ProgramInput;
  readonly rows: readonly GuideRow[];
}

const DOCS = new URL("../../docs/", import.meta.url);

/** Every program of the guide with its table. */
export function readGuide(): GuideProgram[] {
  const [, ...sections] = readFileSync(new URL("program-guide.md", DOCS), "utf8").split(/^## /m);
  return sections.map((section) => {
    const [title = ""] = section.split("\n", 1);
    const [, file] = /\]\((programs\/[\w-]+\.json)\)/.exec(section) ?? [];
    if (file === undefined) throw new Error(`${title} names no document`);
    const document = JSON.parse(readFileSync(new URL(file, DOCS), "utf8")) as ProgramInput;
    const rows = section.split("\n").flatMap(rowOf);
    return { title, document, rows };
  });
}

function rowOf(line: string): GuideRow[] {
  const [, time = "", what = "", balances = "", tier = "", vouchers = ""] = line.split("|").map((cell) => cell.trim());
  const [, year = "2026", day, clock] = /^(?:(\d{4})-)?(\d\d-\d\d) (\d\d:\d\d)$/.exec(time) ?? [];
  if (day === undefined) return [];
  return [{ at: Date.parse(`${year}-${day}T${clock}:00+08:00`), what, balances, tier, vouchers }];
}
