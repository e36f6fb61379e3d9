// Works out how every store did in the days until a day and in as many before, and where it stands in its region.
import { orderCounts } from "@regulars/schema/orders";
import { type SQL, sql } from "drizzle-orm";
import { type NightScope, readRows, writeRows } from "./night-scope.ts";
import { dayAfter } from "./scene.ts";
import { NO_AXES, type StoreAxes, type StorePlace, storePlaces } from "./scorecard-ranks.ts";

/** Stores of one statement: their orders of two months, a second or two. */
const PAGE_STORES = 100;
/** Events beside orders that bring a rating, as a number `rating` from 1 to 5 in what is told of them. */
const RATING_TYPES = ["review", "rating"] as const;
const RATING_MIN = 1;
const RATING_MAX = 5;

type Store = { readonly storeId: string; readonly regionId: string };
/** `place` 0: the days asked for; 1: as many before. */
type Placed = { readonly storeId: string; readonly place: number };
type Sold = Placed & Record<"orders" | "buyers" | "revenue" | "redeemed" | "returning" | "strangers", number>;
type Enrolled = Placed & { readonly enrolled: number };
type Rated = Placed & { readonly ratings: number; readonly rating: number };
type Card = Record<"orders" | "buyers" | "revenue" | "enrolled" | "ratings", number> & { readonly axes: StoreAxes };

/**
 * The scorecards of a day, in place of those that were there. Of orders that count, by the store that sold them:
 * - enrolment: of the members that came to the brand through the store (enrolled with it as home store, or enrolled
 *   elsewhere and buying for the first time ever, here), the share that it enrolled;
 * - repeat: of the buyers, the share who had bought on an earlier day, in any store;
 * - redemption: of the orders, the share that spent points or a voucher; average order; mean of the ratings.
 * A store with fewer orders than the settings ask for is not compared, neither with others nor they with it.
 */
export async function refreshScorecards(scope: NightScope, day = scope.scene.today): Promise<void> {
  const { tenantId } = scope.scene;
  const stores = await readRows<Store>(
    scope,
    sql`select store_id as "storeId", region_id as "regionId" from stores where tenant_id = ${tenantId} order by store_id`,
  );
  const windows = windowsOf(scope, day);
  const sold: Sold[] = [];
  for (let from = 0; from < stores.length; from += PAGE_STORES) {
    sold.push(...(await readSold(scope, stores.slice(from, from + PAGE_STORES), windows)));
  }
  const enrolled = await readEnrolled(scope, windows);
  const rated = await readRatings(scope, windows);
  const cardsOf = (place: number) => {
    const [sales, joins, ratings] = [byStore(sold, place), byStore(enrolled, place), byStore(rated, place)];
    return stores.map(({ storeId, regionId }) => {
      return { storeId, regionId, ...cardOf(sales.get(storeId), joins.get(storeId), ratings.get(storeId)) };
    });
  };
  const [now, before] = [cardsOf(0), cardsOf(1)];
  const { minOrders } = scope.settings.scorecards;
  const placesOf = (cards: typeof now) =>
    storePlaces(cards.map((card) => (card.orders < minOrders ? { ...card, axes: NO_AXES } : card)));
  const [places, placesBefore] = [placesOf(now), placesOf(before)];
  const cards = now.map(({ axes, ...card }) => {
    const place: StorePlace = places.get(card.storeId) ?? { score: null, rank: null, ranked: 0 };
    return { ...card, ...axes, ...place, scoreBefore: placesBefore.get(card.storeId)?.score ?? null };
  });
  await storeCards(scope, day, cards);
}

function byStore<Row extends Placed>(rows: readonly Row[], place: number): ReadonlyMap<string, Row> {
  return new Map(rows.filter((row) => row.place === place).map((row) => [row.storeId, row]));
}

function cardOf(sold?: Sold, joined?: Enrolled, rated?: Rated): Card {
  const { orders = 0, buyers = 0, revenue = 0, redeemed = 0, returning = 0, strangers = 0 } = sold ?? {};
  const enrolled = joined?.enrolled ?? 0;
  return {
    orders,
    buyers,
    revenue,
    enrolled,
    ratings: rated?.ratings ?? 0,
    axes: {
      enrolmentRate: shareOf(enrolled, enrolled + strangers),
      repeatRate: shareOf(returning, buyers),
      redemptionRate: shareOf(redeemed, orders),
      averageOrder: shareOf(revenue, orders),
      rating: rated?.rating ?? null,
    },
  };
}

function shareOf(part: number, whole: number): number | null {
  return whole === 0 ? null : part / whole;
}

/** Both windows as rows of local days, the last one included. */
function windowsOf({ scene, settings }: NightScope, day: string): { rows: SQL; at: (instant: SQL) => SQL } {
  const { days } = settings.scorecards;
  const [from, middle, until] = [dayAfter(day, 1 - 2 * days), dayAfter(day, 1 - days), dayAfter(day, 1)];
  const midnight = (date: string) => sql`(${date}::timestamp at time zone ${scene.timeZone})`;
  return {
    rows: sql`(values (0, ${midnight(middle)}, ${midnight(until)}), (1, ${midnight(from)}, ${midnight(middle)}))
      as w(place, since, until)`,
    at: (instant) => sql`${instant} >= w.since and ${instant} < w.until`,
  };
}

