// Turns what a basket earns into lots: one a rule, with its own life, issuer and cost.
import type { StoredEarn } from "@regulars/contracts/events-orders";
import type { BasketCommand } from "@regulars/contracts/rpc";
import type { Draft } from "./draft.ts";
import type { EarnedByRule, EarningBasket } from "./earning.ts";
import { expireReturned } from "./expiry.ts";
import { inactivityOf } from "./lot-ends.ts";
import type { OrderMoment, OrderScene } from "./moment.ts";
import { lifeOf, type CompiledProgram, type Lifetime } from "./program.ts";
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
    isNetworkCoin(scene.program, one.currency)
      ? depositEarned(draft, scene, one)
      : openLot(draft, { ...scene, ...scene.order }, one),
  );
}

/** Where and when points are given. */
export interface LotPlace {
  readonly program: CompiledProgram;
  readonly timeZone: string;
  /** When the order was placed, or the event happened (Unix ms). */
  readonly placedAt: number;
  readonly storeId: string | null;
  readonly ownerId: string | null;
  readonly orderId: string;
}

/** Opens the lot of one rule's points. */
export function openLot(draft: Draft, place: LotPlace, earned: EarnedByRule): StoredEarn {
  const { program, placedAt, timeZone, orderId } = place;
  const compiled = program.rulesById.get(earned.rule);
  if (compiled === undefined) throw new Error(`rule ${earned.rule} is not in version ${program.version}`);
  const life = lifeOf(program, compiled, placedAt, timeZone);
  return openLotFor(draft, place, earned, life, compiled.pendingUntil === "delivered" ? orderId : null);
}

/** Opens a lot with a life of its own; `awaits`: the order whose delivery its points wait for. */
export function openLotFor(
  draft: Draft,
  { program, placedAt, storeId, ownerId }: LotPlace,
  { rule, currency, points, why }: EarnedByRule,
  life: Lifetime,
  awaits: string | null = null,
): StoredEarn {
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
    ...inactivityOf(life),
    ...(awaits !== null && { awaits }),
  });
  const parts = [{ lot, points }];
  draft.move("earn", parts, "issued", availableAt > draft.now ? "pending" : "available", rule);
  expireReturned(draft, parts);
  return { currency, points, rule, lot: lot.id, why, reversed: 0, reversedExpired: 0 };
}
