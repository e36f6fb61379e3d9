// Holds the SQL that makes rows of members and orders from drawn members, as the projector would have written them.
import { HISTORY_DAYS } from "./population.ts";

export const TENANT = "scale";
export const NEIGHBOUR = "neighbour";
export const TIME_ZONE = "Asia/Taipei";
export const FIRST_DAY = "2023-07-01";
/** Noon of the last day of the history: the bench's clock. */
export const NOW = Date.parse(`${FIRST_DAY}T04:00:00Z`) + (HISTORY_DAYS - 1) * 86_400_000;

/** Numbers in (0, 1) by member, order and purpose; `drawn_members` is filled from `drawPopulation`. */
export const DRAWING = `
  create schema bench;
  create function bench.chance(n bigint, j integer, purpose integer) returns double precision
    language sql immutable parallel safe return
    (((hashint8extended(n * 65536 + j, purpose) >> 12) & 4503599627370495) + 0.5) / 4503599627370496.0::float8;
  create function bench.member_id(n bigint, seed integer) returns text language sql immutable parallel safe
    return 'mbr_' || left(md5(seed || '/' || n), 26);
  create function bench.at_day(day double precision, hours double precision) returns timestamptz
    language sql stable parallel safe return
    (date '${FIRST_DAY}' + floor(day)::integer + make_interval(secs => floor((8 + 14 * hours) * 3600)))
      at time zone '${TIME_ZONE}';
  create unlogged table bench.drawn_members (
    n bigint, tenant_id text, member_id text, enrolled double precision, from_day double precision,
    until_day double precision, orders integer, level double precision);
  create unlogged table bench.drawn_orders (n bigint, j integer, at timestamptz);
  create table bench.loaded (what text primary key, checksum text)`;

/** Orders one after the other as they arrived, so that those of one member lie far apart; a few are dated ahead. */
export const DRAW_ORDERS = `
  insert into bench.drawn_orders
  select n, j, bench.at_day(case
    when bench.chance(n, j, 1) < 0.0005 then ${HISTORY_DAYS} + 60 * bench.chance(n, j, 2)
    when j = 1 then from_day
    else from_day + (until_day - from_day) * bench.chance(n, j, 2) end, bench.chance(n, j, 3)) as at
  from bench.drawn_members, generate_series(1, orders) as j
  order by at, n, j`;

const ORDER_ID = "to_char(o.at, 'YYMMDD') || '-' || o.n || '-' || o.j";
/** Gamma with shape 6, in whole dollars: the sum of six exponentials. */
const NET = `greatest(1, round(-ln(${[11, 12, 13, 14, 15, 16].map((purpose) => `bench.chance(o.n, o.j, ${purpose})`).join(" * ")}) * m.level / 100))::bigint * 100`;
const LINES = "(1 + (bench.chance(o.n, o.j, 21) < 0.25)::integer + (bench.chance(o.n, o.j, 21) < 0.05)::integer)";
const IS_RETURNED = "bench.chance(o.n, o.j, 22) < 0.01";
const IS_PARTLY_RETURNED = "bench.chance(o.n, o.j, 22) between 0.01 and 0.04";
const STORE = "floor(120 * bench.chance(o.n, 0, 31) * bench.chance(o.n, o.j, 32))::integer";

export const ORDER_ROWS = `
  insert into orders (tenant_id, member_id, order_id, sequence, state, store_id, region_id, owner_id, currency,
    channel, placed_at, program_version, gross, net, payable, refunded, undone, vouchered, late)
  select tenant_id, member_id, order_id, 1 + j, state, 'store-' || store, 'region-' || store % 6, 'owner-' || store % 20,
    'TWD', channel, at, 1, net, net, net,
    case when state <> 'paid' then 0 when returned then net when partly then net / 300 * 100 else 0 end,
    case when state = 'cancelled' and bench.chance(n, j, 24) < 0.1 then 'order_id_conflict' end, 0, false
  from (
    select o.n, o.j, o.at, m.tenant_id, m.member_id, ${ORDER_ID} as order_id, ${NET} as net, ${STORE} as store,
      ${IS_RETURNED} as returned, ${IS_PARTLY_RETURNED} as partly,
      case when bench.chance(o.n, o.j, 23) < 0.02 then 'cancelled'
        when bench.chance(o.n, o.j, 23) < 0.022 then 'authorized' else 'paid' end as state,
      (array['pos', 'web', 'app'])[1 + floor(3 * bench.chance(o.n, o.j, 25) ^ 2)] as channel
    from bench.drawn_orders as o join bench.drawn_members as m using (n)
  ) as o
  order by at, n, j`;

