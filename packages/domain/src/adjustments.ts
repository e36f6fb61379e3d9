// Adjustments by hand: goodwill points become a lot of their own; a deduction spends lots like any other movement.
import { Draft } from "./draft.ts";
import { shortage } from "./holds.ts";
import { lifetimeOf, type CompiledProgram } from "./program.ts";
import { refuse, type Decision } from "./refuse.ts";
import type { MemberState } from "./state.ts";

export interface AdjustmentWish {
  readonly currency: string;
  /** Signed. */
  readonly points: number;
  readonly reason: string;
  readonly storeId: string | null;
}

/** Gives or takes points. Refuses: currency_unknown, insufficient_points. */
export function decideAdjustment(
  state: MemberState,
  program: CompiledProgram,
  wish: AdjustmentWish,
  when: { now: number; timeZone: string },
): Decision {
  const rule = program.currencies.get(wish.currency);
  if (rule === undefined) return refuse("currency_unknown", "currency");
  const draft = new Draft(state, when.now);
  if (wish.points > 0) {
    const { expiresAt } = lifetimeOf(rule, when.now, when.timeZone);
    const { currency, points, storeId } = wish;
    const lot = draft.newLot({ currency, points, storeId, rule: null, availableAt: when.now, expiresAt });
    draft.move("adjust", [{ lot, points }], "adjusted", "available");
  } else {
    const parts = draft.allocate(wish.currency, -wish.points);
    const short = shortage(parts, -wish.points, "points");
    if (short !== null) return short;
    draft.move("adjust", parts, "available", "adjusted");
  }
  const body = {
    kind: "points.adjusted" as const,
    adjustment: { id: `adj_${draft.sequence}`, ...wish },
    transactions: draft.transactions,
    lots: draft.lots,
    balances: draft.balances(program.currencies.keys()),
  };
  return { ok: true, body };
}
