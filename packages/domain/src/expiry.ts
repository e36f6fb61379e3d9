// Points that come to a lot whose time is over end at once.
import type { LotPart } from "@regulars/contracts/events-transfers";
import type { Draft } from "./draft.ts";

/** Expires what a draft has just put into lots whose time is over: released, restored, or earned by a late order. */
export function expireReturned(draft: Draft, returned: readonly LotPart[]): void {
  const ended = new Map<string, LotPart>();
  for (const { lot } of returned) {
    const available = draft.lot(lot.id)?.available ?? 0;
    if (lot.expiresAt !== null && lot.expiresAt <= draft.now && available > 0) {
      ended.set(lot.id, { lot, points: available });
    }
  }
  draft.move("expire", [...ended.values()], "available", "expired");
}
