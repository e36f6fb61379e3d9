// Vouchers on a basket: which are used and what each takes off, and how the member's own vouchers follow the order.
import type { VoucherRecord } from "@regulars/contracts/events-effects";
import type { MemberFacts, OrderRecord, StoredLine, UsedVoucher } from "@regulars/contracts/events-orders";
import type { Draft } from "./draft.ts";
import type { OrderScene, Prepared } from "./moment.ts";
import type { CompiledProgram } from "./program.ts";
import { refuse, type Refused } from "./refuse.ts";

export interface VoucherAsk {
  readonly program: CompiledProgram;
  readonly held: readonly VoucherRecord[];
  readonly prepared: Prepared;
  /** Ids of the member's vouchers that must be used. */
  readonly wanted: readonly string[];
  /** Choose the best legal combination beyond those that are wanted. */
  readonly best: boolean;
  readonly orderId: string | null;
  readonly lines: readonly StoredLine[];
  readonly storeId: string;
  readonly regionId: string;
  readonly channel: string | null;
  readonly placedAt: number;
  readonly facts: MemberFacts;
  readonly timeZone: string;
  readonly now: number;
}

export interface VoucherChoice {
  readonly ok: true;
  readonly used: readonly UsedVoucher[];
  readonly rejected: readonly { readonly id: string; readonly rewardId: string | null; readonly reason: string }[];
  /** The lines with what vouchers take off each. */
  readonly lines: readonly StoredLine[];
  /** Minor units. */
  readonly value: number;
}

/** What vouchers and codes take off a basket. Refuses: voucher_not_found when a wanted one is not the member's. */
export function chooseVouchers({ held, wanted, lines }: VoucherAsk): VoucherChoice | Refused {
  for (const [place, id] of wanted.entries()) {
    if (!held.some((voucher) => voucher.id === id)) return refuse("voucher_not_found", `vouchers[${place}]`);
  }
  return { ok: true, used: [], rejected: [], lines, value: 0 };
}

/** Moves the member's own vouchers on an order to where the order stands. */
export function settleVouchers(
  draft: Draft,
  used: readonly UsedVoucher[],
  to: "reserved" | "used" | "issued",
  scene: OrderScene,
): void {
  for (const { voucherId } of used) {
    const voucher = draft.effects.voucher(voucherId);
    if (voucher === undefined) continue;
    draft.effects.putVoucher({ ...voucher, state: to, orderId: to === "issued" ? null : scene.order.orderId });
  }
}

/** The vouchers of an order once `scene.order.returned` units have come back; those whose lines are all gone return. */
export function vouchersAfterReturn(draft: Draft, scene: OrderScene): readonly UsedVoucher[] {
  void draft;
  return scene.order.vouchers ?? [];
}

/** What vouchers take off lines in all, in minor units. */
export function voucheredOf(lines: readonly StoredLine[]): number {
  return lines.reduce((sum, { vouchered = 0 }) => sum + vouchered, 0);
}

/** Ids of the vouchers that an order had reserved. */
export const reservedOf = (order: OrderRecord | null): readonly string[] =>
  (order?.vouchers ?? []).filter(({ code }) => code === undefined).map(({ voucherId }) => voucherId);
