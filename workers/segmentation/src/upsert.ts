// Stores one row a member in a table whose key is tenant and member, whether there was one before or not.
import { type SQL, sql } from "drizzle-orm";
import { holders, type Scene } from "./scene.ts";

interface Upsert {
  readonly table: SQL;
  /** Names of the columns that `rows` gives. */
  readonly columns: SQL;
  /** A query without a condition over `s`, which has a `member_id`. */
  readonly rows: SQL;
  /** What follows `do update set`: `stored` is the row before, `excluded` the new one. */
  readonly updates: SQL;
}

/**
 * The end of a statement that begins with a `with`. Of a stretch of members, those without a row are added at once, without looking for
 * each whether one is there: nobody else writes rows of a tenant whose lease is held.
 */
export function upsert(scene: Scene, { table, columns, rows, updates }: Upsert): SQL {
  const replace = sql`on conflict (tenant_id, member_id) do update set ${updates}`;
  if (scene.stretch === undefined) return sql`insert into ${table} as stored (${columns}) ${rows} ${replace}`;
  return sql`, present as materialized (${holders(table, scene)}),
    added as (
      insert into ${table} (${columns}) ${rows} where (s.member_id in (select member_id from present)) is not true
    )
    insert into ${table} as stored (${columns}) ${rows} where (s.member_id in (select member_id from present)) is true ${replace}`;
}