/** Quantities of one; products by a skewed share; the first line takes what does not divide. */
export const LINE_ROWS = `
  insert into order_lines (tenant_id, member_id, order_id, line_id, sku, category, quantity, returned, unit_price, discount)
  select tenant_id, member_id, order_id, line::text, 'sku-' || product, 'category-' || product % 12, 1,
    returned::integer, net / lines + case when line = 1 then net % lines else 0 end, 0
  from (
    select m.tenant_id, m.member_id, ${ORDER_ID} as order_id, line, lines, ${NET} as net, o.at, o.n, o.j,
      ${IS_RETURNED} as returned, floor(400 * bench.chance(o.n, o.j, 40 + line) ^ 3)::integer as product
    from bench.drawn_orders as o join bench.drawn_members as m using (n),
      lateral (select ${LINES} as lines) as l, generate_series(1, lines) as line
  ) as l
  order by at, n, j, line`;

const HAS = (share: number, purpose: number) => `bench.chance(n, 0, ${purpose}) < ${share}`;
const PHONE = "'+8869' || lpad(n::text, 8, '0')";

/** What a member's document and other events leave: about as much of it as a shop knows. */
export const MEMBER_ROWS = [
  `insert into members (tenant_id, member_id, epoch, events, last_sequence, last_at, document_epoch, document_sequence,
    profile, consent, home_store_id, source, enrolled_at)
  select tenant_id, member_id, 1, 1 + orders, 1 + orders,
    bench.at_day(case when orders = 0 then enrolled else least(until_day, 1095) end, 0), 1, 1,
    jsonb_strip_nulls(jsonb_build_object('name',
      substr('陳林黃張李王吳劉蔡楊', 1 + floor(10 * bench.chance(n, 0, 51))::integer, 1)
        || substr('怡君家豪志明淑芬雅婷', 1 + floor(9 * bench.chance(n, 0, 52))::integer, 2),
      'gender', case when ${HAS(0.5, 53)} then 'female' when ${HAS(0.8, 53)} then 'male' end,
      'birthday', case when ${HAS(0.6, 54)} then to_char(date '1950-01-01'
        + floor(20000 * bench.chance(n, 0, 55))::integer, 'YYYY-MM-DD') end)),
    jsonb_build_object('email', ${HAS(0.7, 56)}, 'line', ${HAS(0.4, 57)}),
    'store-' || floor(120 * bench.chance(n, 0, 31) * 0.5)::integer,
    case when ${HAS(0.3, 58)} then 'instagram' when ${HAS(0.5, 58)} then 'friend' end, bench.at_day(enrolled, 0)
  from bench.drawn_members order by enrolled`,
  `insert into identities select tenant_id, member_id, 'phone', ${PHONE} from bench.drawn_members order by enrolled`,
  `insert into balances select tenant_id, member_id, 'points', floor(500 * bench.chance(n, 0, 61))::bigint, 0, 0
  from bench.drawn_members where orders > 0 order by enrolled`,
  `insert into member_tiers select tenant_id, member_id, 1 + orders,
    case when orders > 30 then 'gold' when orders > 12 then 'silver' end, bench.at_day(until_day, 0), null, false
  from bench.drawn_members where orders > 12 order by enrolled`,
  `insert into member_labels select tenant_id, member_id, 'tags', 1, '["vip"]'
  from bench.drawn_members where ${HAS(0.1, 62)} order by enrolled`,
  `insert into activities (tenant_id, member_id, type, key, sequence, at, store_id, points)
  select tenant_id, member_id, (array['review', 'check-in', 'survey'])[k], 'a' || k, 1 + k,
    bench.at_day(from_day + (until_day - from_day) * bench.chance(n, k, 63), 0.5), null, '{}'
  from bench.drawn_members, generate_series(1, floor(4 * bench.chance(n, 0, 64))::integer) as k
  where orders > 0 and ${HAS(0.2, 65)}`,
];

export const PLACES = (tenant: string) => [
  `insert into tenants (tenant_id, name, sandbox, time_zone, phone_region, currency, locale)
  values ('${tenant}', '${tenant}', false, '${TIME_ZONE}', 'TW', 'TWD', 'zh-TW')`,
  `insert into regions select '${tenant}', 'region-' || i, 'region ' || i from generate_series(0, 5) as i`,
  `insert into owners select '${tenant}', 'owner-' || i, 'owner ' || i,
    case when i = 0 then 'head_office' else 'franchisee' end from generate_series(0, 19) as i`,
  `insert into stores (tenant_id, store_id, name, region_id, owner_id)
  select '${tenant}', 'store-' || i, 'store ' || i, 'region-' || i % 6, 'owner-' || i % 20 from generate_series(0, 119) as i`,
];
