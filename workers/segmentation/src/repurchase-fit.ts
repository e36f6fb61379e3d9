// Fits how long products and categories usually last, from a sample of buyers, and stores what has moved.
import type { UsualCycle } from "@regulars/insights/buying-cycle";
import { addGapSums, cycleOfSums, type GapSums } from "@regulars/insights/cycle-sums";
import { withTenant } from "@regulars/schema/connection";
import { sql } from "drizzle-orm";
import { type NightScope, readRows, writeRows } from "./night-scope.ts";
import { markBuyers } from "./repurchase-marks.ts";
import { hasMoved } from "./cycle-moved.ts";
import { unitGapLog, waitsOfTouched } from "./repurchase-supplies.ts";
import { touchMembers } from "./scene.ts";

/** With fewer buyers who came back, a cycle says more about them than about the product. */
const FIT_MEMBERS_MIN = 30;
/** A stored cycle stays until there are fewer, so that it does not come and go with one buyer. */
const KEPT_MEMBERS_MIN = 20;
/** Cycles of one tenant, those with the most gaps: as many as one statement of a run joins in memory. */
const CYCLES_MAX = 2000;
/**
 * Buyers whose lines are read: a product that one in a thousand of them comes back for has 50 still, and reading their
 * lines takes a minute at most, however large the tenant is.
 */
const SAMPLE_MEMBERS_MAX = 50_000;
/** Buyers of one statement: some 100,000 lines, about a second. */
const PAGE_MEMBERS = 2000;

type Ref = { readonly kind: "sku" | "category"; readonly ref: string };
type RefSums = Ref & GapSums;
type RefCycle = Ref & UsualCycle;

/**
 * The usual cycle of every sku and category with enough buyers: `categoryCycle` of the insights over the sample.
 * Only what has moved is stored, once its buyers are marked to be foretold anew: whoever is killed in between finds it
 * moved again, and marks again.
 */
export async function fitRepurchaseCycles(scope: NightScope, sampleMembersMax = SAMPLE_MEMBERS_MAX): Promise<void> {
  const sums = new Map<string, RefSums>();
  const sample = await readSample(scope, sampleMembersMax);
  for (let from = 0; from < sample.length; from += PAGE_MEMBERS) {
    for (const page of await readSums(scope, sample.slice(from, from + PAGE_MEMBERS))) {
      const key = keyOf(page);
      const known = sums.get(key);
      sums.set(key, known === undefined ? page : { ...page, ...addGapSums(known, page) });
    }
  }
  const stored = new Map((await readCycles(scope)).map((cycle) => [keyOf(cycle), cycle]));
  const fitted = new Map(chooseCycles([...sums.values()], stored).map((cycle) => [keyOf(cycle), cycle]));
  const gone = [...stored.values()].filter((cycle) => !fitted.has(keyOf(cycle)));
  const changed = [...fitted.values()].filter((cycle) => {
    const before = stored.get(keyOf(cycle));
    return before === undefined || hasMoved(before, cycle);
  });
  if (gone.length + changed.length === 0) return;
  await markBuyers(scope, [...gone, ...changed]);
  await storeCycles(scope, { gone, changed });
}

/** Those with enough buyers, most gaps first; of as many the first by name. */
function chooseCycles(sums: readonly RefSums[], stored: ReadonlyMap<string, RefCycle>): RefCycle[] {
  return sums
    .filter((one) => one.members >= (stored.has(keyOf(one)) ? KEPT_MEMBERS_MIN : FIT_MEMBERS_MIN))
    .sort((one, other) => other.gaps - one.gaps || (keyOf(one) < keyOf(other) ? -1 : 1))
    .slice(0, CYCLES_MAX)
    .flatMap((one) => {
      const cycle = cycleOfSums(one);
      return cycle === null ? [] : [{ kind: one.kind, ref: one.ref, ...cycle }];
    });
}

/** Members who bought on two days or more: all of them, or one in 2, 4, 8 … by their id, and so the same ones each night. */
async function readSample(scope: NightScope, membersMax: number): Promise<string[]> {
  const { tenantId } = scope.scene;
  const returned = sql`tenant_id = ${tenantId} and order_days > 1`;
  const [counted] = await readRows<{ members: number }>(
    scope,
    sql`select count(*)::int as members from member_figures where ${returned}`,
  );
  const parts = 2 ** Math.max(0, Math.ceil(Math.log2((counted?.members ?? 0) / membersMax)));
  const rows = await readRows<{ member_id: string }>(
    scope,
    sql`select member_id from member_figures where ${returned} and hashtext(member_id) & ${parts - 1} = 0
      order by member_id`,
  );
  return rows.map(({ member_id }) => member_id);
}

async function readSums({ database, scene, settings }: NightScope, memberIds: readonly string[]): Promise<RefSums[]> {
  const sums = sql`
    with ${waitsOfTouched(scene)},
    own as (
      select kind, ref, count(*)::float8 as n, sum(log) as logs, var_pop(log) * count(*) as within
      from (
        select member_id, kind, ref, ${unitGapLog(settings.repurchase.quantityPower)} as log
        from waits where days is not null
      ) as gaps group by member_id, kind, ref
    )
    select kind, ref, count(*)::int as members, sum(n) as gaps, sum(n * n) as squares, sum(logs) as logs,
      sum(logs * logs / n) as "logSquares", sum(within) as within
    from own group by kind, ref`;
  const [, { rows }] = await withTenant(database, scene.tenantId, [
    touchMembers(database, memberIds),
    database.execute<RefSums>(sums),
  ]);
  return rows;
}

function readCycles(scope: NightScope): Promise<RefCycle[]> {
  return readRows<RefCycle>(
    scope,
    sql`select kind, ref, median_days as "medianDays", within_variance as "withinVariance",
        credibility_gaps as "credibilityGaps", members, gaps
      from repurchase_cycles where tenant_id = ${scope.scene.tenantId}`,
  );
}

async function storeCycles(
  scope: NightScope,
  { gone, changed }: { readonly gone: readonly RefCycle[]; readonly changed: readonly RefCycle[] },
): Promise<void> {
  const { tenantId, today } = scope.scene;
  await writeRows(scope, [
    sql`delete from repurchase_cycles as c
      using jsonb_to_recordset(${JSON.stringify(gone)}::jsonb) as g(kind text, ref text)
      where c.tenant_id = ${tenantId} and c.kind = g.kind and c.ref = g.ref`,
    sql`insert into repurchase_cycles (tenant_id, kind, ref, median_days, within_variance, credibility_gaps, members,
        gaps, fitted_on)
      select ${tenantId}, c.kind, c.ref, c."medianDays", c."withinVariance", c."credibilityGaps", c.members, c.gaps,
        ${today}::date
      from jsonb_to_recordset(${JSON.stringify(changed)}::jsonb) as c(kind text, ref text, "medianDays" float8,
        "withinVariance" float8, "credibilityGaps" float8, members int, gaps int)
      on conflict (tenant_id, kind, ref) do update set median_days = excluded.median_days,
        within_variance = excluded.within_variance, credibility_gaps = excluded.credibility_gaps,
        members = excluded.members, gaps = excluded.gaps, fitted_on = excluded.fitted_on`,
  ]);
}

function keyOf({ kind, ref }: Ref): string {
  return `${kind}:${ref}`;
}
