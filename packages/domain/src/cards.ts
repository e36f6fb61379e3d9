// Stamp cards: enough stamps become a voucher at once, and a refund that needs the stamps undoes that while it can.
import type { StoredGrant } from "@regulars/contracts/events-orders";
import type { LotPart } from "@regulars/contracts/events-transfers";
import type { StampCard } from "@regulars/contracts/program-rewards";
import type { Draft } from "./draft.ts";
import { expireReturned } from "./expiry.ts";
import type { OrderScene } from "./moment.ts";
import type { CompiledProgram } from "./program.ts";
import { hasRoom, issueVoucher, type IssueMoment } from "./vouchers-issue.ts";

/** Turns the cards that an order has filled into vouchers; the grants remember which stamps they took. */
export function fillCards(draft: Draft, { program, order, now, timeZone }: OrderScene): readonly StoredGrant[] {
  return fillFullCards(draft, program, { now, timeZone, ownerId: order.ownerId });
}

/**
 * Turns every full card into a voucher, oldest stamps first, several of one kind where there are stamps for them. A member
 * who holds as many vouchers as one may keeps the stamps until there is room.
 */
export function fillFullCards(draft: Draft, program: CompiledProgram, when: IssueMoment): readonly StoredGrant[] {
  const grants: StoredGrant[] = [];
  for (const card of program.document.stampCards) {
    while (draft.figures(card.currency).available >= card.size && hasRoom(draft)) {
      const stamps = draft.allocate(card.currency, card.size);
      if (sumOf(stamps) < card.size) break;
      grants.push(fill(draft, program, card, stamps, when));
    }
  }
  return grants;
}

function fill(
  draft: Draft,
  program: CompiledProgram,
  { id, reward }: StampCard,
  stamps: readonly LotPart[],
  when: IssueMoment,
): StoredGrant {
  draft.move("exchange", stamps, "available", "redeemed", id);
  const voucher = issueVoucher(draft, program, reward, { kind: "card", ref: id }, when);
  const spends = stamps.map(({ lot, points }) => ({ lot, points, restored: 0 }));
  return { kind: "card", ref: id, voucherId: voucher.id, spends, earned: [], undone: false };
}

/**
 * Undoes conversions of this order, the last first, while `missing` stamps cannot be taken back from the lot that earned
 * them: the voucher is voided if it is still unused, and its stamps return to their lots. `lot` is that lot: what has ended
 * in it stays for the taking, since the refund takes it before it expires.
 */
export function reopenCards(
  draft: Draft,
  grants: readonly StoredGrant[],
  short: { readonly currency: string; readonly missing: number; readonly lot?: string },
): readonly StoredGrant[] {
  const after = [...grants];
  let missing = short.missing;
  for (let place = after.length - 1; place >= 0 && missing > 0; place -= 1) {
    const grant = after[place];
    if (grant === undefined || grant.kind !== "card" || grant.undone) continue;
    if (grant.spends.some(({ lot }) => lot.currency !== short.currency)) continue;
    const voucher = grant.voucherId === null ? undefined : draft.effects.voucher(grant.voucherId);
    if (voucher?.state !== "issued") continue;
    draft.effects.putVoucher({ ...voucher, state: "voided" });
    const parts = grant.spends.map(({ lot, points }) => ({ lot, points }));
    for (const { lot } of parts) draft.reopen(lot);
    draft.move("exchange", parts, "redeemed", "available", grant.ref);
    expireReturned(
      draft,
      parts.filter(({ lot }) => lot.id !== short.lot),
    );
    // Stamps that return to other lots do not help to take back from this one.
    missing -= sumOf(short.lot === undefined ? parts : parts.filter(({ lot }) => lot.id === short.lot));
    after[place] = {
      ...grant,
      spends: grant.spends.map((spend) => ({ ...spend, restored: spend.points })),
      undone: true,
    };
  }
  return after;
}

const sumOf = (parts: readonly LotPart[]) => parts.reduce((sum, { points }) => sum + points, 0);
