// Fills a migrated database with drawn members and their orders, in minutes: indexes are made when the rows are there.
import type pg from "pg";
import { DRAW_ORDERS, DRAWING, LINE_ROWS, MEMBER_ROWS, NEIGHBOUR, ORDER_ROWS, PLACES, TENANT } from "./draw-rows.ts";
import { type DrawnMember, drawPopulation } from "./population.ts";

export interface Filling {
  readonly members: number;
  readonly orders: number;
  readonly seed: number;
  /** Lines of orders too, about 1.3 an order. */
  readonly lines: boolean;
}

/** The second tenant has one member in so many of the first: row-level security has something to hide. */
const NEIGHBOUR_PART = 100;
const MEMBERS_PER_STATEMENT = 20_000;
const FILLED = ["members", "identities", "balances", "member_tiers", "member_labels", "activities", "orders"];
/** One session at a time loads, so it may take memory that a server would divide. */
const LOADING = "set work_mem = '1GB'; set maintenance_work_mem = '1GB'; set jit = off";

/** Returns a checksum of the orders: the same for the same filling. */
export async function fillTables(owner: pg.Client, filling: Filling, say: (line: string) => void): Promise<string> {
  await owner.query(LOADING);
  await owner.query(DRAWING);
  for (const statement of [TENANT, NEIGHBOUR].flatMap(PLACES)) await owner.query(statement);
  const { members, orders, seed } = filling;
  await storeDrawn(owner, TENANT, drawPopulation({ members, orders, seed }), { seed, after: 0 });
  const part = { members: Math.ceil(members / NEIGHBOUR_PART), orders: Math.ceil(orders / NEIGHBOUR_PART) };
  await storeDrawn(owner, NEIGHBOUR, drawPopulation({ ...part, seed: seed + 1 }), { seed, after: members });
  await owner.query("analyze bench.drawn_members");
  say(`drawn ${members} members; their orders ...`);
  await owner.query(DRAW_ORDERS);
  await owner.query("analyze bench.drawn_orders");
  const tables = [...FILLED, ...(filling.lines ? ["order_lines"] : [])];
  const remake = await takeIndexesAway(owner, tables);
  for (const rows of [...MEMBER_ROWS, ORDER_ROWS, ...(filling.lines ? [LINE_ROWS] : [])]) {
    const { rowCount } = await owner.query(rows);
    say(`${/into (\w+)/.exec(rows)?.[1]}: ${rowCount} rows`);
  }
  for (const statement of remake) await owner.query(statement);
  say("indexes made");
  for (const table of tables) await owner.query(`vacuum (analyze) ${table}`);
  await owner.query("drop table bench.drawn_orders, bench.drawn_members");
  const checksum = await checksumOf(owner);
  await owner.query("insert into bench.loaded values ($1, $2)", [nameOf(filling), checksum]);
  await owner.query("reset all");
  return checksum;
}

/** The same text for the same filling. */
export function nameOf({ members, orders, seed, lines }: Filling): string {
  return JSON.stringify({ members, orders, seed, lines });
}

/** The name of what the database was filled with, and the checksum then; null when it is empty. */
export async function filledWith(owner: pg.Client): Promise<{ what: string; checksum: string } | null> {
  const { rows: found } = await owner.query<{ exists: boolean }>(
    "select to_regclass('bench.loaded') is not null as exists",
  );
  if (found[0]?.exists !== true) return null;
  const { rows } = await owner.query<{ what: string; checksum: string }>("select what, checksum from bench.loaded");
  return rows[0] ?? null;
}

async function storeDrawn(
  owner: pg.Client,
  tenantId: string,
  members: readonly DrawnMember[],
  { seed, after }: { seed: number; after: number },
): Promise<void> {
  for (let from = 0; from < members.length; from += MEMBERS_PER_STATEMENT) {
    const some = members.slice(from, from + MEMBERS_PER_STATEMENT);
    await owner.query(
      `insert into bench.drawn_members
      select $1::bigint + place, $2, bench.member_id($1::bigint + place, $3), enrolled, from_day, until_day, orders, level
      from unnest($4::float8[], $5::float8[], $6::float8[], $7::int[], $8::float8[])
        with ordinality as m (enrolled, from_day, until_day, orders, level, place)`,
      [
        after + from,
        tenantId,
        seed,
        some.map(({ enrolledAt }) => enrolledAt),
        some.map(({ from: first }) => first),
        some.map(({ until }) => until),
        some.map(({ orders }) => orders),
        some.map(({ level }) => level),
      ],
    );
  }
}

/** Drops keys and indexes and stops the triggers; returns the statements that bring all of them back. */
async function takeIndexesAway(owner: pg.Client, tables: readonly string[]): Promise<string[]> {
  const { rows } = await owner.query<{ remove: string; remake: string }>(
    `select format('alter table %s drop constraint %I', conrelid::regclass, conname) as remove,
      format('alter table %s add constraint %I %s', conrelid::regclass, conname, pg_get_constraintdef(oid)) as remake
    from pg_constraint where conrelid = any ($1::regclass[]) and contype = 'p'
    union all
    select format('drop index %s', indexrelid::regclass), pg_get_indexdef(indexrelid)
    from pg_index where indrelid = any ($1::regclass[]) and not indisprimary`,
    [tables],
  );
  for (const { remove } of rows) await owner.query(remove);
  for (const table of tables) await owner.query(`alter table ${table} disable trigger user`);
  return [...rows.map(({ remake }) => remake), ...tables.map((table) => `alter table ${table} enable trigger user`)];
}

async function checksumOf(owner: pg.Client): Promise<string> {
  const { rows } = await owner.query<{ checksum: string }>(
    `select to_hex(bit_xor(hashtextextended(o::text, 0))) as checksum from orders as o where tenant_id = $1`,
    [TENANT],
  );
  return rows[0]?.checksum ?? "";
}
