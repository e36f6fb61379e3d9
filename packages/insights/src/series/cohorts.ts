// Follows members who came together: how many of them are still there one, two, twelve months on.

/** A member did something (bought, redeemed) in a month; `value` may be money, for the table of spending. */
export type MemberMonth = { readonly memberId: string; readonly month: number; readonly value?: number };

export type Cohort = {
  /** The first active month of all its members (see monthNumber). */
  readonly month: number;
  readonly size: number;
  /** Members active 0, 1, 2 … months after; the first is the size. As long as there are months to see. */
  readonly active: readonly number[];
  /** The same as a share of the size. */
  readonly retention: readonly number[];
  /** Value of the cohort 0, 1, 2 … months after. */
  readonly value: readonly number[];
};

export type CohortTable = {
  readonly cohorts: readonly Cohort[];
  /** Retention of all cohorts that could be seen so long, weighted by their size. */
  readonly retention: readonly number[];
  /** Mean value of a member within that many months of coming, from the cohorts that could be seen so long. */
  readonly cumulativeValue: readonly number[];
};

const MONTHS_PER_YEAR = 12;

/** Months since year 0 of a local month or day written `YYYY-MM…`, so that a difference is a number of months. */
export function monthNumber(text: string): number {
  const [year = Number.NaN, month = Number.NaN] = text.split("-").map(Number);
  return month >= 1 && month <= MONTHS_PER_YEAR ? year * MONTHS_PER_YEAR + month - 1 : Number.NaN;
}

/** The local month `YYYY-MM` of a month number. */
export function monthText(month: number): string {
  const year = Math.floor(month / MONTHS_PER_YEAR);
  return `${String(year).padStart(4, "0")}-${String(month - year * MONTHS_PER_YEAR + 1).padStart(2, "0")}`;
}

/**
 * The table of cohorts by first active month up to `lastMonth` (included; later activity is not looked at). A member
 * counts once a month however often it comes; a month without it does not end its cohort, so retention may rise
 * again. `firstOf` gives the month a member first came if that lies before the rows, as when only last year's are
 * read.
 */
export function cohortTable(
  rows: Iterable<MemberMonth>,
  options: { readonly lastMonth: number; readonly firstOf?: (memberId: string) => number | undefined },
): CohortTable {
  const { lastMonth, firstOf } = options;
  const members = new Map<string, Map<number, number>>();
  for (const { memberId, month, value = 0 } of rows) {
    if (month > lastMonth) continue;
    const months = members.get(memberId) ?? new Map<number, number>();
    months.set(month, (months.get(month) ?? 0) + value);
    members.set(memberId, months);
  }
  const growing = new Map<number, { size: number; active: number[]; value: number[] }>();
  for (const [memberId, months] of members) {
    const seen = Math.min(...months.keys());
    const first = Math.min(seen, firstOf?.(memberId) ?? seen);
    const cohort = growing.get(first) ?? emptyCohort(lastMonth - first + 1);
    growing.set(first, cohort);
    cohort.size += 1;
    if (!months.has(first)) months.set(first, 0);
    for (const [month, value] of months) {
      const age = month - first;
      cohort.active[age] = (cohort.active[age] ?? 0) + 1;
      cohort.value[age] = (cohort.value[age] ?? 0) + value;
    }
  }
  const cohorts = [...growing]
    .sort(([one], [other]) => one - other)
    .map(([month, cohort]) => ({ month, ...cohort, retention: cohort.active.map((count) => count / cohort.size) }));
  return { cohorts, ...overall(cohorts) };
}

function emptyCohort(months: number) {
  return { size: 0, active: Array<number>(months).fill(0), value: Array<number>(months).fill(0) };
}

function overall(cohorts: readonly Cohort[]): Pick<CohortTable, "retention" | "cumulativeValue"> {
  const longest = Math.max(0, ...cohorts.map(({ active }) => active.length));
  const ages = Array.from({ length: longest }, (_, age) => {
    const old = cohorts.filter(({ active }) => active.length > age);
    const size = old.reduce((sum, cohort) => sum + cohort.size, 0);
    const active = old.reduce((sum, cohort) => sum + (cohort.active[age] ?? 0), 0);
    const value = old.reduce((sum, cohort) => sum + sumUntil(cohort.value, age), 0);
    return { retention: active / size, cumulativeValue: value / size };
  });
  return {
    retention: ages.map(({ retention }) => retention),
    cumulativeValue: ages.map(({ cumulativeValue }) => cumulativeValue),
  };
}

function sumUntil(values: readonly number[], last: number): number {
  let sum = 0;
  for (const value of values.slice(0, last + 1)) sum += value;
  return sum;
}
