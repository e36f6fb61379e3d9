// Decides what a mapping file may say: how the columns of somebody's sales data become members, baskets and lines.
import { readFileSync } from "node:fs";
import type { CouponMapping } from "./coupons.ts";
import type { ProgramInput } from "@regulars/contracts/program";

/** `{column}` and `{lookup.column}` in a text; of several texts the first that is not missing counts. */
export type Template = string | readonly string[];

/** Columns of money in major units, added and taken away, then multiplied by a column of whole numbers. */
export interface MoneySum {
  readonly plus: readonly string[];
  readonly minus?: readonly string[];
  readonly times?: string;
}

/** A figure of the raw lines that must come out, from what is published about the data. */
export type Expectation = {
  readonly name: string;
  readonly equals: number;
} & ({ readonly sum: string } | { readonly positive: string } | { readonly distinct: string });

export interface Mapping {
  readonly name: string;
  readonly source: string;
  readonly currency: string;
  readonly timeZone: string;
  readonly phoneRegion: string;
  readonly locale: "zh-TW" | "zh-CN" | "en";
  readonly delimiter?: string;
  /** One row a line of a basket. */
  readonly lines: string;
  /** Other files, each found by its `key` column with the value of `by`. */
  readonly lookups?: Readonly<Record<string, { readonly file: string; readonly key: string; readonly by: Template }>>;
  /** Values that mean that nothing is there; the empty text always does. */
  readonly missing?: readonly string[];
  readonly basket: Template;
  /** `phone` is a column's; `phonePrefix` numbers people who have none, with `phoneDigits` digits. */
  readonly member: {
    readonly key: Template;
    readonly card: Template;
    readonly name?: Template;
    readonly phone?: Template;
    readonly phonePrefix?: string;
    readonly phoneDigits?: number;
  };
  readonly store: Template;
  /** `format` by position: yyyy MM dd HH mm ss, in the mapping's time zone; "iso" carries its own offset. */
  readonly time: { readonly value: Template; readonly format: string };
  readonly sku: Template;
  readonly category?: Template;
  readonly channel?: Template;
  readonly quantity: string;
  /** Before discounts, and what was paid, of the whole line. */
  readonly gross: MoneySum;
  readonly paid?: MoneySum;
  /** Rows that bring something back: those whose `value` begins with `prefix`, or that have no positive quantity. */
  readonly returns?: { readonly value: Template; readonly prefix: string };
  readonly coupons?: CouponMapping;
  readonly regions: readonly { readonly id: string; readonly name: string }[];
  readonly owners: readonly { readonly id: string; readonly name: string; readonly kind: string }[];
  readonly program: ProgramInput;
  /** How the tenant wants its members to be judged, as `PUT /manage/v1/insights/settings` takes it. */
  readonly insights?: object;
  readonly expect?: readonly Expectation[];
}

type Kind = "text" | "template" | "object" | "list" | "money";

const FIELDS: Readonly<Record<keyof Mapping, { readonly kind: Kind; readonly optional?: true }>> = {
  name: { kind: "text" },
  source: { kind: "text" },
  currency: { kind: "text" },
  timeZone: { kind: "text" },
  phoneRegion: { kind: "text" },
  locale: { kind: "text" },
  delimiter: { kind: "text", optional: true },
  lines: { kind: "text" },
  lookups: { kind: "object", optional: true },
  missing: { kind: "list", optional: true },
  basket: { kind: "template" },
  member: { kind: "object" },
  store: { kind: "template" },
  time: { kind: "object" },
  sku: { kind: "template" },
  category: { kind: "template", optional: true },
  channel: { kind: "template", optional: true },
  quantity: { kind: "text" },
  gross: { kind: "money" },
  paid: { kind: "money", optional: true },
  returns: { kind: "object", optional: true },
  coupons: { kind: "object", optional: true },
  regions: { kind: "list" },
  owners: { kind: "list" },
  program: { kind: "object" },
  insights: { kind: "object", optional: true },
  expect: { kind: "list", optional: true },
};

/** Reads a mapping file; says which field is wrong. */
export function readMapping(path: string): Mapping {
  const found: unknown = JSON.parse(readFileSync(path, "utf8"));
  if (!isObject(found)) throw new Error(`${path} must hold one JSON object`);
  for (const name of Object.keys(found)) {
    if (!(name in FIELDS) && name !== "$comment") throw new Error(`${path}: "${name}" is not a field of a mapping`);
  }
  for (const [name, { kind, optional }] of Object.entries(FIELDS)) {
    const value = found[name];
    if (value === undefined && optional === true) continue;
    if (!fits(value, kind)) throw new Error(`${path}: "${name}" must be a ${kind}; see docs/replay.md`);
  }
  // Every field has been seen to have its kind; columns and the program are checked where they are used.
  return found as unknown as Mapping;
}

function fits(value: unknown, kind: Kind): boolean {
  switch (kind) {
    case "text":
      return typeof value === "string" && value !== "";
    case "template":
      return typeof value === "string" || (Array.isArray(value) && value.every((one) => typeof one === "string"));
    case "list":
      return Array.isArray(value);
    case "object":
      return isObject(value);
    case "money":
      return isObject(value) && Array.isArray(value["plus"]);
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
