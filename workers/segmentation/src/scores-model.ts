// What the models of buying and spending say of a row of figures, as SQL: P(alive), when it falls by a tenth, expected spending.
import { type SQL, sql } from "drizzle-orm";
import type { OrdersModel, SpendingModel } from "./models.ts";
import type { Scene } from "./scene.ts";
import type { ScoreRules } from "./scores.ts";

/** e to more than this is no number any more; such a member is certainly gone. */
const EXPONENT_MAX = 700;
/** Farther ahead than this nobody looks: thirty years. */
const FLIP_WEEKS_MAX = 1565;

interface ModelSql {
  /** Null without a model. */
  readonly alive: SQL;
  /** The day on which P(alive) reaches the next lower tenth; read from a row that has `alive`. */
  readonly aliveFlip: SQL;
  readonly expectedSpend: SQL;
}

/** Expressions over a row `f` of figures with `x`, and (for the flip) over one that has `alive` as well. */
export function modelSql({ today }: Scene, { models }: Pick<ScoreRules, "settings" | "models">): ModelSql {
  return { ...aliveSql(models.orders, today), expectedSpend: expectedSpendSql(models.spending) };
}

/** `probabilityAlive` of bg-nbd.ts, and the day when it comes down to a tenth, solved for T. */
function aliveSql(model: OrdersModel, today: string): Pick<ModelSql, "alive" | "aliveFlip"> {
  if (model.model === null) return { alive: sql`null::float8`, aliveFlip: sql`null::date` };
  const { r, alpha, a, b } = model.parameters;
  // Under MBG/NBD a member may stop after the first order too, which x does not count.
  const tosses = model.model === "MBG/NBD" ? sql`(x + 1)` : sql`x`;
  const odds = sql`(${a}::float8 / (${b}::float8 + ${tosses} - 1))`;
  const since = sql`(${alpha}::float8 + (last_day - first_day) / 7.0::float8)`;
  const silence = sql`(${r}::float8 + x) * ln((${alpha}::float8 + (${today}::date - first_day) / 7.0::float8) / ${since})`;
  const alive = sql`case when ${tosses} = 0 then 1::float8
    else 1 / (1 + ${odds} * exp(least(${silence}, ${EXPONENT_MAX}::float8))) end`;
  const tenth = sql`((ceil(alive * 10) - 1) / 10)`;
  const weeks = sql`${since} * exp(least(ln((1 / ${tenth} - 1) / ${odds}) / (${r}::float8 + x), 20)) - ${alpha}::float8`;
  const aliveFlip = sql`case when ${tosses} > 0 and alive > 0.1
    then first_day + ceil(least(${weeks}, ${FLIP_WEEKS_MAX}::float8) * 7)::int end`;
  return { alive, aliveFlip };
}

/** `expectedSpend` of gamma-gamma.ts, in minor units; null without a model, or where no mean exists. */
function expectedSpendSql(model: SpendingModel): SQL {
  if (model.model === null) return sql`null::float8`;
  const { p, q, v } = model.parameters;
  const weight = sql`(${p}::float8 * x + ${q}::float8 - 1)`;
  return sql`case when ${weight} > 0
    then ${p}::float8 * (${v}::float8 + greatest(f.spend - f.first_day_spend, 0)) / ${weight} end`;
}
