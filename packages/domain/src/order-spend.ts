// What pays for an order: captured holds first, then the balance; and the holds of an order that is only authorized.
import type { HoldRecord } from "@regulars/contracts/events-orders";
import type { LotPart } from "@regulars/contracts/events-transfers";
import type { Draft } from "./draft.ts";
import { captureHold, shortage } from "./holds.ts";
import type { OrderScene } from "./moment.ts";
import { refuse, type Refused } from "./refuse.ts";
import type { Redeemed } from "./tender.ts";
import { isWalletWish, spendWallets } from "./wallets.ts";

/** Splits wishes by whose account pays. Refuses insufficient_points when another account held too little for this order. */
export function ownWishes(
  scene: OrderScene,
  redeemed: readonly Redeemed[],
): { ok: true; own: readonly Redeemed[]; wallets: ReturnType<typeof spendWallets> } | Refused {
  const others = redeemed.filter((wish) => isWalletWish(scene.program, wish));
  const wallets = spendWallets(scene, others);
  const unpaid = others.find(({ currency }) => !wallets.some((spend) => spend.currency === currency));
  if (unpaid !== undefined) {
    const place = redeemed.indexOf(unpaid);
    const held = scene.prepared.wallets.find(({ currency }) => currency === unpaid.currency)?.points ?? 0;
    return refuse("insufficient_points", `redeem[${place}].points`, { available: held, requested: unpaid.points });
  }
  return { ok: true, own: redeemed.filter((wish) => !others.includes(wish)), wallets };
}

/** Sets the wished points aside. Refuses insufficient_points. */
export function holdWishes(
  draft: Draft,
  redeemed: readonly Redeemed[],
  order: { readonly orderId: string; readonly lapsesAt: number },
): { ok: true; holds: HoldRecord[] } | Refused {
  const holds: HoldRecord[] = [];
  for (const [place, { currency, points }] of redeemed.entries()) {
    const parts = draft.allocate(currency, points);
    const short = shortage(parts, points, `redeem[${place}].points`);
    if (short !== null && !short.ok) return short;
    draft.move("hold", parts, "available", "held");
    holds.push(draft.newHold({ currency, points, ...order }, parts, place));
  }
  return { ok: true, holds };
}

/** Captures what was held, takes from the balance what is wanted beyond it, and releases what is held beyond the wish. */
export function spendWishes(
  draft: Draft,
  redeemed: readonly Redeemed[],
  held: readonly HoldRecord[],
): { ok: true; parts: LotPart[]; closed: HoldRecord[] } | Refused {
  const parts: LotPart[] = [];
  const closed: HoldRecord[] = [];
  for (const hold of held) {
    const wish = redeemed.find(({ currency }) => currency === hold.currency)?.points ?? 0;
    const capturedPoints = Math.min(wish, hold.points);
    parts.push(...captureHold(draft, hold, capturedPoints));
    closed.push({ ...hold, capturedPoints, state: capturedPoints > 0 ? "captured" : "voided" });
  }
  for (const [place, { currency, points }] of redeemed.entries()) {
    const captured = closed.find((hold) => hold.currency === currency)?.capturedPoints ?? 0;
    const rest = draft.allocate(currency, points - captured);
    const short = shortage(rest, points - captured, `redeem[${place}].points`);
    if (short !== null && !short.ok) return short;
    draft.move("redeem", rest, "available", "redeemed");
    parts.push(...rest);
  }
  return { ok: true, parts, closed };
}
