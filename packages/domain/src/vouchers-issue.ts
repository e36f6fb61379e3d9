// How a voucher comes to a member and leaves again: issued, passed on, received.
import type { VoucherRecord } from "@regulars/contracts/events-effects";
import { VOUCHERS_HELD_MAX } from "@regulars/contracts/limits";
import { addLocalDays } from "./calendar.ts";
import type { Draft } from "./draft.ts";
import type { CompiledProgram } from "./program.ts";
import { refuse, type Refused } from "./refuse.ts";

export interface IssueMoment {
  readonly now: number;
  readonly timeZone: string;
  /** The owner of the store that issues it, or null for head office. */
  readonly ownerId: string | null;
}

/** Whether a member may hold one more voucher. Those that ask for one are refused without; gifts of time come all the same. */
export const hasRoom = (draft: Draft) => draft.effects.openVouchers().length < VOUCHERS_HELD_MAX;

/**
 * Gives the member a voucher of a reward, complete in itself, ending when its terms say. Throws when the program has no such
 * reward: documents that name unknown ones are not published.
 */
export function issueVoucher(
  draft: Draft,
  program: CompiledProgram,
  rewardId: string,
  origin: VoucherRecord["origin"],
  when: IssueMoment,
): VoucherRecord {
  const reward = program.document.rewards.find(({ id }) => id === rewardId);
  if (reward === undefined) throw new Error(`reward ${rewardId} is not in version ${program.version}`);
  const { benefit, terms, borneBy, transferable } = reward;
  const voucher: VoucherRecord = {
    id: newId(draft),
    rewardId,
    programVersion: program.version,
    benefit,
    terms,
    borneBy,
    transferable,
    state: "issued",
    issuedAt: when.now,
    expiresAt: endOf(terms, when),
    origin,
    issuerOwnerId: when.ownerId,
    orderId: null,
  };
  draft.effects.putVoucher(voucher);
  return voucher;
}

/**
 * Takes a voucher from a member who passes it on; returns it as it travels. Refuses: voucher_not_found, voucher_already_used,
 * voucher_not_transferable, voucher_expired.
 */
export function giveVoucher(
  draft: Draft,
  voucherId: string,
  field = "voucherId",
): { readonly ok: true; readonly voucher: VoucherRecord } | Refused {
  const voucher = draft.effects.voucher(voucherId);
  if (voucher === undefined) return refuse("voucher_not_found", field);
  if (voucher.state !== "issued") return refuse("voucher_already_used", field, { state: voucher.state });
  if (!voucher.transferable) return refuse("voucher_not_transferable", field);
  if (voucher.expiresAt !== null && voucher.expiresAt <= draft.now) return refuse("voucher_expired", field);
  draft.effects.putVoucher({ ...voucher, state: "transferred" });
  return { ok: true, voucher };
}

/**
 * Gives a voucher that came from another member, with its own end, to the member of this draft. What it was bought for stays
 * behind: it cannot be returned for points. Refuses vouchers_held_limit.
 */
export function takeVoucher(
  draft: Draft,
  voucher: VoucherRecord,
  from: string,
): { readonly ok: true; readonly voucher: VoucherRecord } | Refused {
  if (!hasRoom(draft)) return refuse("vouchers_held_limit", "voucherId", { limit: VOUCHERS_HELD_MAX });
  const { paid: _paid, stamps: _stamps, reservedUntil: _until, ...rest } = voucher;
  const origin = { kind: "received", ref: from };
  const taken: VoucherRecord = { ...rest, id: newId(draft), state: "issued", orderId: null, origin };
  draft.effects.putVoucher(taken);
  return { ok: true, voucher: taken };
}

/** Puts a voucher back that was given and not taken: as it was, or expired when its time is over. */
export function keepVoucher(draft: Draft, voucher: VoucherRecord): VoucherRecord {
  const over = voucher.expiresAt !== null && voucher.expiresAt <= draft.now;
  const kept: VoucherRecord = { ...voucher, state: over ? "expired" : "issued" };
  draft.effects.putVoucher(kept);
  return kept;
}

// Every new voucher touches one more, so the number is unique within the event.
const newId = (draft: Draft) => `vch_${draft.sequence}_${draft.effects.touchedVouchers}`;

function endOf(terms: VoucherRecord["terms"], { now, timeZone }: IssueMoment): number | null {
  const byDays = terms.validDays === undefined ? Infinity : addLocalDays(now, terms.validDays, timeZone);
  const byDate = terms.validUntil === undefined ? Infinity : Date.parse(terms.validUntil);
  const end = Math.min(byDays, byDate);
  return end === Infinity ? null : end;
}
