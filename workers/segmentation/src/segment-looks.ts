// The looks that conditions take at a member's rows: each is joined once, however many conditions ask for what it tells.
import { type SQL, sql } from "drizzle-orm";
import { isTouched, type Scene } from "./scene.ts";

/** Whether the query is about touched members or about everybody. */
export type Reach = "touched" | "everyone";

/**
 * How rows are found: of listed members one after the other, each by its key; of a stretch or of everybody in one pass, grouped. For
 * stretches, statements must be those of `joiningTouched`.
 */
type Way = "each" | "stretch" | "all";

/** Rows with the column `member_id`, in a query that may be narrowed to the member at hand by `of`. */
export type RowsOfMember = (of: (memberColumn: SQL) => SQL) => SQL;

interface Summary {
  readonly alias: SQL;
  readonly rows: SQL;
  readonly columns: Map<string, { readonly name: SQL; readonly value: SQL }>;
}

/** The member at hand is the row `m` of `members`. Names of joins are numbers of our own: nothing of a definition. */
export class Looks {
  readonly reach: Reach;
  readonly #scene: Scene;
  readonly #way: Way;
  readonly #rows = new Map<string, { readonly alias: SQL; readonly join: SQL }>();
  readonly #summaries = new Map<string, Summary>();
  readonly #decisions: SQL[] = [];

  constructor(reach: Reach, scene: Scene) {
    this.reach = reach;
    this.#scene = scene;
    this.#way = reach === "everyone" ? "all" : scene.stretch === undefined ? "each" : "stretch";
  }

  /** One row at most for each member, of a table with the key of members and maybe more, which `on` tells. Returns its name. */
  row(key: string, table: SQL, on: (alias: SQL) => SQL): SQL {
    const ofStretch = (
      alias: SQL,
    ) => sql`left join (select * from ${table} as x where x.tenant_id = ${this.#scene.tenantId}::text
      and ${isTouched(sql`x.member_id`, this.#scene)} offset 0) as ${alias} on ${on(alias)}`;
    return this.#join(key, table, on, this.#way === "stretch" ? ofStretch : null);
  }

  /** The same of a table that is not about members: found by what the member's row says. */
  rowOfOther(key: string, table: SQL, on: (alias: SQL) => SQL): SQL {
    return this.#join(key, table, on, null);
  }

  #join(key: string, table: SQL, on: (alias: SQL) => SQL, ofStretch: ((alias: SQL) => SQL) | null): SQL {
    const known = this.#rows.get(key);
    if (known !== undefined) return known.alias;
    const alias = sql.raw(`k${this.#rows.size}`);
    // `offset 0` keeps PostgreSQL from reading the rows of all members, of which it may know too little, to find a few by their keys.
    const byKey = sql`left join lateral (select * from ${table} as ${alias} where ${on(alias)} offset 0) as ${alias} on true`;
    const join =
      this.#way === "all" ? sql`left join ${table} as ${alias} on ${on(alias)}` : (ofStretch?.(alias) ?? byKey);
    this.#rows.set(key, { alias, join });
    return alias;
  }

  /** Works a condition out once for each member, however many others name it. Returns its name; of everybody, itself. */
  decide(condition: SQL): SQL {
    if (this.#way === "all") return condition;
    const alias = sql.raw(`d${this.#decisions.length}`);
    this.#decisions.push(sql`cross join lateral (select ${condition} as holds offset 0) as ${alias}`);
    return sql`${alias}.holds`;
  }

  /** A value made of many rows of a member, which are named `r`; null when there are none, so a count is null or 0. */
  summary(key: string, rows: RowsOfMember, value: SQL, name: string): SQL {
    let summary = this.#summaries.get(key);
    if (summary === undefined) {
      const alias = sql.raw(`s${this.#summaries.size}`);
      const narrowed = rows((column) => this.#narrow(column));
      this.#summaries.set(key, (summary = { alias, rows: narrowed, columns: new Map() }));
    }
    let column = summary.columns.get(name);
    if (column === undefined) {
      column = { name: sql.raw(`c${summary.columns.size}`), value };
      summary.columns.set(name, column);
    }
    return sql`${summary.alias}.${column.name}`;
  }

  #narrow(memberId: SQL): SQL {
    if (this.#way === "all") return sql``;
    return this.#way === "each" ? sql`and ${memberId} = m.member_id` : sql`and ${isTouched(memberId, this.#scene)}`;
  }

  /** Everything to join to `members as m`. */
  joins(): SQL {
    const rows = [...this.#rows.values()].map(({ join }) => join);
    const summaries = [...this.#summaries.values()].map((summary) => this.#joinOf(summary));
    return sql.join([...rows, ...summaries, ...this.#decisions], sql` `);
  }

  #joinOf({ alias, rows, columns }: Summary): SQL {
    const values = sql.join(
      [...columns.values()].map(({ name, value }) => sql`${value} as ${name}`),
      sql`, `,
    );
    return this.#way === "each"
      ? sql`left join lateral (select ${values} from (${rows}) as r) as ${alias} on true`
      : sql`left join (select r.member_id, ${values} from (${rows}) as r group by r.member_id) as ${alias}
          on ${alias}.member_id = m.member_id`;
  }
}