type Windows = ReturnType<typeof windowsOf>;

function readSold(scope: NightScope, stores: readonly Store[], { rows, at }: Windows): Promise<Sold[]> {
  const { tenantId, timeZone } = scope.scene;
  const ids = JSON.stringify(stores.map(({ storeId }) => storeId));
  const payingLess = sql`(o.net > o.payable or exists (
    select from order_vouchers as v where v.tenant_id = ${tenantId} and v.member_id = o.member_id
      and v.order_id = o.order_id and v.state = 'used'))`;
  return readRows<Sold>(
    scope,
    sql`with bought as (
        select o.store_id, w.place, o.member_id, count(*) as orders, sum(o.payable - o.refunded) as revenue,
          count(*) filter (where ${payingLess}) as redeemed,
          min((o.placed_at at time zone ${timeZone})::date) as first_here,
          max((o.placed_at at time zone ${timeZone})::date) as last_here
        from jsonb_array_elements_text(${ids}::jsonb) as s(store_id) cross join ${rows}
        join orders as o on o.tenant_id = ${tenantId} and o.store_id = s.store_id and ${at(sql`o.placed_at`)}
          and ${orderCounts(sql`o`)}
        group by o.store_id, w.place, o.member_id
      )
      select store_id as "storeId", place, sum(b.orders)::int as orders, count(*)::int as buyers,
        sum(revenue)::float8 as revenue, sum(redeemed)::int as redeemed,
        (count(*) filter (where f.first_day < last_here))::int as returning,
        (count(*) filter (where f.first_day = first_here and m.home_store_id is distinct from b.store_id))::int as strangers
      from bought as b
      left join member_figures as f on f.tenant_id = ${tenantId} and f.member_id = b.member_id
      left join members as m on m.tenant_id = ${tenantId} and m.member_id = b.member_id
      group by store_id, place`,
  );
}

function readEnrolled(scope: NightScope, { rows, at }: Windows): Promise<Enrolled[]> {
  return readRows<Enrolled>(
    scope,
    sql`select m.home_store_id as "storeId", w.place, count(*)::int as enrolled
      from members as m join ${rows} on ${at(sql`m.enrolled_at`)}
      where m.tenant_id = ${scope.scene.tenantId} and m.is_person and m.home_store_id is not null
      group by m.home_store_id, w.place`,
  );
}

/** What the event told is in the event alone: the row of the activity leads to it. What was taken back counts no more. */
function readRatings(scope: NightScope, { rows, at }: Windows): Promise<Rated[]> {
  const { tenantId } = scope.scene;
  return readRows<Rated>(
    scope,
    sql`select a.store_id as "storeId", w.place, count(*)::int as ratings, avg(r.rating) as rating
      from activities as a join ${rows} on ${at(sql`a.at`)}
      join members as m on m.tenant_id = ${tenantId} and m.member_id = a.member_id
      join member_events as e on e.tenant_id = ${tenantId} and e.member_id = a.member_id and e.epoch = m.epoch
        and e.sequence = a.sequence
      cross join lateral (
        select case jsonb_typeof(e.body #> '{record,data,rating}')
          when 'number' then (e.body #>> '{record,data,rating}')::float8 end as rating
      ) as r
      where a.tenant_id = ${tenantId} and a.type in (${RATING_TYPES[0]}, ${RATING_TYPES[1]}) and a.store_id is not null
        and a.reversed_at is null and r.rating between ${RATING_MIN} and ${RATING_MAX}
      group by a.store_id, w.place`,
  );
}

async function storeCards(scope: NightScope, day: string, cards: readonly object[]): Promise<void> {
  const { tenantId } = scope.scene;
  await writeRows(scope, [
    sql`delete from store_scorecards where tenant_id = ${tenantId} and day = ${day}::date`,
    sql`insert into store_scorecards (tenant_id, store_id, day, days, orders, buyers, revenue, enrolled, enrolment_rate,
        repeat_rate, redemption_rate, average_order, rating, ratings, score, rank, ranked, score_before)
      select ${tenantId}, c."storeId", ${day}::date, ${scope.settings.scorecards.days}, c.orders, c.buyers, c.revenue,
        c.enrolled, c."enrolmentRate", c."repeatRate", c."redemptionRate", c."averageOrder", c.rating, c.ratings,
        c.score, c.rank, c.ranked, c."scoreBefore"
      from jsonb_to_recordset(${JSON.stringify(cards)}::jsonb) as c("storeId" text, orders int, buyers int,
        revenue bigint, enrolled int, "enrolmentRate" float8, "repeatRate" float8, "redemptionRate" float8,
        "averageOrder" float8, rating float8, ratings int, score float8, rank int, ranked int, "scoreBefore" float8)`,
  ]);
}
