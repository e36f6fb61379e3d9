// Adjustments by hand: goodwill points become a lot of their own; a deduction spends lots like any other movement.
import { fillFullCards } from "./cards.ts";
import { Draft } from "./draft.ts";
import { shortage } from "./holds.ts";
import { inactivityOf } from "./lot-ends.ts";
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
    const life = lifetimeOf(rule, when.now, when.timeZone);
    const { currency, points, storeId } = wish;
    const { expiresAt } = life;
    const moving = inactivityOf(life);
    const lot = draft.newLot({ currency, points, storeId, rule: null, availableAt: when.now, expiresAt, ...moving });
    draft.move("adjust", [{ lot, points }], "adjusted", "available");
    fillFullCards(draft, program, { ...when, ownerId: null });
  } else {
    const parts = draft.allocate(wish.currency, -wish.points);
    const short = shortage(parts, -wish.points, "points");
    if (short !== null) return short;
    draft.move("adjust", parts, "available", "adjusted");
  }
  const body = {
    kind: "points.adjusted" as const,
    adjustment: { id: `adj_${draft.sequence}`, ...wish },
    ...draft.body(program.currencies.keys()),
  };
  return { ok: true, body };
}
