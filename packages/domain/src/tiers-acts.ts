// Tiers by hand: set with an end or paid for, given back to what the member qualifies for, and entitlements used up.
import type { TierRecord } from "@regulars/contracts/events-effects";
import type { LifeActs } from "@regulars/contracts/acts-life";
import { localDay, periodOf } from "./calendar.ts";
import { Draft } from "./draft.ts";
import type { CompiledProgram } from "./program.ts";
import { refuse, type Decision } from "./refuse.ts";
import type { MemberState } from "./state.ts";
import { levelOf, recordOf, warningOf } from "./tiers-keep.ts";
import { changed } from "./tiers-time.ts";
import { qualifiedAt } from "./tiers.ts";

interface When {
  readonly now: number;
  readonly timeZone: string;
}

/** Sets a tier until an end, or null: what the member qualifies for. Refuses: tier_unknown, invalid_date for an end that is over. */
export function decideTierSet(
  state: MemberState,
  program: CompiledProgram,
  { tier, until, reason }: LifeActs["tier.set"]["ask"],
  { now, timeZone }: When,
): Decision {
  const { tiers } = program.document;
  const draft = new Draft(state, now);
  const record = state.tier;
  const about = { draft, program, record };
  if (tiers === undefined) return refuse("tier_unknown", "tier", { tier: tier ?? "" });
  if (tier === null) {
    const level = qualifiedAt(tiers, draft, now, timeZone);
    return { ok: true, body: changed(about, recordOf(tiers, level, draft, { at: now, timeZone }), "set", reason) };
  }
  if (tiers.levels.every(({ id }) => id !== tier)) return refuse("tier_unknown", "tier", { tier });
  if (until !== null && until <= now) return refuse("invalid_date", "until");
  // What was earned goes on beneath, and comes back when this is over.
  const before = record?.fixed === true ? (record.before ?? null) : record;
  const warning = warningOf(tiers, until, now, timeZone);
  const to: TierRecord = { tier, since: now, until, warned: false, fixed: true, ...warning, before };
  return { ok: true, body: changed(about, to, "set", reason) };
}

/** Uses one of a calendar year's. Refuses: entitlement_not_found, entitlement_used_up. */
export function decideEntitlementUse(
  state: MemberState,
  program: CompiledProgram,
  { entitlement }: LifeActs["entitlement.use"]["ask"],
  { now, timeZone }: When,
): Decision {
  const draft = new Draft(state, now);
  const known = entitlementsOf(draft, program, { now, timeZone }).find(({ id }) => id === entitlement);
  if (known === undefined) return refuse("entitlement_not_found", "entitlementId");
  if (known.left === 0) return refuse("entitlement_used_up", "entitlementId", { perYear: known.perYear });
  draft.effects.count([{ name: counterOf(entitlement, now, timeZone), by: 1, until: forgottenAt(now, timeZone) }]);
  const left = known.left - 1;
  return { ok: true, body: { kind: "entitlement.used", entitlement, left, ...draft.body([]) } };
}

export interface EntitlementLeft {
  readonly id: string;
  readonly name: string | null;
  readonly perYear: number;
  readonly left: number;
}

/** What the member's tier entitles to, and how many of this calendar year's are left. */
export function entitlementsOf(draft: Draft, program: CompiledProgram, { now, timeZone }: When): EntitlementLeft[] {
  const { tiers } = program.document;
  const level = tiers?.levels[levelOf(tiers, draft.effects.tier)];
  return (level?.benefits.entitlements ?? []).map(({ id, name, perYear }) => {
    const used = draft.effects.counter(counterOf(id, now, timeZone));
    return { id, name: name ?? null, perYear, left: Math.max(0, perYear - used) };
  });
}

// By the entitlement alone: who rises within the year has used what was used.
const counterOf = (entitlement: string, now: number, timeZone: string) =>
  `tiers/entitlement/${entitlement}/${localDay(now, timeZone).slice(0, 4)}`;

const KEPT_AFTER_MS = 400 * 86_400_000;

function forgottenAt(now: number, timeZone: string): number {
  return (periodOf(now, "year", timeZone).endsAt ?? now) + KEPT_AFTER_MS;
}
