// Compares the stored labels with exact quintiles, which PostgreSQL's ntile deals out over all orders at once.
import type pg from "pg";
import { TENANT, TIME_ZONE } from "./draw-rows.ts";

export const AXES = ["recency", "frequency", "monetary"] as const;
export type Axis = (typeof AXES)[number];

export interface Agreement {
  readonly axis: Axis;
  readonly members: number;
  /** Shares of the members whose label is the one that ntile dealt to them, and one that it dealt to somebody of equal value. */
  readonly raw: number;
  readonly upToTies: number;
}

export interface ExactLabels {
  readonly agreements: readonly Agreement[];
  /** Members with orders that have no label, or the other way round. */
  readonly missing: number;
}

const VALUES: Readonly<Record<Axis, string>> = { recency: "last_day", frequency: "orders", monetary: "amount" };

export async function compareLabels(client: pg.Client, today: string): Promise<ExactLabels> {
  const windows = AXES.map((axis) => `ntile(5) over (order by ${VALUES[axis]}, member_id) as ${axis}_tile`);
  const bounds = AXES.map(
    (axis) => `min(${axis}_tile) over (partition by ${VALUES[axis]}) as ${axis}_low,
      max(${axis}_tile) over (partition by ${VALUES[axis]}) as ${axis}_high`,
  );
  const shares = AXES.map(
    (axis) => `avg((s.${axis} = e.${axis}_tile)::integer)::float8 as ${axis}_raw,
      avg((s.${axis} between e.${axis}_low and e.${axis}_high)::integer)::float8 as ${axis}_ties`,
  );
  const { rows } = await client.query<Record<string, number>>(
    `with counted as (
      select member_id, max((placed_at at time zone '${TIME_ZONE}')::date) as last_day, count(*) as orders,
        sum(payable - refunded) as amount
      from orders
      where tenant_id = $1 and state = 'paid' and undone is null and (refunded < payable or payable = 0)
        and (placed_at at time zone '${TIME_ZONE}')::date <= $2::date
      group by member_id
    ), dealt as (select *, ${windows.join(", ")} from counted),
    exact as (select *, ${bounds.join(", ")} from dealt)
    select count(s.member_id)::float8 as members, (count(*) - count(s.member_id) + count(*) - count(e.member_id))::float8
      as missing, ${shares.join(", ")}
    from exact as e full join (select * from member_scores where tenant_id = $1) as s using (member_id)`,
    [TENANT, today],
  );
  const found = rows[0] ?? {};
  const figure = (name: string) => found[name] ?? NaN;
  return {
    missing: figure("missing"),
    agreements: AXES.map((axis) => ({
      axis,
      members: figure("members"),
      raw: figure(`${axis}_raw`),
      upToTies: figure(`${axis}_ties`),
    })),
  };
}
