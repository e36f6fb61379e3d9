// One register of a tenant's bulk codes: keeps only codes that were brought or voided, and who has them reserved or used.
import { DurableObject } from "cloudflare:workers";
import type { CodeBatchRecord, CodeUsage, VoidedCode } from "@regulars/contracts/rpc-codes";
import { askAgain } from "./ask-again.ts";
import { codeBookOf, type UniqueClaim } from "./code-objects.ts";
import { CommitQueue } from "./commit-queue.ts";

/** A claim that was let go is remembered so long: a call that comes later than its own end must not claim again. */
const ENDS_KEPT_MS = 7 * 86_400_000;
/** Batches never change, so one that is known stays known; a batch is some 100 bytes. */
const BATCHES_KEPT_MAX = 1_000;

const TABLES = `
CREATE TABLE IF NOT EXISTS code (
  batch INTEGER NOT NULL, number INTEGER NOT NULL, state TEXT NOT NULL, claim TEXT NOT NULL,
  reserved_until INTEGER NOT NULL, voided INTEGER NOT NULL, at INTEGER NOT NULL, PRIMARY KEY (batch, number)
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS ended (claim TEXT PRIMARY KEY, at INTEGER NOT NULL) STRICT, WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS ended_at ON ended (at);`;

/** `owner`: the member who claims it; claims of two members may be named alike. */
export interface RegisterClaim extends UniqueClaim {
  readonly owner: string;
}

const nameOf = ({ owner, claim }: RegisterClaim) => `${owner}/${claim}`;

type Row = {
  state: "free" | "reserved" | "used";
  claim: string;
  reserved_until: number;
  voided: number;
};

const UNTOUCHED: Row = { state: "free", claim: "", reserved_until: 0, voided: 0 };

export class CodeRegister extends DurableObject<Env> {
  readonly #sql: SqlStorage;
  readonly #queue: CommitQueue;
  readonly #batches = new Map<number, CodeBatchRecord>();

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    this.#sql = ctx.storage.sql;
    this.#queue = new CommitQueue(
      (work) => ctx.storage.transactionSync(work),
      () => {},
    );
  }

  /**
   * Reserves a code for an order; after `until` (Unix ms) another may take it. Returns its campaign; null: there is no such code,
   * or another has it, or it was voided. The same claim again keeps what it has.
   */
  async claim(
    tenantId: string,
    { until, ...wish }: RegisterClaim & { readonly until: number },
  ): Promise<string | null> {
    const { batch, number } = wish;
    const claim = nameOf(wish);
    const known = await this.#batch(tenantId, batch);
    if (known === null || number >= known.count) return null;
    return this.#queue.submit(() => {
      this.#sql.exec(TABLES);
      const row = this.#find(batch, number);
      if (row?.claim === claim && row.state !== "free") {
        this.#put(batch, number, { ...row, reserved_until: until });
        return known.campaign;
      }
      if (!this.#isFree(row) || this.#hasEnded(claim)) return null;
      this.#put(batch, number, { state: "reserved", claim, reserved_until: until, voided: 0 });
      return known.campaign;
    });
  }

  /** Whether a claim would pass now; keeps nothing. */
  async look(tenantId: string, { batch, number }: Pick<UniqueClaim, "batch" | "number">): Promise<string | null> {
    const known = await this.#batch(tenantId, batch);
    if (known === null || number >= known.count) return null;
    return this.#isFree(this.#exists() ? this.#find(batch, number) : undefined) ? known.campaign : null;
  }

  /** What became of a claim. One that was let go stays so, whatever is told afterwards; a claim of somebody else's is left alone. */
  settle(told: RegisterClaim, state: "reserved" | "used" | "released"): Promise<void> {
    const { batch, number } = told;
    const claim = nameOf(told);
    return this.#queue.submit(() => {
      this.#sql.exec(TABLES);
      const row = this.#find(batch, number);
      const isOurs = row?.claim === claim;
      if (state === "released") {
        if (isOurs) this.#put(batch, number, { ...row, state: "free" });
        this.#end(claim);
      } else if (isOurs && state === "used" && row.state === "reserved") {
        this.#put(batch, number, { ...row, state });
      }
    });
  }

  /** Ends codes that nobody has used. A reserved one ends when its order lets it go. */
  void(batch: number, numbers: readonly number[]): Promise<VoidedCode[]> {
    return this.#queue.submit(() => {
      this.#sql.exec(TABLES);
      return numbers.map((number) => {
        const row = this.#find(batch, number) ?? UNTOUCHED;
        if (row.state !== "used") this.#put(batch, number, { ...row, voided: 1 });
        return { number, state: row.state === "free" ? "voided" : row.state };
      });
    });
  }

  async usage(batch: number): Promise<CodeUsage> {
    if (!this.#exists()) return { reserved: 0, used: 0, voided: 0 };
    return this.#sql
      .exec<{ reserved: number; used: number; voided: number }>(
        "SELECT coalesce(sum(state = 'reserved'), 0) AS reserved, coalesce(sum(state = 'used'), 0) AS used, coalesce(sum(voided = 1 AND state <> 'used'), 0) AS voided FROM code WHERE batch = ?",
        batch,
      )
      .one();
  }

  async #batch(tenantId: string, id: number): Promise<CodeBatchRecord | null> {
    const known = this.#batches.get(id);
    if (known !== undefined) return known;
    const found = await askAgain(() => codeBookOf(this.env, tenantId).batch(id));
    if (this.#batches.size >= BATCHES_KEPT_MAX) this.#batches.clear();
    if (found !== null) this.#batches.set(id, found);
    return found;
  }

  #isFree(row: Row | undefined): boolean {
    if (row === undefined || row.voided === 1) return row === undefined;
    return row.state === "free" || (row.state === "reserved" && row.reserved_until <= Date.now());
  }

  #find(batch: number, number: number): Row | undefined {
    return this.#sql
      .exec<Row>("SELECT state, claim, reserved_until, voided FROM code WHERE batch = ? AND number = ?", batch, number)
      .toArray()[0];
  }

  #put(batch: number, number: number, { state, claim, reserved_until: until, voided }: Row): void {
    this.#sql.exec(
      "INSERT OR REPLACE INTO code (batch, number, state, claim, reserved_until, voided, at) VALUES (?, ?, ?, ?, ?, ?, ?)",
      batch,
      number,
      state,
      claim,
      until,
      voided,
      Date.now(),
    );
  }

  #hasEnded(claim: string): boolean {
    return this.#sql.exec("SELECT 1 FROM ended WHERE claim = ?", claim).toArray().length > 0;
  }

  #end(claim: string): void {
    const now = Date.now();
    this.#sql.exec("DELETE FROM ended WHERE at < ?", now - ENDS_KEPT_MS);
    this.#sql.exec("INSERT OR IGNORE INTO ended (claim, at) VALUES (?, ?)", claim, now);
  }

  #exists(): boolean {
    return this.#sql.exec("SELECT 1 FROM sqlite_master WHERE name = 'code'").toArray().length > 0;
  }
}
