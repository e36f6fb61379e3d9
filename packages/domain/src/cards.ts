// Stamp cards: enough stamps become a voucher at once, and a refund that needs the stamps undoes that while it can.
import type { VoucherRecord } from "@regulars/contracts/events-effects";
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
  draft.effects.putVoucher({ ...voucher, stamps });
  const spends = stamps.map(({ lot, points }) => ({ lot, points, restored: 0 }));
  return { kind: "card", ref: id, voucherId: voucher.id, spends, earned: [], undone: false };
}

/** Stamps that cannot be taken back from the lot that earned them, since full cards took them. */
interface Short {
  readonly currency: string;
  readonly missing: number;
  /** What has ended in this lot stays for the taking: the refund takes it before it expires. */
  readonly lot?: string;
}

/**
 * Undoes full cards, the last first, while stamps are missing: the voucher is voided if it is still unused, and its stamps
 * return to their lots. The cards that this order filled come first, then those that others filled with stamps of the lot.
 */
export function reopenCards(draft: Draft, grants: readonly StoredGrant[], short: Short): readonly StoredGrant[] {
  const after = [...grants];
  let { missing } = short;
  for (let place = after.length - 1; place >= 0 && missing > 0; place -= 1) {
    const grant = after[place];
    if (grant === undefined || grant.kind !== "card" || grant.undone || grant.voucherId === null) continue;
    if (grant.spends.some(({ lot }) => lot.currency !== short.currency)) continue;
    const restored = reopen(draft, draft.effects.voucher(grant.voucherId), short);
    if (restored === null) continue;
    missing -= restored;
    after[place] = {
      ...grant,
      spends: grant.spends.map((spend) => ({ ...spend, restored: spend.points })),
      undone: true,
    };
  }
  const others = draft.effects.openVouchers().filter(({ stamps }) => stamps?.some(({ lot }) => lot.id === short.lot));
  for (const voucher of others.toReversed()) if (missing > 0) missing -= reopen(draft, voucher, short) ?? 0;
  return after;
}

// Returns how many of the missing stamps it brought back, or null when the card stays as it is.
function reopen(draft: Draft, voucher: VoucherRecord | undefined, { lot: own }: Short): number | null {
  if (voucher?.state !== "issued" || voucher.stamps === undefined || voucher.origin.kind !== "card") return null;
  const { stamps, origin } = voucher;
  draft.effects.putVoucher({ ...voucher, state: "voided" });
  for (const { lot } of stamps) draft.reopen(lot);
  draft.move("exchange", stamps, "redeemed", "available", origin.ref);
  expireReturned(
    draft,
    stamps.filter(({ lot }) => lot.id !== own),
  );
  // Stamps that return to other lots do not help to take back from this one.
  return sumOf(own === undefined ? stamps : stamps.filter(({ lot }) => lot.id === own));
}

const sumOf = (parts: readonly LotPart[]) => parts.reduce((sum, { points }) => sum + points, 0);
