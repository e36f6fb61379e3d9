// Compares what the system answered with what the orders alone say, figure by figure.
import type { Findings } from "./findings.ts";

export interface Agreement {
  readonly figures: number;
  /** Where they differ: its place, what was answered, and what the orders say. */
  readonly differences: readonly string[];
}

/** Sums and series worked out in another order differ in the last digits. */
const EXACT = 1e-9;
/** Compared by how well they explain the orders, see `compareModels`. */
const MODELS = /^value\.models/;

/** Every number and every text of the one must be in the other; lists of names may stand in any order. */
export function compareFindings(answered: Findings, worked: Findings): Agreement {
  const one = figuresOf(answered);
  const other = figuresOf(worked);
  const places = new Set([...one.keys(), ...other.keys()].filter((place) => !MODELS.test(place)));
  const differences = [...places].flatMap((place) => {
    const [found, wanted] = [one.get(place), other.get(place)];
    return isSame(found, wanted)
      ? []
      : [`${place}: ${found ?? "nothing"} answered, ${wanted ?? "nothing"} by the orders`];
  });
  return { figures: places.size, differences };
}

type Figure = number | string;

function isSame(found: Figure | undefined, wanted: Figure | undefined): boolean {
  if (typeof found !== "number" || typeof wanted !== "number") return found === wanted;
  return Math.abs(found - wanted) <= EXACT * Math.max(1, Math.abs(found), Math.abs(wanted));
}

/** Figures by their place; what has a name is placed by it, and what is nothing at all is left out. */
function figuresOf(findings: Findings): Map<string, Figure> {
  const figures = new Map<string, Figure>();
  const walk = (value: unknown, place: string) => {
    if (typeof value === "number" || typeof value === "string") figures.set(place, value);
    else if (Array.isArray(value)) value.forEach((item, at) => walk(item, `${place}.${keyOf(item) ?? at}`));
    else if (typeof value === "object" && value !== null) {
      for (const [key, item] of Object.entries(value)) {
        // What a rule goes out from is its name already, in whatever order.
        if (key !== "antecedent") walk(item, place === "" ? key : `${place}.${key}`);
      }
    }
  };
  walk(findings, "");
  return figures;
}

const NAMES = ["name", "month", "ref", "day", "kind", "storeId"] as const;

function keyOf(item: unknown): string | null {
  if (typeof item !== "object" || item === null) return null;
  const fields = item as Readonly<Record<string, unknown>>;
  const { antecedent, consequent, recency, frequency } = fields;
  if (Array.isArray(antecedent)) return `${antecedent.toSorted().join("+")}>${String(consequent)}`;
  if (typeof recency === "number") return `${recency}-${String(frequency)}`;
  const name = NAMES.find((one) => typeof fields[one] === "string");
  return name === undefined ? null : String(fields[name]);
}
