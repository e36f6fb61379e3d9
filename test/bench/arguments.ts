// What a run of the benchmark may be told, and the sizes that follow from it.
import { parseArgs } from "node:util";

export const SECTIONS = ["calls", "hop", "fsync", "growth", "projection", "program", "segmentation"] as const;
export type Section = (typeof SECTIONS)[number];

export interface BenchOptions {
  readonly rounds: number;
  readonly seconds: number;
  readonly quick: boolean;
  readonly sections: ReadonlySet<Section>;
  readonly out: string;
  readonly connections: number;
  /** Members that the spread load goes over. */
  readonly members: number;
  readonly entries: number;
  readonly lots: number;
  readonly growthPairs: number;
  /** Events written while PostgreSQL is stopped. */
  readonly events: number;
  readonly lagSeconds: number;
  readonly scale: ScaleOptions;
}

/** The section "segmentation": a database of its own. */
export interface ScaleOptions {
  readonly members: number;
  readonly orders: number;
  /** A folder in which the filled database stays for the next run; null: it goes. */
  readonly keep: string | null;
  /** Lines of the orders too: then a build foretells what members will need again, which is not what the aims are about. */
  readonly lines: boolean;
  readonly rounds: number;
}

export const USAGE = `npm run bench -- [--rounds 5] [--seconds 2] [--quick] [--only ${SECTIONS.join(",")}] [--out FILE] [--members N] [--orders N] [--lines] [--keep FOLDER]

  --rounds N    rounds of all subjects in a rotating order; ratios are taken within a round
  --seconds N   length of one load
  --quick       small sizes and two rounds: shows that it runs, measures nothing
  --only LIST   some sections instead of all
  --out FILE    where the JSON goes; .regulars/bench/<date>.json by default

Of the section segmentation (--members 1000000 --orders 10000000 is the size that its aims are about):
  --members N   members of its database
  --orders N    their orders
  --lines       lines of the orders too: a build then foretells repurchases as well
  --keep FOLDER keeps the filled database there, and uses it again
`;

const FULL = { members: 2000, entries: 100_000, lots: 1000, growthPairs: 30, events: 50_000, lagSeconds: 20 };
const SCALE = { members: 100_000, orders: 1_000_000, rounds: 3 };
const QUICK_SCALE = { members: 10_000, orders: 100_000, rounds: 1 };
const QUICK = { members: 200, entries: 2000, lots: 100, growthPairs: 4, events: 2000, lagSeconds: 4 };

/** The options of this run; null asks for help. */
export function readArguments(given: readonly string[], now = new Date()): BenchOptions | null {
  const { values } = parseArgs({
    args: [...given],
    options: {
      rounds: { type: "string" },
      seconds: { type: "string" },
      quick: { type: "boolean", default: false },
      only: { type: "string" },
      out: { type: "string" },
      members: { type: "string" },
      orders: { type: "string" },
      keep: { type: "string" },
      lines: { type: "boolean", default: false },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) return null;
  const { quick } = values;
  const scale = quick ? QUICK_SCALE : SCALE;
  return {
    rounds: positive("rounds", values.rounds, quick ? 2 : 5),
    seconds: positive("seconds", values.seconds, quick ? 0.5 : 2),
    quick,
    sections: sectionsOf(values.only),
    out: values.out ?? `.regulars/bench/${now.toISOString().slice(0, 19).replaceAll(":", "")}.json`,
    connections: 32,
    ...(quick ? QUICK : FULL),
    scale: {
      members: positive("members", values.members, scale.members),
      orders: positive("orders", values.orders, scale.orders),
      keep: values.keep ?? null,
      lines: values.lines,
      rounds: positive("rounds", values.rounds, scale.rounds),
    },
  };
}

function positive(name: string, text: string | undefined, otherwise: number): number {
  if (text === undefined) return otherwise;
  const value = Number(text);
  if (!(value > 0)) throw new Error(`--${name} is "${text}"; give a number above 0.`);
  return value;
}

function sectionsOf(list: string | undefined): Set<Section> {
  if (list === undefined) return new Set(SECTIONS);
  const wanted = list.split(",");
  const unknown = wanted.find((name) => !SECTIONS.some((section) => section === name));
  if (unknown !== undefined) throw new Error(`--only knows no "${unknown}"; it knows ${SECTIONS.join(", ")}.`);
  return new Set(SECTIONS.filter((section) => wanted.includes(section)));
}
