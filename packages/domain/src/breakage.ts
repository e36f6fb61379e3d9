// Breakage: how many points of an age are still going to be spent, by what has become of older ones.

/** What became of the points of one month of issue in one month. Points are net of what was given back or undone. */
export interface CohortMonth {
  /** "2026-01": when the points were issued, and when this happened to them. */
  readonly cohort: string;
  readonly month: string;
  readonly issued: number;
  readonly redeemed: number;
  readonly expired: number;
  /** Taken back with their order, passed to others, adjusted away: they tell nothing of what members spend. */
  readonly removed: number;
}

/**
 * By age in months, at its beginning: the share of points still there that will be spent in the end. Past the last age that
 * history shows every point counts as spent, so that no breakage is taken before it has been seen.
 */
export type RedemptionCurve = readonly number[];

/** Ages beyond ten years are taken for the tenth. */
const AGES_MAX = 120;

/**
 * The curve by months before `before` ("2026-11"), which are over. Of each age it takes all cohorts that have lived through it:
 * what was spent and what expired of the points that were there when it began.
 */
export function redemptionCurve(months: readonly CohortMonth[], before: string): RedemptionCurve {
  const past = months.filter(({ month }) => month < before);
  const ages = agesOf(past, before);
  const curve: number[] = [];
  let later = 1;
  for (const { atRisk, redeemed, expired } of ages.toReversed()) {
    const spent = atRisk > 0 ? clamped(redeemed / atRisk) : 0;
    const stays = atRisk > 0 ? clamped(1 - spent - clamped(expired / atRisk)) : 1;
    later = clamped(spent + stays * later);
    curve.push(later);
  }
  return curve.toReversed();
}

/** Of points outstanding at the beginning of an age: how many are expected to be spent. Whole points. */
export function expectedRedeemed(curve: RedemptionCurve, outstanding: number, ageMonths: number): number {
  return Math.round(Math.max(0, outstanding) * (curve[Math.min(ageMonths, AGES_MAX)] ?? 1));
}

/** Months from one to the other: 0 in the same. */
export function monthsBetween(from: string, to: string): number {
  const placeOf = (month: string) => Number(month.slice(0, 4)) * 12 + Number(month.slice(5));
  return placeOf(to) - placeOf(from);
}

interface Age {
  atRisk: number;
  redeemed: number;
  expired: number;
}

function agesOf(past: readonly CohortMonth[], before: string): Age[] {
  const ages: Age[] = [];
  for (const [cohort, rows] of byCohort(past)) {
    const oldest = Math.min(monthsBetween(cohort, before), AGES_MAX + 1);
    let standing = 0;
    for (let age = 0; age < oldest; age += 1) {
      const of = rows.filter(({ month }) => monthsBetween(cohort, month) === age);
      const sum = (column: "issued" | "redeemed" | "expired" | "removed") =>
        of.reduce((total, row) => total + row[column], 0);
      const [issued, redeemed, expired, removed] = [sum("issued"), sum("redeemed"), sum("expired"), sum("removed")];
      // What left for other reasons was never at the risk of being spent or of expiring.
      const atRisk = standing + issued - removed;
      const known = (ages[age] ??= { atRisk: 0, redeemed: 0, expired: 0 });
      known.atRisk += atRisk;
      known.redeemed += redeemed;
      known.expired += expired;
      standing = atRisk - redeemed - expired;
    }
  }
  return ages;
}

function byCohort(rows: readonly CohortMonth[]): Map<string, CohortMonth[]> {
  const cohorts = new Map<string, CohortMonth[]>();
  for (const row of rows) {
    const known = cohorts.get(row.cohort);
    if (known === undefined) cohorts.set(row.cohort, [row]);
    else known.push(row);
  }
  return cohorts;
}

const clamped = (share: number) => Math.min(1, Math.max(0, share));
