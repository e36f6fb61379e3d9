// An account that orders of other objects spend from and earn into: holds, captures, restores, deposits, withdrawals.
import type { Due } from "@regulars/contracts/events-effects";
import type { SharingEvent } from "@regulars/contracts/events-more";
import type { Elsewhere, HoldRecord, OrderRecord, StoredEarn, StoredSpend } from "@regulars/contracts/events-orders";
import { duesChange, duesOf } from "./clearing.ts";
import { Draft } from "./draft.ts";
import { expireReturned } from "./expiry.ts";
import { captureHold, shortage } from "./holds.ts";
import { lifetimeOf, type CompiledProgram } from "./program.ts";
import { refuse, type Decision } from "./refuse.ts";
import { restore } from "./refunds.ts";
import type { MemberState } from "./state.ts";
import { takeBack } from "./take-back.ts";

export interface WalletMoment {
  readonly now: number;
  readonly timeZone: string;
  readonly expiredOf: (lotId: string) => number;
}

/** Such a hold ends with its order, which the order's own object sees to; time alone never ends it. */
const HELD_MS = 3650 * 86_400_000;

/** Sets points aside for an order elsewhere. Refuses: currency_unknown, insufficient_points. */
export function decideWalletHold(
  state: MemberState,
  program: CompiledProgram,
  wish: { readonly holdId: string; readonly currency: string; readonly points: number; readonly orderId: string },
  { now }: WalletMoment,
): Decision {
  const { holdId, currency, points, orderId } = wish;
  if (!program.currencies.has(currency)) return refuse("currency_unknown", "currency");
  const draft = new Draft(state, now);
  const parts = draft.allocate(currency, points);
  const short = shortage(parts, points, "points");
  if (short !== null) return short;
  const hold = { ...draft.newHold({ currency, points, lapsesAt: now + HELD_MS, orderId }, parts), id: holdId };
  draft.move("hold", parts, "available", "held");
  return { ok: true, body: { kind: "hold.placed", hold, ...draft.body(program.currencies.keys()) } };
}

/** Spends all or part of a hold and releases the rest; posts what is due to who accepted it. */
export function decideWalletCapture(
  state: MemberState,
  program: CompiledProgram | null,
  hold: HoldRecord,
  { points, elsewhere }: { readonly points: number; readonly elsewhere: Elsewhere },
  { now }: WalletMoment,
): Decision {
  const draft = new Draft(state, now);
  const parts = captureHold(draft, hold, points);
  const spends = parts.map((part): StoredSpend => ({ ...part, restored: 0 }));
  const closed: HoldRecord = { ...hold, state: points > 0 ? "captured" : "voided", capturedPoints: points };
  draft.effects.owe(duesChange([], standing(program, elsewhere, { spends })));
  return { ok: true, body: { kind: "hold.captured", hold: closed, spends, elsewhere, ...draft.body([]) } };
}

/** Lets a hold go. */
export function decideWalletRelease(state: MemberState, hold: HoldRecord, { now }: WalletMoment): Decision {
  const draft = new Draft(state, now);
  captureHold(draft, hold, 0);
  return { ok: true, body: { kind: "hold.voided", hold: { ...hold, state: "voided" }, ...draft.body([]) } };
}

/** Puts back what a captured hold had spent, until `restored` points of it are back in all. */
export function decideWalletRestore(
  state: MemberState,
  program: CompiledProgram | null,
  captured: { readonly id: string; readonly spends: readonly StoredSpend[]; readonly elsewhere: Elsewhere },
  restored: number,
  { now }: WalletMoment,
): Decision {
  const { id, elsewhere } = captured;
  const draft = new Draft(state, now);
  const currency = captured.spends[0]?.lot.currency ?? "";
  const points = captured.spends.reduce((sum, spend) => sum + spend.points, 0);
  const before = captured.spends.reduce((sum, spend) => sum + spend.restored, 0);
  const { spends } = restore(draft, captured.spends, [{ currency, points, stay: points - restored }]);
  const dues = [captured.spends, spends].map((each) => standing(program, elsewhere, { spends: each }));
  draft.effects.owe(duesChange(dues[0] ?? [], dues[1] ?? []));
  return moved({ id, what: "restored", elsewhere, points: restored - before, currency, spends }, draft);
}

