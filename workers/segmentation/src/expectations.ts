// Works out what is expected of members who are alive, once for all who share the number of orders and the age in weeks.
import type { InsightSettings } from "@regulars/contracts/insights-settings";
import { bgNbd, mbgNbd } from "@regulars/insights/bg-nbd";
import { discountedValue } from "@regulars/insights/lifetime-value";
import type { Database } from "@regulars/schema/connection";
import { sql } from "drizzle-orm";
import type { OrdersModel } from "./models.ts";
import { ageWeeksSql } from "./scores.ts";
import { touchedRows, type Scene } from "./scene.ts";

const DAYS_PER_WEEK = 7;
/** Value is discounted month by month. */
const DAYS_PER_MONTH = 365.25 / 12;
const MONTHS_PER_YEAR = 12;

/** x and T in weeks of members at hand for whom nothing is stored yet. */
export interface Unexpected extends Record<string, unknown> {
  readonly frequency: number;
  readonly weeks: number;
}

export interface Expectation {
  readonly frequency: number;
  readonly weeks: number;
  /** Orders expected within the horizon of a member who is alive, and the same discounted to now. */
  readonly orders: number;
  readonly discounted: number;
}

/** The pairs that touched members, or all members of the tenant, have and `order_expectations` has not. */
export function unexpectedPairs(
  database: Database,
  scene: Scene,
  { version, of }: { readonly version: number; readonly of: "touched" | "everybody" },
) {
  const { tenantId, today } = scene;
  const rows =
    of === "touched"
      ? touchedRows(sql`member_figures`, sql`f`, scene)
      : sql`(select * from member_figures where tenant_id = ${tenantId}::text) as f`;
  return database.execute<Unexpected>(sql`
    select f.order_days - 1 as frequency, ${ageWeeksSql(sql`f`, today)} as weeks from ${rows}
    except
    select e.frequency, e.age_weeks from order_expectations as e
    where e.tenant_id = ${tenantId}::text and e.version = ${version}::int
    -- Two pages that store the same ones at a time do so in one order, and do not wait for each other.
    order by frequency, weeks`);
}

/**
 * Of BG/NBD and MBG/NBD the orders expected of a member are P(alive) times a factor of x and T alone (Fader, Hardie & Lee 2005,
 * equation 10): this is the factor. Time is in weeks.
 */
export function expectationsOf(
  { model, parameters }: Extract<OrdersModel, { parameters: unknown }>,
  pairs: readonly Unexpected[],
  { horizonDays, discountPerYear }: Pick<InsightSettings, "horizonDays" | "discountPerYear">,
): Expectation[] {
  const rules = model === "BG/NBD" ? bgNbd : mbgNbd;
  const periods = Math.max(1, Math.round(horizonDays / DAYS_PER_MONTH));
  const periodLength = horizonDays / DAYS_PER_WEEK / periods;
  return pairs.flatMap(({ frequency, weeks }): Expectation[] => {
    // Whenever the last order was: both parts below have the same P(alive), which is at its largest here.
    const history = { frequency, recency: frequency === 0 ? 0 : weeks, age: weeks };
    const alive = rules.probabilityAlive(parameters, history);
    const expectedOrders = (horizon: number) => rules.expectedOrders(parameters, history, horizon) / alive;
    const discountPerPeriod = (1 + discountPerYear) ** (1 / MONTHS_PER_YEAR) - 1;
    const discounted = discountedValue({ expectedOrders, spend: 1, periods, periodLength, discountPerPeriod });
    const orders = expectedOrders(periods * periodLength);
    // What no number can say is not said: such members have labels, and no expectation.
    return Number.isFinite(orders) && Number.isFinite(discounted) ? [{ frequency, weeks, orders, discounted }] : [];
  });
}

/** Stores them; another run may have stored the same. */
export function storeExpectations(
  database: Database,
  { tenantId }: Scene,
  { version, expectations }: { readonly version: number; readonly expectations: readonly Expectation[] },
) {
  return database.execute(sql`
    insert into order_expectations (tenant_id, version, frequency, age_weeks, orders, discounted)
    select ${tenantId}::text, ${version}::int, e.frequency, e.weeks, e.orders, e.discounted
    from jsonb_to_recordset(${JSON.stringify(expectations)}::jsonb)
      as e(frequency int, weeks int, orders float8, discounted float8)
    on conflict do nothing`);
}
