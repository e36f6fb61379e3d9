// Caps and budgets: how many points of a rule a member, or all of them, have left in a period, and what an order uses of it.
import type { CounterChange } from "@regulars/contracts/events-effects";
import type { EarningBasket } from "./earning.ts";
import type { CompiledProgram } from "./program.ts";

/** Points that each capped rule has room for; rules without a cap or budget are not in it. `grants` by budget name. */
export function roomsOf(
  program: CompiledProgram,
  counterOf: (name: string) => number,
  grants: Readonly<Record<string, number>>,
  basket: EarningBasket,
): Readonly<Record<string, number>> {
  void program;
  void counterOf;
  void grants;
  void basket;
  return {};
}

/** What these points count for in the caps of their rules. */
export function countedBy(
  program: CompiledProgram,
  earned: readonly { readonly rule: string; readonly points: number }[],
  basket: Pick<EarningBasket, "placedAt" | "timeZone">,
): readonly CounterChange[] {
  void program;
  void earned;
  void basket;
  return [];
}
