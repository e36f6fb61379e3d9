// How long a tier is kept once a member has it, and when its loss must be warned of.
import type { TierRecord } from "@regulars/contracts/events-effects";
import type { Tier, Tiers } from "@regulars/contracts/program-tiers";
import { addLocalDays, dayInYear, localDay, startOfLocalDay } from "./calendar.ts";
import type { Draft } from "./draft.ts";
import type { CompiledProgram } from "./program.ts";
import { anniversaryOn } from "./tiers-qualify.ts";

/** The member's tier: the one on record, or the one that everybody has; null when there is neither. */
export function tierOf(program: CompiledProgram, record: TierRecord | null): string | null {
  return program.document.tiers?.levels[levelOf(program.document.tiers, record)]?.id ?? null;
}

/** The place of a member's tier in the program's list; −1: none, which a tier that the program has no more is too. */
export function levelOf({ levels }: Tiers, record: TierRecord | null): number {
  const known = levels.findIndex(({ id }) => id === record?.tier);
  return known === -1 ? levels.findLastIndex(isEverybodys) : known;
}

/** Whether a tier asks for nothing: it needs no record. */
export const isEverybodys = ({ any, all, paid }: Tier) => any.length === 0 && all.length === 0 && !paid;

/**
 * The record of a level that begins at `at`; null for one that everybody has, or none. `ofYear`: the instant whose year it
 * was earned in, which at the turn of a year is the one before.
 */
export function recordOf(
  tiers: Tiers,
  level: number,
  draft: Draft,
  { at, ofYear = at, timeZone }: { readonly at: number; readonly ofYear?: number; readonly timeZone: string },
): TierRecord | null {
  const tier = tiers.levels[level];
  if (tier === undefined || isEverybodys(tier)) return null;
  const until = keptUntil(tiers, draft, { at, ofYear, timeZone });
  return { tier: tier.id, since: at, until, warned: false, fixed: false, ...warningOf(tiers, until, at, timeZone) };
}

/** When the member must be warned before `until`, unless that is over at `from`. */
export function warningOf(
  { warnDays }: Tiers,
  until: number | null,
  from: number,
  timeZone: string,
): Pick<TierRecord, "warnAt"> {
  if (until === null || warnDays === 0) return {};
  const warnAt = addLocalDays(until, -warnDays, timeZone);
  return warnAt > from ? { warnAt } : {};
}

function keptUntil(
  { keep, downgrade, window }: Tiers,
  draft: Draft,
  { at, ofYear, timeZone }: { readonly at: number; readonly ofYear: number; readonly timeZone: string },
): number | null {
  if (keep.type === "forever" || downgrade === "none") return null;
  if (keep.type === "days") return addLocalDays(at, keep.days, timeZone);
  const day = localDay(ofYear, timeZone);
  if (window.type !== "anniversary") return startOfLocalDay(`${Number(day.slice(0, 4)) + 2}-01-01`, timeZone);
  const began = anniversaryOn(draft, day, timeZone);
  const monthDay = localDay(draft.enrolledAt, timeZone).slice(5);
  return startOfLocalDay(dayInYear(Number(began.slice(0, 4)) + 2, monthDay), timeZone);
}
