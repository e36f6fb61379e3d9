// What a condition's expression says of itself: the facts that it uses, what they were, and whether it goes through lists twice.
import type { ASTNode } from "@marcbachmann/cel-js";
import type { ConditionFacts } from "./conditions.ts";

type Seen = string | number | boolean | null;

/** Lists and maps are shown as text; a basket of 200 lines needs no more than this to be recognised. */
const TEXT_MAX = 300;

/** Names of facts in an expression ("order.net", "lines"), each once, as they first appear. */
export function namesIn(ast: ASTNode): readonly string[] {
  const names = new Set<string>();
  collect(ast, names);
  return [...names];
}

/** What a condition saw, by the names it uses; a name that leads nowhere is null. */
export function sawIn(names: readonly string[], facts: ConditionFacts): Record<string, Seen> {
  return Object.fromEntries(names.map((name) => [name, shown(valueAt(facts, name.split(".")))]));
}

/** Whether an expression goes through a list for each item of a list: over 200 lines that is 40,000 steps. */
export function iteratesWithin(node: ASTNode, within = false): boolean {
  if (node.op !== "rcall" || !MACROS.has(node.args[0])) {
    return childrenOf(node.args).some((child) => iteratesWithin(child, within));
  }
  const [, list, args] = node.args;
  return within || iteratesWithin(list, within) || args.some((arg) => iteratesWithin(arg, true));
}

const MACROS = new Set(["all", "exists", "exists_one", "filter", "map"]);
const ROOTS = new Set(["order", "lines", "store", "region", "channel", "member", "event", "now"]);

function collect(node: ASTNode, names: Set<string>): void {
  const path = pathOf(node);
  if (path !== null) {
    if (ROOTS.has(path[0] ?? "")) names.add(path.join("."));
    return;
  }
  for (const child of childrenOf(node.args)) collect(child, names);
}

// `order.net`; null for what is no plain chain of names.
function pathOf(node: ASTNode): string[] | null {
  if (node.op === "id") return [node.args];
  if (node.op !== "." && node.op !== ".?") return null;
  const [object, field] = node.args;
  const path = pathOf(object);
  return path === null ? null : [...path, field];
}

/** The expressions within the arguments of one. */
export function childrenOf(args: unknown): ASTNode[] {
  if (Array.isArray(args)) return args.flatMap(childrenOf);
  return isNode(args) ? [args] : [];
}

const isNode = (value: unknown): value is ASTNode =>
  typeof value === "object" && value !== null && "op" in value && "args" in value;

function valueAt(value: unknown, path: readonly string[]): unknown {
  return path.reduce<unknown>(
    (at, name) =>
      typeof at === "object" && at !== null && Object.hasOwn(at, name) ? Reflect.get(at, name) : undefined,
    value,
  );
}

function shown(value: unknown): Seen {
  if (value === undefined || value === null) return null;
  if (typeof value === "string" || typeof value === "number" || typeof value === "boolean") return value;
  const text =
    Array.isArray(value) && value.every((one) => typeof one === "string") ? value.join(", ") : JSON.stringify(value);
  return text.length > TEXT_MAX ? `${text.slice(0, TEXT_MAX)}…` : text;
}