/** Opens a lot for points that were earned elsewhere; the tenant that gave them has issued it. */
export function decideDeposit(
  state: MemberState,
  program: CompiledProgram,
  deposit: {
    readonly id: string;
    readonly currency: string;
    readonly points: number;
    readonly rule: string;
    readonly earnedAt: number;
    readonly elsewhere: Elsewhere;
  },
  { now, timeZone }: WalletMoment,
): Decision {
  const { id, currency, points, rule, earnedAt, elsewhere } = deposit;
  const known = program.currencies.get(currency);
  if (known === undefined) return refuse("currency_unknown", "currency");
  const draft = new Draft(state, now);
  const life = lifetimeOf(known, earnedAt, timeZone);
  const availableAt = life.availableAt > earnedAt ? life.availableAt : Math.min(life.availableAt, now);
  const { storeId, ownerId } = elsewhere;
  const cost = known.unitCostMilli > 0 && { unitCostMilli: known.unitCostMilli };
  const lot = draft.newLot({ currency, points, storeId, rule, ownerId, ...life, availableAt, ...cost });
  draft.move("earn", [{ lot, points }], "issued", availableAt > now ? "pending" : "available", rule);
  expireReturned(draft, [{ lot, points }]);
  const why = { base: "net", amount: points, per: 1, times: points, points: 1 } as const;
  const earned: StoredEarn = { currency, points, rule, lot: lot.id, why, reversed: 0, reversedExpired: 0 };
  draft.effects.owe(duesChange([], standing(program, elsewhere, { earned: [earned] })));
  return moved({ id, what: "deposited", elsewhere, points, currency, earned }, draft);
}

/** Takes a deposit back, until `withdrawn` points of it are gone in all; what is spent already becomes debt. */
export function decideWithdrawal(
  state: MemberState,
  program: CompiledProgram,
  deposit: { readonly id: string; readonly earned: StoredEarn; readonly elsewhere: Elsewhere },
  withdrawn: number,
  { now, expiredOf }: WalletMoment,
): Decision {
  const { id, earned, elsewhere } = deposit;
  const draft = new Draft(state, now);
  const { expired } = takeBack(draft, program, earned, withdrawn - earned.reversed, { expiredOf });
  const after = { ...earned, reversed: withdrawn, reversedExpired: earned.reversedExpired + expired };
  const dues = [earned, after].map((one) => standing(program, elsewhere, { earned: [one] }));
  draft.effects.owe(duesChange(dues[0] ?? [], dues[1] ?? []));
  const points = earned.reversed - withdrawn;
  return moved({ id, what: "withdrawn", elsewhere, points, currency: earned.currency, earned: after }, draft);
}

type Wallet = Extract<SharingEvent, { kind: "wallet.moved" }>["wallet"];

function moved(wallet: Wallet, draft: Draft): Decision {
  return { ok: true, body: { kind: "wallet.moved", wallet, ...draft.body([]) } };
}

// Between owners an order elsewhere counts like one of the account's own: its owner accepts, or has issued.
function standing(
  program: CompiledProgram | null,
  { orderId, storeId, ownerId, money }: Elsewhere,
  { spends = [], earned = [] }: { spends?: readonly StoredSpend[]; earned?: readonly StoredEarn[] },
): readonly Due[] {
  if (program === null) return [];
  const { version: programVersion } = program;
  return duesOf(program, { ...EMPTY, orderId, storeId, ownerId, currency: money, spends, earned, programVersion });
}

const EMPTY: OrderRecord = {
  orderId: "",
  state: "paid",
  storeId: "",
  regionId: "",
  ownerId: "",
  currency: "",
  channel: null,
  placedAt: 0,
  programVersion: 0,
  lines: [],
  facts: {
    homeStoreId: null,
    source: null,
    firstOrder: false,
    ordersBefore: 0,
    birthdayMonth: false,
    enrolledDays: 0,
  },
  gross: 0,
  net: 0,
  payable: 0,
  redeemed: [],
  holds: [],
  spends: [],
  earned: [],
  returned: {},
  refunded: 0,
  undone: null,
};
