// Clearing: what owners owe each other for an order as it stands, and the exact reversal when it changes.
import type { Due } from "@regulars/contracts/events-effects";
import type { OrderRecord } from "@regulars/contracts/events-orders";
import type { CompiledProgram } from "./program.ts";

/** What stands between owners for this order in its present state; empty without a clearing policy. */
export function duesOf(program: CompiledProgram, order: OrderRecord): readonly Due[] {
  void program;
  void order;
  return [];
}

/** What must be posted so that `before` becomes `after`. */
export function duesChange(before: readonly Due[], after: readonly Due[]): readonly Due[] {
  void before;
  return after;
}
