// What owners owe each other, worked out by PostgreSQL from the stored events alone: entries of orders, the orders that opened
// the lots, and what orders earned. It reads no due, no lot's owner and no table that follows from events.
import type { Mapping } from "./mapping.ts";

type Clearing = NonNullable<Mapping["program"]["clearing"]>;

/** Thousandths of a minor unit for one point: from who issued it, from head office, and into the fund when it is issued. */
interface Rate {
  readonly currency: string;
  readonly issuer: number;
  readonly headOffice: number;
  readonly contribution: number;
}

/** The rates of a policy; shares must come out whole, so that no rounding has to be told twice. */
export function ratesOf({ currencies }: Clearing): Rate[] {
  return currencies.map(({ currency, policy, valuePerPointMilli: value }) => {
    switch (policy.type) {
      case "none":
        return { currency, issuer: 0, headOffice: 0, contribution: 0 };
      case "issuerPays":
        return { currency, issuer: value, headOffice: 0, contribution: 0 };
      case "fund":
        return { currency, issuer: 0, headOffice: value, contribution: policy.contributionPerPointMilli ?? value };
      case "shares": {
        const rate = {
          currency,
          issuer: value * policy.issuer,
          headOffice: value * policy.headOffice,
          contribution: 0,
        };
        const isWhole = Number.isInteger(rate.issuer) && Number.isInteger(rate.headOffice);
        if (!isWhole) throw new Error(`${currency}: the shares of ${value} are no whole thousandths`);
        return rate;
      }
    }
  });
}

/** $1 the tenant, $2 its time zone, $3 head office, $4 the rates as JSON. One row an owner, kind of money and month. */
export const CLEARING_QUERY = `
  with rates as (
    select * from jsonb_to_recordset($4::jsonb)
      as r (currency text, issuer bigint, "headOffice" bigint, contribution bigint)
  ), told as (
    select member_id, sequence, at, body, body -> 'order' as document, to_char(at at time zone $2, 'YYYY-MM') as month
    from member_events where tenant_id = $1 and body ? 'order'
  ), issuers as (
    select t.member_id, l ->> 'id' as lot, t.document ->> 'ownerId' as owner
    from told as t, jsonb_array_elements(t.body -> 'lots') as l
    where starts_with(l ->> 'id', concat('lot_', t.sequence, '_'))
  ), spent as (
    select t.month, t.document ->> 'currency' as money, x ->> 'currency' as currency,
      coalesce(i.owner, $3) as issuer, t.document ->> 'ownerId' as acceptor, sum((x -> 'points')::bigint) as points
    from told as t cross join jsonb_array_elements(t.body -> 'transactions') as m
    cross join jsonb_array_elements(m -> 'entries') as x
    left join issuers as i on i.member_id = t.member_id and i.lot = x ->> 'lot'
    where m ->> 'kind' in ('redeem', 'restore') and x ->> 'account' = 'redeemed'
    group by 1, 2, 3, 4, 5
  ), standing as (
    select t.member_id, t.sequence, t.month, t.document ->> 'orderId' as order_id, t.document ->> 'currency' as money,
      t.document ->> 'ownerId' as owner, r.currency,
      coalesce((
        select sum((e -> 'points')::bigint - (e -> 'reversed')::bigint) from jsonb_array_elements(t.document -> 'earned') as e
        where e ->> 'currency' = r.currency), 0) as points
    from told as t cross join rates as r where r.contribution > 0
  ), issued as (
    select month, money, owner, currency,
      points - coalesce(lag(points) over (partition by member_id, order_id, currency order by sequence), 0) as points
    from standing
  ), owed as (
    select month, money, s.issuer as debtor, acceptor as creditor, points * r.issuer as amount
    from spent as s join rates as r using (currency)
    union all
    select month, money, $3, acceptor, points * r."headOffice" from spent join rates as r using (currency)
    union all
    select month, money, owner, $3, points * r.contribution from issued join rates as r using (currency)
  )
  select month, money, owner, sum(amount) as amount
  from (
    select month, money, creditor as owner, amount from owed where debtor <> creditor
    union all
    select month, money, debtor, -amount from owed where debtor <> creditor
  ) as booked
  group by 1, 2, 3 order by 1, 2, 3`;
