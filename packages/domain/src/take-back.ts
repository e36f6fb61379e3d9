// Takes back points that something had given: from their own lot, then from others, then as debt if the policy allows it.
import type { StoredEarn } from "@regulars/contracts/events-orders";
import type { Entry } from "@regulars/contracts/points";
import type { Draft } from "./draft.ts";
import type { OrderMoment } from "./moment.ts";
import type { CompiledProgram } from "./program.ts";

/** Points that `one` gave and that its own lot still has. */
export function takeable(draft: Draft, one: StoredEarn): number {
  const open = draft.lot(one.lot);
  return open === undefined ? 0 : open.pending + open.available;
}

/**
 * Takes back `points` of what `one` gave. What has expired in its lot is gone already (`expired`); `moved` is what left the
 * member, or became debt.
 */
export function takeBack(
  draft: Draft,
  program: CompiledProgram,
  one: StoredEarn,
  points: number,
  { expiredOf }: Pick<OrderMoment, "expiredOf">,
): { moved: number; expired: number } {
  if (points === 0) return { moved: 0, expired: 0 };
  const open = draft.lot(one.lot);
  const pending = Math.min(points, open?.pending ?? 0);
  const own = Math.min(points - pending, open?.available ?? 0);
  if (open !== undefined) {
    draft.move("reverse", [{ lot: open.lot, points: pending }], "pending", "issued", one.rule);
    draft.move("reverse", [{ lot: open.lot, points: own }], "available", "issued", one.rule);
  }
  let left = points - pending - own;
  const expired = left === 0 ? 0 : Math.min(left, expiredOf(one.lot) - one.reversedExpired);
  left -= expired;
  const others = draft.allocate(one.currency, left);
  draft.move("reverse", others, "available", "issued", one.rule);
  left -= others.reduce((sum, part) => sum + part.points, 0);
  const forgiven = program.document.refund.debt === "clampToBalance" ? left : 0;
  left -= forgiven;
  if (left > 0) draft.post("reverse", overdraft(one.currency, left), one.rule);
  return { moved: points - expired - forgiven, expired };
}

/**
 * Takes back all that is left of several gifts; returns them as they stand then. `reopen` may bring back what was made of
 * points that are missing.
 */
export function takeAllBack(
  draft: Draft,
  program: CompiledProgram,
  earned: readonly StoredEarn[],
  {
    expiredOf,
    reopen,
  }: Pick<OrderMoment, "expiredOf"> & {
    readonly reopen: (short: { currency: string; missing: number; lot: string }) => void;
  },
): readonly StoredEarn[] {
  const after: StoredEarn[] = [];
  for (const one of earned) {
    const points = one.points - one.reversed;
    const missing = points - takeable(draft, one);
    if (missing > 0) reopen({ currency: one.currency, missing, lot: one.lot });
    const { expired } = takeBack(draft, program, one, points, { expiredOf });
    after.push({ ...one, reversed: one.points, reversedExpired: one.reversedExpired + expired });
  }
  return after;
}

function overdraft(currency: string, points: number): Entry[] {
  return [
    { account: "available", currency, points: -points },
    { account: "issued", currency, points },
  ];
}
