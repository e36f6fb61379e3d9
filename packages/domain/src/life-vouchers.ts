// What time does to a member's vouchers: they end, and a checkout that never ended lets go of those that it had reserved.
import type { VoucherRecord } from "@regulars/contracts/events-effects";
import type { EventBody } from "@regulars/contracts/events";
import { Draft } from "./draft.ts";
import type { MemberState } from "./state.ts";

/** When time next changes a voucher (Unix ms), or Infinity. A reservation protects its voucher as a hold does its points. */
export function voucherDueAt(state: MemberState): number {
  let next = Infinity;
  for (const voucher of state.vouchers.values()) next = Math.min(next, dueAtOf(voucher));
  return next;
}

/** The event of a voucher that is due, which must be there. */
export function settleVoucher(state: MemberState, now: number): EventBody {
  const due = [...state.vouchers.values()].find((voucher) => dueAtOf(voucher) <= now);
  if (due === undefined) throw new Error("no voucher is due");
  const draft = new Draft(state, now);
  const voucher = due.state === "reserved" ? released(due) : { ...due, state: "expired" as const };
  draft.effects.putVoucher(voucher);
  const reason = due.state === "reserved" ? "lapsed" : null;
  return { kind: "voucher.changed", voucher, reason, ...draft.body([]) };
}

const dueAtOf = ({ state, expiresAt, reservedUntil }: VoucherRecord) =>
  (state === "reserved" ? reservedUntil : expiresAt) ?? Infinity;

function released({ reservedUntil: _over, ...voucher }: VoucherRecord): VoucherRecord {
  return { ...voucher, state: "issued", orderId: null };
}
