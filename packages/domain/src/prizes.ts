// Points that a program gives a member beside rules of earning: the lot as it will open, its opening, and its taking back.
import type { Lot } from "@regulars/contracts/events";
import type { StoredEarn } from "@regulars/contracts/events-orders";
import type { Draft } from "./draft.ts";
import type { OrderScene } from "./moment.ts";
import { lifetimeOf } from "./program.ts";

/** A lot without its id: with the life and the cost that the order's program gives its currency, issued by the order's store. */
export type PrizeLot = Omit<Lot, "id">;

/** The lot of a prize that an order brings somebody; null when the program has no such currency. */
export function prizeOf(
  { program, order, now, timeZone }: Pick<OrderScene, "program" | "order" | "now" | "timeZone">,
  prize: { readonly currency: string; readonly points: number },
  rule: string,
): PrizeLot | null {
  const known = program.currencies.get(prize.currency);
  // A network's coins are given by rules alone: their account is in another object.
  if (known === undefined || known.network !== undefined) return null;
  const { currency, points } = prize;
  const { storeId, ownerId } = order;
  const cost = known.unitCostMilli > 0 && { unitCostMilli: known.unitCostMilli };
  return { currency, points, storeId, ownerId, rule, ...lifetimeOf(known, now, timeZone), ...cost };
}

/** Opens the lot of a prize; returns what must be kept to take it back. */
export function givePrize(draft: Draft, prize: PrizeLot): StoredEarn {
  const { currency, points } = prize;
  const rule = prize.rule ?? "";
  const lot = draft.newLot(prize);
  draft.move("earn", [{ lot, points }], "issued", lot.availableAt > draft.now ? "pending" : "available", rule);
  const why = { base: "net", amount: 0, per: 1, times: 1, points, type: "fixed" } as const;
  return { currency, points, rule, lot: lot.id, why, reversed: 0, reversedExpired: 0 };
}
