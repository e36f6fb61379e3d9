// What time does to a tier: a warning before it would be lost, grace after its end, and the review that keeps or lowers it.
import type { TierRecord } from "@regulars/contracts/events-effects";
import type { EventBody } from "@regulars/contracts/events";
import type { TierCause } from "@regulars/contracts/events-more";
import type { Tiers } from "@regulars/contracts/program-tiers";
import { addLocalDays } from "./calendar.ts";
import { Draft } from "./draft.ts";
import type { CompiledProgram } from "./program.ts";
import type { MemberState } from "./state.ts";
import { levelOf, recordOf, tierOf } from "./tiers-keep.ts";
import { levelFor, measuresOf, spanAt, type Span } from "./tiers-qualify.ts";

/** When time next looks at a tier (Unix ms), or Infinity. */
export function tierDueAt(record: TierRecord | null): number {
  if (record === null) return Infinity;
  return Math.min(record.until ?? Infinity, record.warnAt ?? Infinity);
}

interface Review {
  readonly draft: Draft;
  readonly program: CompiledProgram;
  readonly tiers: Tiers;
  readonly timeZone: string;
  readonly record: TierRecord;
}

/** The event of what is due to the member's tier, which must be due. However late we look, it is decided as of its own time. */
export function settleTier(state: MemberState, program: CompiledProgram, timeZone: string, now: number): EventBody {
  const draft = new Draft(state, now);
  const record = state.tier;
  if (record === null) throw new Error("no tier is due");
  const { tiers } = program.document;
  if (tiers === undefined) return changed({ draft, program, record }, null, "program");
  const review = { draft, program, tiers, timeZone, record };
  return record.until !== null && record.until <= (record.warnAt ?? Infinity)
    ? reviewed(review, record.until)
    : warned(review, record.until);
}

// Counted until today, over the days that will count at the end: what is reached by now cannot be lost any more.
function warned(review: Review, until: number | null): EventBody {
  const { record, draft } = review;
  const { warnAt: _told, ...rest } = record;
  if (until === null || keepsAt(review, until)) return kept(draft, rest, "secured");
  return losing(draft, { ...rest, warned: true }, until);
}

function reviewed(review: Review, until: number): EventBody {
  const { draft, tiers, timeZone, record } = review;
  if (record.fixed) return ended(review, until);
  const since = record.graceFrom ?? until;
  const level = levelFor(tiers, measuresOf(draft, spanOf(review, until)));
  const current = levelOf(tiers, record);
  const begin = (to: number, at: number) => recordOf(tiers, to, draft, { at, ofYear: at - 1, timeZone });
  if (level === current) {
    const renewed = begin(current, since);
    return renewed === null
      ? changed(review, null, "review")
      : kept(draft, { ...renewed, since: record.since }, "renewed");
  }
  if (level > current) return changed(review, begin(level, since), "review");
  if (tiers.downgrade === "none") return kept(draft, { ...bare(record), until: null }, "renewed");
  if (tiers.graceDays > 0 && record.graceFrom === undefined) {
    const graceEnd = addLocalDays(until, tiers.graceDays, timeZone);
    return losing(draft, { ...record, until: graceEnd, graceFrom: until, warned: true }, graceEnd);
  }
  return changed(review, begin(afterLoss(tiers, current, level), until), "review");
}

function afterLoss({ downgrade, levels }: Tiers, current: number, qualified: number): number {
  if (downgrade !== "oneLevel") return qualified;
  return Math.max(
    qualified,
    levels.findLastIndex(({ paid }, place) => place < current && !paid),
  );
}

// What was set by hand or paid for is over: what lies beneath it goes on, or what the member qualifies for by now.
function ended(review: Review, until: number): EventBody {
  const { draft, tiers, timeZone, record } = review;
  const level = levelFor(tiers, measuresOf(draft, spanOf(review, until)));
  const beneath = record.before ?? null;
  const goesOn = beneath !== null && (beneath.until === null || beneath.until > until);
  const to =
    goesOn && levelOf(tiers, beneath) >= level
      ? beneath
      : recordOf(tiers, level, draft, { at: until, ofYear: until - 1, timeZone });
  return changed(review, to, "ended");
}

// Whether the member would be no lower after `until` than now.
function keepsAt(review: Review, until: number): boolean {
  const { draft, tiers, record } = review;
  const current = levelOf(tiers, record);
  const beneath = record.fixed ? (record.before ?? null) : null;
  const goesOn = beneath !== null && (beneath.until === null || beneath.until > until);
  if (goesOn && levelOf(tiers, beneath) >= current) return true;
  if (tiers.downgrade === "none" && !record.fixed) return true;
  return levelFor(tiers, measuresOf(draft, spanOf(review, until))) >= current;
}

// The last moment of the tier decides; days of grace count on top of the window that was over before them.
function spanOf({ draft, tiers, timeZone, record }: Review, until: number): Span {
  const { to } = spanAt(tiers, draft, until - 1, timeZone);
  return { from: spanAt(tiers, draft, (record.graceFrom ?? until) - 1, timeZone).from, to };
}

// A record that time has confirmed stands by itself: no refund of what once raised it takes it away.
function bare({ tier, since, fixed }: TierRecord) {
  return { tier, since, fixed, warned: false };
}

function kept(draft: Draft, record: TierRecord, cause: "renewed" | "secured"): EventBody {
  draft.effects.setTier(record);
  return { kind: "tier.kept", record, cause, ...draft.body([]) };
}

function losing(draft: Draft, record: TierRecord, losesAt: number): EventBody {
  draft.effects.setTier(record);
  return { kind: "tier.warned", record, losesAt, ...draft.body([]) };
}

/** The event of a tier that becomes another, for the draft that knows why. */
export function changed(
  { draft, program, record }: { draft: Draft; program: CompiledProgram; record: TierRecord | null },
  to: TierRecord | null,
  cause: TierCause,
  reason?: string,
): EventBody {
  draft.effects.setTier(to);
  const about = {
    from: tierOf(program, record),
    to: tierOf(program, to),
    cause,
    ...(reason !== undefined && { reason }),
  };
  return { kind: "tier.changed", ...about, ...draft.body([]) };
}
