// Asks PostgreSQL, beside the API, what has arrived there: how soon, and what it adds up to.
import { setTimeout as sleep } from "node:timers/promises";
import pg from "pg";
import { movementOfKind, type Movements, movementsOf, sizeOf } from "./journal.ts";

/** Answers whose way to PostgreSQL is watched at one time: few, so that watching does not slow what it watches. */
const WATCHED_MAX = 2;
const WATCH_POLL_MS = 10;
/** A new answer is watched at most this often. */
const WATCH_EVERY_MS = 100;
/** What has not arrived by then counts as this late; the object itself sends again after 8 s. */
const WATCH_MS_MAX = 30_000;
const CATCH_UP_POLL_MS = 100;
/** Objects publish again after 8 s, then ever later: a minute without one new event is no catching up. */
const CATCH_UP_STILL_MS_MAX = 60_000;

export interface CopyTotals {
  readonly members: number;
  readonly orders: number;
  readonly events: number;
  readonly byCurrency: Map<string, Movements>;
  readonly balances: Map<string, { available: number; pending: number; held: number }>;
  /** Transactions whose entries do not sum to zero in each currency. */
  readonly unbalanced: number;
}

export class PostgresCopy {
  readonly #pool: pg.Pool;
  readonly #tenantId: string;
  readonly #lags: number[] = [];
  readonly #watches = new Set<Promise<void>>();
  #lastWatch = 0;

  constructor(databaseUrl: string, tenantId: string) {
    // A role that is not above row-level security sees this tenant and no other.
    const options = `-c app.tenant_id=${tenantId}`;
    this.#pool = new pg.Pool({ connectionString: databaseUrl, max: WATCHED_MAX + 1, options });
    this.#tenantId = tenantId;
  }

  /** Milliseconds from an answer to its event in PostgreSQL, of the answers that were watched. */
  get lags(): readonly number[] {
    return this.#lags;
  }

  /** Watches this answer, unless enough are watched already. */
  watch(memberId: string, sequence: number): void {
    const now = performance.now();
    if (this.#watches.size >= WATCHED_MAX || now - this.#lastWatch < WATCH_EVERY_MS) return;
    this.#lastWatch = now;
    const watch = this.#watchOne(memberId, sequence, now).finally(() => this.#watches.delete(watch));
    this.#watches.add(watch);
  }

  /** Resolves when every event has arrived, with the time it took; null when no more arrive. */
  async caughtUp(events: number, onProgress: (arrived: number) => void): Promise<number | null> {
    const start = performance.now();
    let before = -1;
    let changedAt = start;
    while (performance.now() - changedAt < CATCH_UP_STILL_MS_MAX) {
      const arrived = await this.#one("select count(*) as count from member_events where tenant_id = $1");
      onProgress(arrived);
      if (arrived >= events) return performance.now() - start;
      if (arrived !== before) changedAt = performance.now();
      before = arrived;
      await sleep(CATCH_UP_POLL_MS);
    }
    return null;
  }

  async totals(): Promise<CopyTotals> {
    const count = (table: string) => this.#one(`select count(*) as count from ${table} where tenant_id = $1`);
    const [members, orders, events] = [await count("members"), await count("orders"), await count("member_events")];
    const byCurrency = new Map<string, Movements>();
    for (const { kind, currency, points } of await this.#sums()) {
      const movement = movementOfKind(kind);
      if (movement !== null) movementsOf(byCurrency, currency)[movement] += sizeOf(movement, points);
    }
    const unbalanced = await this.#one(
      `select count(*) as count from (
         select 1 from entries where tenant_id = $1
         group by member_id, sequence, position, currency having sum(points) <> 0) as wrong`,
    );
    return { members, orders, events, byCurrency, balances: await this.#balances(), unbalanced };
  }

  /** Vouchers that orders have used, by reward: the members' own, and those that their orders name. */
  async usedVouchers(): Promise<Map<string, { held: number; named: number }>> {
    const rows = await this.rows<{ reward_id: string; held: string; named: string }>(
      `select reward_id, sum(held) as held, sum(named) as named from (
         select reward_id, 1 as held, 0 as named from vouchers where tenant_id = $1 and state = 'used'
         union all
         select reward_id, 0, 1 from order_vouchers where tenant_id = $1 and state = 'used') as used
       group by 1`,
      [],
    );
    return new Map(rows.map(({ reward_id, held, named }) => [reward_id, { held: Number(held), named: Number(named) }]));
  }

  /** Rows of a query whose first parameter is the tenant. */
  async rows<Row extends pg.QueryResultRow>(text: string, values: readonly unknown[]): Promise<Row[]> {
    return (await this.#pool.query<Row>(text, [this.#tenantId, ...values])).rows;
  }

  async close(): Promise<void> {
    await Promise.all(this.#watches);
    await this.#pool.end();
  }

  async #watchOne(memberId: string, sequence: number, since: number): Promise<void> {
    const text = "select 1 from member_events where tenant_id = $1 and member_id = $2 and sequence = $3";
    const query = { name: "arrived", text, values: [this.#tenantId, memberId, sequence] };
    while (performance.now() - since < WATCH_MS_MAX) {
      const { rowCount } = await this.#pool.query(query);
      if (rowCount !== 0) break;
      await sleep(WATCH_POLL_MS);
    }
    this.#lags.push(performance.now() - since);
  }

  /** Changes of the members' own accounts, by kind of transaction. */
  async #sums(): Promise<{ kind: string; currency: string; points: number }[]> {
    const { rows } = await this.#pool.query<{ kind: string; currency: string; points: string }>(
      `select kind, currency, sum(points) as points
         from entries join transactions using (tenant_id, member_id, sequence, position)
        where tenant_id = $1 and account in ('available', 'pending', 'held')
        group by kind, currency`,
      [this.#tenantId],
    );
    return rows.map((row) => ({ ...row, points: Number(row.points) }));
  }

  async #balances(): Promise<CopyTotals["balances"]> {
    const { rows } = await this.#pool.query<Record<"currency" | "available" | "pending" | "held", string>>(
      `select currency, sum(available) as available, sum(pending) as pending, sum(held) as held
         from balances where tenant_id = $1 group by currency`,
      [this.#tenantId],
    );
    return new Map(
      rows.map(({ currency, available, pending, held }) => [
        currency,
        { available: Number(available), pending: Number(pending), held: Number(held) },
      ]),
    );
  }

  async #one(text: string): Promise<number> {
    const { rows } = await this.#pool.query<{ count: string }>(text, [this.#tenantId]);
    return Number(rows[0]?.count);
  }
}
