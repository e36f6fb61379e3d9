// Challenges and streaks at checkout: what an order completes, and what a refund of it undoes.
import type { OrderRecord } from "@regulars/contracts/events-orders";
import { stayingLines } from "./basket.ts";
import { lateInput } from "./conditions.ts";
import type { Draft } from "./draft.ts";
import { orderFacts } from "./earning-facts.ts";
import type { OrderScene } from "./moment.ts";
import { countPlay, reopenForDebt, uncountPlay, type Occasion, type Played } from "./play-counting.ts";
import { playOf } from "./play-program.ts";

const NOTHING_PLAYED: Played = { played: [], grants: [] };

type PlayedOrder = Partial<Pick<OrderRecord, "played" | "grants">>;

/** Counts an order towards challenges and streaks and gives the prizes of those that it completes. */
export function completePlay(draft: Draft, scene: OrderScene): Played {
  const { challenges, streaks } = playOf(scene.program);
  return challenges.has("order") || streaks.has("order") ? countPlay(draft, occasionOf(scene)) : NOTHING_PLAYED;
}

/**
 * After a refund: the order counts for what its staying lines still count for, and never for more than before. Returns the
 * parts of the order that this changes.
 */
export function undoPlay(draft: Draft, scene: OrderScene): PlayedOrder {
  const { order } = scene;
  const before: Played = { played: order.played ?? [], grants: order.grants ?? [] };
  const occasion = occasionOf(scene);
  const stays = stayingLines(order.lines, order.returned).length > 0;
  const after = uncountPlay(
    draft,
    occasion,
    before,
    ({ condition }) => stays && (condition === null || condition(occasion.input)),
  );
  return {
    ...(order.played !== undefined && { played: after.played }),
    ...(order.grants !== undefined && { grants: stays ? after.grants : reopenForDebt(draft, after.grants) }),
  };
}

function occasionOf({ program, order, timeZone, expiredOf }: OrderScene): Occasion {
  const { placedAt: at, storeId, ownerId } = order;
  const lines = stayingLines(order.lines, order.returned);
  const basket = { ...order, lines, paidByPoints: paidByPoints(order), member: order.facts, timeZone };
  return {
    type: "order",
    program,
    at,
    storeId,
    ownerId,
    timeZone,
    expiredOf,
    input: lateInput(() => orderFacts(basket)),
  };
}

// Minor units that points pay now, less what refunds have given back.
function paidByPoints({ redeemed, spends, wallets = [] }: OrderRecord): number {
  return redeemed.reduce((sum, { currency, points, value }) => {
    const own = spends.reduce((back, { lot, restored }) => (lot.currency === currency ? back + restored : back), 0);
    const others = wallets.reduce((back, one) => (one.currency === currency ? back + one.restored : back), 0);
    return sum + (value / points) * (points - own - others);
  }, 0);
}
