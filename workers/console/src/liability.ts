// The liability of points: who has how many, how many history expects to be spent, and the journal of deferred revenue.
import { CLEARING_PERIODS_MAX, periodRangeQuery } from "@regulars/contracts/clearing";
import {
  type Liability,
  type LiabilityCohort,
  type LiabilityCurrency,
  type LiabilityJournal,
  liabilityQuery,
} from "@regulars/contracts/liability";
import { expectedRedeemed, monthsBetween, type RedemptionCurve, redemptionCurve } from "@regulars/domain/breakage";
import { boundsOf, nextPeriod, periodOf, periodsBetween } from "@regulars/domain/clearing-periods";
import { deferredAt, journalOf, type SoldPoints } from "@regulars/domain/liability";
import { type Read, readQuery } from "@regulars/edge/body";
import { type Call, done, type Handler, refused, tenantOf } from "./call.ts";
import { majorUnits } from "./clearing-lines.ts";
import { csvRow, Download } from "./download.ts";
import { type LiabilityFacts, type MovedPoints, readLiability } from "./liability-rows.ts";

export const liabilityHandlers: Readonly<Record<string, Handler>> = {
  getLiability,
  getLiabilityJournal,
  downloadLiabilityJournal,
};

async function getLiability(call: Call): Promise<Read<Liability>> {
  const query = readQuery(call.request.url, liabilityQuery);
  if (!query.ok) return query;
  const tenant = tenantOf(call);
  const at = query.value.at === undefined ? call.now : Date.parse(query.value.at);
  const facts = await readLiability(call.database, tenant, new Date(at));
  const month = periodOf(at - 1, tenant.timeZone);
  const isOver = boundsOf(month, tenant.timeZone).until === at;
  const deferred = deferredAt({ sales: facts.sales, points: soldPoints(facts) }, facts.valueOf, month);
  const currencies = currenciesOf(facts).map((currency) =>
    currencyAnswer(facts, currency, { month, isOver, deferred: deferred.get(currency) ?? 0 }),
  );
  return done({ at: new Date(at).toISOString(), money: tenant.currency, currencies });
}

async function getLiabilityJournal(call: Call): Promise<Read<LiabilityJournal>> {
  const query = readQuery(call.request.url, periodRangeQuery);
  if (!query.ok) return query;
  const { from, to } = query.value;
  const periods = periodsBetween(from, to).length;
  if (periods === 0 || periods > CLEARING_PERIODS_MAX) {
    return refused("number_out_of_range", { field: "to", facts: { limit: `1-${CLEARING_PERIODS_MAX} periods` } });
  }
  const tenant = tenantOf(call);
  const until = new Date(boundsOf(to, tenant.timeZone).until);
  const facts = await readLiability(call.database, tenant, until);
  const entries = journalOf({ sales: facts.sales, points: soldPoints(facts) }, facts.valueOf, { from, to });
  return done({ money: tenant.currency, entries });
}

const COLUMNS = ["period", "currency", "entry", "debit", "credit", "amount", "money"];
const LIABILITY = "Contract liability - points";
const REVENUE = "Revenue";
const BREAKAGE = "Revenue - breakage";

/** One row an entry; a negative amount takes back what was booked before. */
async function downloadLiabilityJournal(call: Call): Promise<Read<unknown>> {
  const journal = await getLiabilityJournal(call);
  if (!journal.ok) return journal;
  const { money, entries } = journal.value;
  const rows = entries.flatMap(({ period, currency, deferral, release, breakage }) => {
    const booked = [
      { entry: "deferral", debit: REVENUE, credit: LIABILITY, amount: deferral },
      { entry: "release", debit: LIABILITY, credit: REVENUE, amount: release },
      { entry: "breakage", debit: LIABILITY, credit: BREAKAGE, amount: breakage },
    ];
    return booked
      .filter(({ amount }) => amount !== 0)
      .map(({ entry, debit, credit, amount }) =>
        csvRow([period, currency, entry, debit, credit, majorUnits(amount * 1000, money).slice(0, -3), money]),
      );
  });
  const { searchParams } = new URL(call.request.url);
  const name = `points-journal-${searchParams.get("from")}-${searchParams.get("to")}.csv`;
  return done(new Download(name, csvRow(COLUMNS) + rows.join("")));
}

