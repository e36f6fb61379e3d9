// Turns what a basket earns into lots: one a rule, with its own life, issuer and cost.
import type { StoredEarn } from "@regulars/contracts/events-orders";
import type { BasketCommand } from "@regulars/contracts/rpc";
import type { Draft } from "./draft.ts";
import type { EarnedByRule, EarningBasket } from "./earning.ts";
import { expireReturned } from "./expiry.ts";
import type { OrderMoment, OrderScene } from "./moment.ts";
import { lifeOf } from "./program.ts";
import { depositEarned, isNetworkCoin } from "./wallets.ts";

/** A basket as the earning rules see it; used by a quote too. `paidByPoints` in minor units. */
export function earningBasket(
  basket: Pick<BasketCommand, "lines" | "storeId" | "regionId" | "ownerId" | "channel" | "currency" | "placedAt">,
  paidByPoints: number,
  moment: Pick<OrderMoment, "facts" | "timeZone">,
): EarningBasket {
  const { lines, storeId, regionId, ownerId, channel, currency, placedAt } = basket;
  const { facts: member, timeZone } = moment;
  return { lines, storeId, regionId, ownerId, channel, currency, placedAt, paidByPoints, member, timeZone };
}

/** Posts the points of every rule: a lot of the member's own, or a deposit in the account of the coin's network. */
export function earnInto(draft: Draft, scene: OrderScene, earned: readonly EarnedByRule[]): readonly StoredEarn[] {
  return earned.map((one) =>
    isNetworkCoin(scene.program, one.currency) ? depositEarned(draft, scene, one) : openLot(draft, scene, one),
  );
}

function openLot(draft: Draft, { program, order, timeZone }: OrderScene, earned: EarnedByRule): StoredEarn {
  const { rule, currency, points, why } = earned;
  const { storeId, ownerId, placedAt, orderId } = order;
  const compiled = program.rulesById.get(rule);
  if (compiled === undefined) throw new Error(`rule ${rule} is not in version ${program.version}`);
  const life = lifeOf(program, compiled, placedAt, timeZone);
  // A till's clock may run ahead: what does not wait is available at once all the same.
  const waits = life.availableAt > placedAt;
  const availableAt = waits ? life.availableAt : Math.min(life.availableAt, draft.now);
  const unitCostMilli = program.currencies.get(currency)?.unitCostMilli ?? 0;
  const lot = draft.newLot({
    currency,
    points,
    storeId,
    rule,
    availableAt,
    expiresAt: life.expiresAt,
    ownerId,
    ...(unitCostMilli > 0 && { unitCostMilli }),
    ...(life.inactivityDays !== undefined && { inactivityDays: life.inactivityDays }),
    ...(compiled.pendingUntil === "delivered" && { awaits: orderId }),
  });
  const parts = [{ lot, points }];
  draft.move("earn", parts, "issued", availableAt > draft.now ? "pending" : "available", rule);
  expireReturned(draft, parts);
  return { currency, points, rule, lot: lot.id, why, reversed: 0, reversedExpired: 0 };
}
