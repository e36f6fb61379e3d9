// The looks that conditions take at a member's rows: each is joined once, however many conditions ask for what it tells.
import { type SQL, sql } from "drizzle-orm";

/**
 * `touched`: for few members, one after the other, each row found by its key. `everyone`: for all members at once, whose rows
 * are read in one pass and grouped.
 */
export type Reach = "touched" | "everyone";

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
  readonly #rows = new Map<string, { readonly alias: SQL; readonly join: SQL }>();
  readonly #summaries = new Map<string, Summary>();

  constructor(reach: Reach) {
    this.reach = reach;
  }

  /** One row at most for each member: `table` is a table or a subquery, `on` its key. Returns its name. */
  row(key: string, table: SQL, on: (alias: SQL) => SQL): SQL {
    const known = this.#rows.get(key);
    if (known !== undefined) return known.alias;
    const alias = sql.raw(`k${this.#rows.size}`);
    // `offset 0` keeps PostgreSQL from reading the rows of all members, of which it may know too little, to find a few by their keys.
    const join =
      this.reach === "touched"
        ? sql`left join lateral (select * from ${table} as ${alias} where ${on(alias)} offset 0) as ${alias} on true`
        : sql`left join ${table} as ${alias} on ${on(alias)}`;
    this.#rows.set(key, { alias, join });
    return alias;
  }

  /** A value made of many rows of a member, which are named `r`; null when there are none, so a count is null or 0. */
  summary(key: string, rows: RowsOfMember, value: SQL, name: string): SQL {
    let summary = this.#summaries.get(key);
    if (summary === undefined) {
      const alias = sql.raw(`s${this.#summaries.size}`);
      const narrowed = rows((column) => (this.reach === "touched" ? sql`and ${column} = m.member_id` : sql``));
      this.#summaries.set(key, (summary = { alias, rows: narrowed, columns: new Map() }));
    }
    let column = summary.columns.get(name);
    if (column === undefined) {
      column = { name: sql.raw(`c${summary.columns.size}`), value };
      summary.columns.set(name, column);
    }
    return sql`${summary.alias}.${column.name}`;
  }

  /** Everything to join to `members as m`. */
  joins(): SQL {
    const rows = [...this.#rows.values()].map(({ join }) => join);
    const summaries = [...this.#summaries.values()].map((summary) => this.#joinOf(summary));
    return sql.join([...rows, ...summaries], sql` `);
  }

  #joinOf({ alias, rows, columns }: Summary): SQL {
    const values = sql.join(
      [...columns.values()].map(({ name, value }) => sql`${value} as ${name}`),
      sql`, `,
    );
    return this.reach === "touched"
      ? sql`left join lateral (select ${values} from (${rows}) as r) as ${alias} on true`
      : sql`left join (select r.member_id, ${values} from (${rows}) as r group by r.member_id) as ${alias}
          on ${alias}.member_id = m.member_id`;
  }
}