function currenciesOf({ moved, standing }: LiabilityFacts): string[] {
  return [...new Set([...moved, ...standing].map(({ currency }) => currency))].sort();
}

function soldPoints({ moved }: LiabilityFacts): SoldPoints[] {
  const currencies = new Set(moved.map(({ currency }) => currency));
  return [...currencies].sort().map((currency) => {
    return { currency, months: moved.filter((one) => one.currency === currency && one.sold) };
  });
}

function currencyAnswer(
  facts: LiabilityFacts,
  currency: string,
  { month, isOver, deferred }: { month: string; isOver: boolean; deferred: number },
): LiabilityCurrency {
  const valuePerPointMilli = facts.valueOf(currency, month);
  const valued = (outstanding: number) => ({
    outstanding,
    value: Math.round((outstanding * valuePerPointMilli) / 1000),
  });
  const standing = facts.standing.filter((one) => one.currency === currency);
  const partOf = (part: string) => standing.filter((one) => one.part === part);
  const accountOf = (id: string) => partOf("account").find((one) => one.id === id)?.points ?? 0;
  const [available, pending, held] = [accountOf("available"), accountOf("pending"), accountOf("held")];
  const moved = facts.moved.filter((one) => one.currency === currency);
  const curve = redemptionCurve(moved, isOver ? nextPeriod(month) : month);
  const cohorts = cohortsOf(moved).map(([cohort, rows]) =>
    cohortAnswer(cohort, rows, { curve, valued, age: monthsBetween(cohort, month) + (isOver ? 1 : 0) }),
  );
  const sum = (column: "expectedRedeemed" | "expectedBreakage") =>
    cohorts.reduce((total, one) => total + one[column], 0);
  return {
    currency,
    valuePerPointMilli,
    ...valued(available + pending + held),
    available,
    pending,
    held,
    deferred,
    cohorts,
    debt: partOf("debt").reduce((total, { points }) => total + points, 0),
    expectedRedeemed: sum("expectedRedeemed"),
    expectedBreakage: sum("expectedBreakage"),
    stores: partOf("store").map(({ id, points }) => ({ storeId: id, ...valued(points) })),
    owners: partOf("owner").map(({ id, points }) => ({ ownerId: id, ...valued(points) })),
    tiers: partOf("tier").map(({ id, points }) => ({ tier: id, ...valued(points) })),
  };
}

function cohortsOf(moved: readonly MovedPoints[]): [string, MovedPoints[]][] {
  const cohorts = new Map<string, MovedPoints[]>();
  for (const row of moved) cohorts.set(row.cohort, [...(cohorts.get(row.cohort) ?? []), row]);
  return [...cohorts].sort(([one], [other]) => (one < other ? -1 : 1));
}

function cohortAnswer(
  cohort: string,
  rows: readonly MovedPoints[],
  {
    curve,
    valued,
    age,
  }: { curve: RedemptionCurve; valued: (points: number) => { outstanding: number; value: number }; age: number },
): LiabilityCohort {
  const sum = (column: "issued" | "redeemed" | "expired" | "removed") =>
    rows.reduce((total, row) => total + row[column], 0);
  const [issued, redeemed, expired, removed] = [sum("issued"), sum("redeemed"), sum("expired"), sum("removed")];
  const outstanding = issued - redeemed - expired - removed;
  const expected = expectedRedeemed(curve, outstanding, age);
  return {
    cohort,
    issued,
    redeemed,
    expired,
    removed,
    ...valued(outstanding),
    expectedRedeemed: expected,
    expectedBreakage: Math.max(0, outstanding) - expected,
  };
}
