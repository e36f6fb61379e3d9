// Points that come to a lot whose time is over end at once.
import type { LotPart } from "@regulars/contracts/events-transfers";
import type { Draft } from "./draft.ts";

/** Expires what a draft has just put into lots whose time is over: released, restored, or earned by a late order. */
export function expireReturned(draft: Draft, returned: readonly LotPart[]): void {
  const ended = new Map<string, LotPart>();
  for (const { lot } of returned) {
    const available = draft.lot(lot.id)?.available ?? 0;
    const end = draft.endOf(lot);
    if (end !== null && end <= draft.now && available > 0) {
      ended.set(lot.id, { lot, points: available });
    }
  }
  draft.move("expire", [...ended.values()], "available", "expired");
}

/** After a refund: expires points that only the activity that was taken back had kept alive. */
export function expireInactive(draft: Draft): void {
  if (!draft.effects.movesActivity) return;
  draft.move("expire", [...draft.ended()], "available", "expired");
}
