// Foretells when touched members will need each product and category again: the rows of `repurchases`, in one statement.
import type { InsightSettings } from "@regulars/contracts/insights-settings";
import type { Database } from "@regulars/schema/connection";
import { type SQL, sql } from "drizzle-orm";
import { unitGapLog, waitsOfTouched } from "./repurchase-supplies.ts";
import { isTouched, type Scene } from "./scene.ts";

/** The normal quantile of 90 %, as in `ownCycle`: four gaps of five fall into the window. */
const WINDOW_DEVIATIONS = 1.2815515655446004;
/** A supply for more than a century is a slip of a till; its end still has to be a day of four digits. */
const SUPPLY_DAYS_MAX = 36_500;
/** What a column of whole numbers holds with room to spare. */
const QUANTITY_MAX = 1_000_000_000;

/**
 * `foretellRepurchase` of the insights for every touched member, as of today. A ref whose cycle was fitted leans on that
 * cycle. A SKU without one leans on its category's, and has a row only once the member has come back for it: before,
 * the row of the category says as much. Members who are gone lose their rows; `announced_for` stays.
 */
export function repurchaseStatements(database: Database, scene: Scene, settings: InsightSettings["repurchase"]) {
  const { tenantId } = scene;
  const anyCycle = sql`exists (select from repurchase_cycles where tenant_id = ${tenantId})`;
  return [
    database.execute(sql`
      with ${waitsOfTouched(scene, anyCycle)},
      -- One value to look cycles up in: the planner takes the histories for a few rows, and a join for a loop over all.
      known as (
        select jsonb_object_agg(kind || ':' || ref, jsonb_build_array(median_days, within_variance, credibility_gaps))
          as cycles
        from repurchase_cycles where tenant_id = ${tenantId}
      ),
      histories as (
        select member_id, kind, ref, max(category) as category, max(day) as last_day, count(days)::int as gaps,
          coalesce(sum(${unitGapLog(settings.quantityPower)} order by day) filter (where days is not null), 0) as logs,
          max(quantity) filter (where days is null) as quantity
        from waits group by member_id, kind, ref
      ),
      leaning as (
        select *, coalesce((select cycles from known) -> (kind || ':' || ref),
            case when gaps > 0 then (select cycles from known) -> ('category:' || category) end) as cycle
        from histories
      ),
      usual as materialized (
        select *, (cycle ->> 0)::float8 as median_days, (cycle ->> 1)::float8 as within_variance,
          (cycle ->> 2)::float8 as credibility_gaps
        from leaning where cycle is not null
      ),
      centred as (
        select *, quantity ^ ${settings.quantityPower}::float8 as units,
          (logs + credibility_gaps * ln(median_days)) / (gaps + credibility_gaps) as center,
          ${WINDOW_DEVIATIONS}::float8 * sqrt(within_variance * (1 + 1 / (gaps + credibility_gaps))) as spread
        from usual
      ),
      cycles as (
        select *, ${daysOf(sql`center`)} * units as cycle_days, ${daysOf(sql`center - spread`)} * units as from_days,
          ${daysOf(sql`center + spread`)} * units as until_days
        from centred
      ),
      wanted as materialized (
        select member_id, kind, ref, last_day, least(quantity, ${QUANTITY_MAX})::int as quantity, gaps, cycle_days,
          ${after(sql`floor(cycle_days + 0.5)`)} as due_on, ${after(sql`floor(from_days)`)} as window_from,
          ${after(sql`ceil(until_days)`)} as window_until,
          ${after(sql`floor(${settings.churnTimes}::float8 * cycle_days) + 1`)} as churn_from
        from cycles
      ),
      gone as (
        delete from repurchases as r
        where r.tenant_id = ${tenantId} and ${isTouched(sql`r.member_id`, scene)}
          and (r.member_id, r.kind, r.ref) not in (select member_id, kind, ref from wanted)
      )
      insert into repurchases as r (tenant_id, member_id, kind, ref, last_day, quantity, gaps, cycle_days, due_on,
        window_from, window_until, churn_from)
      select ${tenantId}, member_id, kind, ref, last_day, quantity, gaps, cycle_days, due_on, window_from,
        window_until, churn_from
      from wanted
      on conflict (tenant_id, member_id, kind, ref) do update set
        last_day = excluded.last_day, quantity = excluded.quantity, gaps = excluded.gaps,
        cycle_days = excluded.cycle_days, due_on = excluded.due_on, window_from = excluded.window_from,
        window_until = excluded.window_until, churn_from = excluded.churn_from
      where (r.last_day, r.quantity, r.gaps, r.cycle_days, r.due_on, r.window_from, r.window_until, r.churn_from)
        is distinct from (excluded.last_day, excluded.quantity, excluded.gaps, excluded.cycle_days, excluded.due_on,
          excluded.window_from, excluded.window_until, excluded.churn_from)`),
  ] as const;
}

/** e^log to a billionth of a day, rounded as `daysOf` of the insights does. */
function daysOf(log: SQL): SQL {
  return sql`(floor(exp(${log}) * 1e9 + 0.5) / 1e9)::float8`;
}

function after(days: SQL): SQL {
  return sql`last_day + least(${days}, ${SUPPLY_DAYS_MAX})::int`;
}
