// Counts the different wrong codes that an origin has tried lately, so that nobody can find a code by trying.
import { DurableObject } from "cloudflare:workers";
import { CommitQueue } from "./commit-queue.ts";

/** Wrong codes count for so long. */
const WINDOW_MS = 600_000;

const TABLES = `
CREATE TABLE IF NOT EXISTS guess (origin TEXT NOT NULL, code TEXT NOT NULL, at INTEGER NOT NULL, PRIMARY KEY (origin, code)) STRICT, WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS guess_at ON guess (at);`;

export class GuessLimiter extends DurableObject<Env> {
  readonly #sql: SqlStorage;
  readonly #queue: CommitQueue;

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    this.#sql = ctx.storage.sql;
    this.#queue = new CommitQueue(
      (work) => ctx.storage.transactionSync(work),
      () => {},
    );
  }

  /**
   * Counts codes as wrong before anybody knows whether they are: many guesses at once cannot outrun the count. The same code
   * counts once. Returns how many seconds the origin must wait; 0: go on.
   */
  spend(origin: string, codes: readonly string[], most: number): Promise<number> {
    return this.#queue.submit(() => {
      const now = Date.now();
      this.#sql.exec(TABLES);
      this.#sql.exec("DELETE FROM guess WHERE at <= ?", now - WINDOW_MS);
      const known = this.#sql
        .exec<{ code: string; at: number }>("SELECT code, at FROM guess WHERE origin = ? ORDER BY at", origin)
        .toArray();
      const tried = new Set(known.map(({ code }) => code));
      const fresh = codes.filter((code) => !tried.has(code));
      const surplus = known.length + fresh.length - most;
      if (fresh.length > 0 && surplus > 0) {
        const freeing = known[Math.min(surplus, known.length) - 1]?.at ?? now;
        return Math.max(1, Math.ceil((freeing + WINDOW_MS - now) / 1000));
      }
      for (const code of fresh)
        this.#sql.exec("INSERT INTO guess (origin, code, at) VALUES (?, ?, ?)", origin, code, now);
      return 0;
    });
  }

  /** These were right: they do not count. */
  refund(origin: string, codes: readonly string[]): Promise<void> {
    return this.#queue.submit(() => {
      for (const code of codes) this.#sql.exec("DELETE FROM guess WHERE origin = ? AND code = ?", origin, code);
    });
  }
}
