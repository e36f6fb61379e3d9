// The commission statement of a partner, by SQL over the orders' events: each under the version that decided it.
import { partnerStatementQuery, type PartnerStatement } from "@regulars/contracts/partners";
import { type Read, readQuery } from "@regulars/edge/body";
import { withTenant } from "@regulars/schema/connection";
import { sql } from "drizzle-orm";
import { type Call, done, type Handler, parameterOf, refused, tenantOf } from "./call.ts";

export const partnerHandlers: Readonly<Record<string, Handler>> = { getPartnerStatement };

type Line = PartnerStatement["lines"][number];
type TotalRow = { currency: string; orders: string; net: string; commission: string };

async function getPartnerStatement(call: Call): Promise<Read<PartnerStatement>> {
  const query = readQuery(call.request.url, partnerStatementQuery);
  if (!query.ok) return query;
  const { from, to, limit, cursor } = query.value;
  const partnerId = parameterOf(call, "id");
  const after = cursor === undefined ? { placedAt: 0, orderId: "" } : placeOf(cursor);
  if (after === null) return refused("invalid_cursor", { field: "cursor" });
  const orders = ordersOf(partnerId, Date.parse(from), Date.parse(to));
  const { tenantId } = tenantOf(call);
  const [totals, rows] = await withTenant(call.database, tenantId, [
    call.database.execute<TotalRow>(sql`
      SELECT currency, count(*) AS orders, sum(net) AS net, sum(commission) AS commission
      FROM (${orders}) AS told GROUP BY currency ORDER BY currency`),
    call.database.execute<Record<string, string>>(sql`
      SELECT * FROM (${orders}) AS told
      WHERE (placed_at, order_id) > (${after.placedAt}::bigint, ${after.orderId})
      ORDER BY placed_at, order_id LIMIT ${limit + 1}`),
  ]);
  const lines = rows.rows.map(lineOf);
  const shown = lines.slice(0, limit);
  const last = shown.at(-1);
  return done({
    partnerId,
    from,
    to,
    totals: totals.rows.map(({ currency, ...figures }) => ({ currency, ...numbers(figures) })),
    lines: shown,
    nextCursor: lines.length > limit && last ? `${Date.parse(last.placedAt)}_${last.orderId}` : null,
  });
}

/**
 * The latest event of each order with a code of the partner. A commission is a share, in hundredths of a percent, of what was
 * paid and stays paid; half a minor unit is nobody's, so it is rounded down.
 */
function ordersOf(partnerId: string, from: number, to: number) {
  return sql`
    SELECT *, floor(net * basis_points / 10000.0)::bigint AS commission FROM (
      SELECT o ->> 'orderId' AS order_id, member_id, (o -> 'placedAt')::bigint AS placed_at, o ->> 'state' AS state,
        o ->> 'currency' AS currency, (o -> 'payable')::bigint - (o -> 'refunded')::bigint AS net,
        (o -> 'programVersion')::int AS version, coalesce((p -> 'commissionBasisPoints')::int, 0) AS basis_points
      FROM (
        SELECT DISTINCT ON (e.member_id, e.body #>> '{order,orderId}') e.member_id, e.body -> 'order' AS o
        FROM member_events AS e
        WHERE e.kind IN ('order.paid', 'order.refunded', 'order.cancelled', 'order.undone')
          AND e.body #>> '{order,partner}' IS NOT NULL
          AND (e.body #> '{order,placedAt}')::bigint >= ${from}::bigint
          AND (e.body #> '{order,placedAt}')::bigint < ${to}::bigint
        ORDER BY e.member_id, e.body #>> '{order,orderId}', e.epoch DESC, e.sequence DESC
      ) AS latest
      JOIN programs AS v ON v.version = (o -> 'programVersion')::int
      CROSS JOIN LATERAL jsonb_array_elements(v.document #> '{sharing,partners}') AS p
      WHERE p ->> 'id' = ${partnerId} AND lower(p ->> 'code') = lower(o ->> 'partner')
        AND o -> 'activity' IS NOT NULL
    ) AS each`;
}

function lineOf(row: Record<string, string>): Line {
  const { order_id: orderId = "", member_id: memberId = "", placed_at: placedAt, state, currency = "" } = row;
  const { net, commission } = numbers({ net: row["net"] ?? "0", commission: row["commission"] ?? "0" });
  return {
    orderId,
    memberId,
    placedAt: new Date(Number(placedAt)).toISOString(),
    state: state === "paid" ? "paid" : "cancelled",
    currency,
    net,
    commissionBasisPoints: Number(row["basis_points"]),
    commission,
    programVersion: Number(row["version"]),
  };
}

/** PostgreSQL sends sums and big integers as text; they stay below 2^53 by the limits of the contracts. */
function numbers<Name extends string>(texts: Record<Name, string>): Record<Name, number> {
  return Object.fromEntries(Object.entries(texts).map(([name, text]) => [name, Number(text)])) as Record<Name, number>;
}

function placeOf(cursor: string): { placedAt: number; orderId: string } | null {
  const [, placedAt, orderId] = /^(\d{1,15})_(.+)$/.exec(cursor) ?? [];
  return orderId === undefined ? null : { placedAt: Number(placedAt), orderId };
}
