// Two profiles of one person become one, and can be parted again: everything moves as one transfer, in either direction.
import type { MergeRecord, TransferRecord } from "@regulars/contracts/events-more";
import type { DayActivity, Effects } from "@regulars/contracts/events-effects";
import type { LotPart } from "@regulars/contracts/events-transfers";
import type { Entry } from "@regulars/contracts/points";
import { Draft } from "./draft.ts";
import { tagsByHand } from "./labels.ts";
import { refuse, type Decision } from "./refuse.ts";
import { negated } from "./state-effects.ts";
import type { MemberState, OpenLot } from "./state.ts";
import { arrive, LOTS_SENT_MAX, send, takeVouchers } from "./transfers.ts";

const MERGED_INTO = "mergedInto";
const mergedFact = (memberId: string) => `merged/${memberId}`;

/** Ids of the transfers by which a profile was merged into this one, the merge itself first. */
export const mergesOf = (state: MemberState, memberId: string): readonly string[] =>
  (state.facts.get(mergedFact(memberId)) as MergedFact | undefined)?.transferIds ?? [];

/** What a member keeps of another that was merged into it. */
interface MergedFact {
  /** The merge, and after it what refunds of old orders have brought. */
  readonly transferIds: readonly string[];
}

/** The member that this one was merged into, or null. */
export const mergedInto = (state: MemberState): string | null =>
  (state.facts.get(MERGED_INTO) as string | undefined) ?? null;

/**
 * Sends everything that the member has to another profile of the same person. Refuses merge_not_allowed while something is
 * set aside or a household would be left, and transfer_to_self.
 */
export function decideMerge(
  state: MemberState,
  { from, into, hashes }: { readonly from: string; readonly into: string; readonly hashes: readonly string[] },
  now: number,
): Decision {
  if (from === into) return refuse("transfer_to_self", "into");
  const reason = obstacleOf(state);
  if (reason !== null) return refuse("merge_not_allowed", undefined, { reason });
  const draft = new Draft(state, now);
  draft.effects.setFact(MERGED_INTO, into);
  const activity = draft.effects.days().map(([day, change]) => ({ day, change }));
  const counters = [...state.counters].map(([name, { value, until }]) => ({ name, by: value, until }));
  const debts = takeDebts(draft, state);
  const merge = { begins: true, hashes, debts, activity, counters, tags: tagsByHand(state), undoes: [] };
  return sweep(draft, state, { from, to: into, purpose: "merge", merge });
}

/**
 * Sends on what an event of an old order has brought back, or has taken, and what it has changed of activity and counters; null
 * when there is nothing, or the member was not merged.
 */
export function decideSweep(
  state: MemberState,
  from: string,
  { activity = [], counters = [] }: Pick<Effects, "activity" | "counters">,
  now: number,
): Decision | null {
  const to = mergedInto(state);
  if (to === null) return null;
  const hasPoints = state.lots.size > 0 || [...state.currencies.values()].some(({ debt }) => debt > 0);
  if (!hasPoints && state.vouchers.size === 0 && activity.length === 0 && counters.length === 0) return null;
  const draft = new Draft(state, now);
  const merge = { ...NOTHING, debts: takeDebts(draft, state), activity, counters };
  return sweep(draft, state, { from, to, purpose: "merge", merge });
}

/** Sends back what is left of what came from a merged profile. Refuses merge_not_allowed when there is none. */
export function decideUnmerge(
  state: MemberState,
  { from, received }: { readonly from: string; readonly received: readonly TransferRecord[] },
  now: number,
): Decision {
  const draft = new Draft(state, now);
  const [original] = received;
  if (original?.merge === undefined) return refuse("merge_not_allowed", "from", { reason: "never_merged" });
  const to = original.from;
  draft.effects.setFact(mergedFact(to), null);
  const activity = received.flatMap((one) => one.merge?.activity ?? []);
  const counters = received.flatMap((one) => one.merge?.counters ?? []);
  const { hashes, tags } = original.merge;
  const undoes = received.map(({ id }) => id);
  const merge = { begins: false, hashes, debts: [], activity, counters, tags, undoes };
  addCarried(draft, merge, -1);
  const parts = [...state.lots.values()].filter(({ lot }) => lot.from?.memberId === to).flatMap(freeOf);
  const vouchers = [...state.vouchers.values()].filter(
    ({ state: at, origin }) => at === "issued" && undoes.includes(origin.ref),
  );
  const wish = { purpose: "unmerge" as const, from, to, note: null };
  return { ok: true, body: { kind: "transfer.sent", ...send(draft, state, wish, { parts, vouchers, merge }, null) } };
}

/** The other side of either: lots, vouchers and debts arrive, activity and counters count, labels join. */
export function decideMergeReceived(state: MemberState, transfer: TransferRecord, now: number): Decision {
  const { merge = NOTHING, from, id, purpose } = transfer;
  const draft = new Draft(state, now);
  if (purpose === "unmerge") draft.effects.setFact(MERGED_INTO, null);
  else {
    const known = merge.begins ? null : draft.effects.fact<MergedFact>(mergedFact(from));
    // What comes after the profiles were parted again stays here.
    if (merge.begins || known !== null) {
      const transferIds = [...(known?.transferIds ?? []), id];
      draft.effects.setFact(mergedFact(from), { transferIds } satisfies MergedFact);
    }
    addCarried(draft, merge, 1);
  }
  arrive(draft, transfer);
  takeVouchers(draft, transfer);
  for (const { currency, points } of merge.debts) bearDebt(draft, currency, points);
  return { ok: true, body: { kind: "transfer.received", transfer, ...draft.body([]) } };
}

/** What must be put back besides lots and vouchers when the other side could not take it. */
export function undoMerge(draft: Draft, { merge, purpose, to }: TransferRecord): void {
  if (merge === undefined) return;
  for (const { currency, points } of merge.debts) draft.post("transfer", debtEntries(currency, points, -1));
  if (merge.begins && draft.effects.fact<string>(MERGED_INTO) === to) draft.effects.setFact(MERGED_INTO, null);
  if (purpose === "unmerge") {
    addCarried(draft, merge, 1);
    draft.effects.setFact(mergedFact(to), { transferIds: merge.undoes } satisfies MergedFact);
  }
}

const NOTHING: MergeRecord = {
  begins: false,
  hashes: [],
  debts: [],
  activity: [],
  counters: [],
  tags: [],
  undoes: [],
};

function obstacleOf(state: MemberState): string | null {
  if (mergedInto(state) !== null) return "merged";
  if (state.holds.size > 0) return "holds";
  if (state.lots.size > LOTS_SENT_MAX) return "lots";
  if (state.facts.has("household") || state.facts.has("pool")) return "household";
  return [...state.vouchers.values()].some((voucher) => voucher.state === "reserved") ? "vouchers" : null;
}

function sweep(
  draft: Draft,
  state: MemberState,
  { from, to, purpose, merge }: { from: string; to: string; purpose: "merge"; merge: MergeRecord },
): Decision {
  const parts = [...state.lots.values()].flatMap(freeOf);
  const vouchers = [...state.vouchers.values()].filter((voucher) => voucher.state === "issued");
  const sent = send(draft, state, { purpose, from, to, note: null }, { parts, vouchers, merge }, null);
  return { ok: true, body: { kind: "transfer.sent", ...sent } };
}

function freeOf({ lot, available, pending }: OpenLot): LotPart[] {
  const points = available + pending;
  return points > 0 ? [{ lot, points }] : [];
}

// A debt leaves as if it were paid, and is borne by who it reaches: what is on its way sums to zero all the same.
function takeDebts(draft: Draft, state: MemberState): MergeRecord["debts"] {
  return [...state.currencies].flatMap(([currency, { debt }]) => {
    if (debt <= 0) return [];
    draft.post("transfer", debtEntries(currency, debt, 1));
    return [{ currency, points: debt }];
  });
}

function debtEntries(currency: string, points: number, sign: 1 | -1): Entry[] {
  return [
    { account: "available", currency, points: sign * points },
    { account: "transit", currency, points: -sign * points },
  ];
}

// Paid from what there is, in spending order; the rest is a debt here.
function bearDebt(draft: Draft, currency: string, points: number): void {
  const parts = draft.allocate(currency, points);
  draft.move("transfer", parts, "available", "transit");
  const left = points - parts.reduce((sum, part) => sum + part.points, 0);
  if (left > 0) draft.post("transfer", debtEntries(currency, left, -1));
}

function addCarried(draft: Draft, { activity, counters, tags }: MergeRecord, sign: 1 | -1): void {
  const signed = (figures: DayActivity) => (sign === 1 ? figures : negated(figures));
  for (const { day, change } of activity) draft.effects.addActivity(day, signed(change));
  draft.effects.count(counters.map((counter) => ({ ...counter, by: sign * counter.by })));
  const gained = tags.filter((tag) => !draft.effects.tags.includes(tag));
  // Labels are not taken away again: nobody can say whose they were.
  if (sign === 1 && gained.length > 0) draft.effects.setTags([...draft.effects.tags, ...gained]);
}
