// One shard of a tenant's claims: which member has an identity or an order id. A claim is atomic and lasts until released.
import { DurableObject } from "cloudflare:workers";
import type { ClaimResult, ClaimWish, IdentityIndexRpc } from "@regulars/contracts/rpc";
import { CommitQueue } from "./commit-queue.ts";

type ClaimRow = { member_id: string; claimed_at: number };

const CLAIM_TABLE =
  "CREATE TABLE IF NOT EXISTS claim (hash TEXT PRIMARY KEY, member_id TEXT NOT NULL, claimed_at INTEGER NOT NULL) STRICT, WITHOUT ROWID";

export class IdentityIndex extends DurableObject<Env> implements IdentityIndexRpc {
  readonly #sql: SqlStorage;
  readonly #queue: CommitQueue;
  #ready = false;

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    this.#sql = ctx.storage.sql;
    this.#ready = this.#hasTable();
    const transaction = (work: () => void) => ctx.storage.transactionSync(work);
    this.#queue = new CommitQueue(transaction, () => (this.#ready = this.#hasTable()));
  }

  claim(wishes: readonly ClaimWish[]): Promise<ClaimResult[]> {
    return this.#queue.submit(() => wishes.map((wish) => this.#claim(wish)));
  }

  transfer(hash: string, from: string, to: string): Promise<boolean> {
    return this.#queue.submit(() => {
      if (this.#find(hash)?.member_id !== from) return false;
      this.#sql.exec("UPDATE claim SET member_id = ?, claimed_at = ? WHERE hash = ?", to, Date.now(), hash);
      return true;
    });
  }

  release(memberId: string, hashes: readonly string[]): Promise<void> {
    return this.#queue.submit(() => {
      for (const hash of hashes) {
        if (this.#find(hash)?.member_id === memberId) this.#sql.exec("DELETE FROM claim WHERE hash = ?", hash);
      }
    });
  }

  async find(hash: string): Promise<string | null> {
    return this.#find(hash)?.member_id ?? null;
  }

  #claim({ hash, memberId }: ClaimWish): ClaimResult {
    const known = this.#find(hash);
    if (known !== undefined) return { memberId: known.member_id, created: false, claimedAt: known.claimed_at };
    if (!this.#ready) this.#sql.exec(CLAIM_TABLE);
    this.#ready = true;
    const claimedAt = Date.now();
    this.#sql.exec("INSERT INTO claim (hash, member_id, claimed_at) VALUES (?, ?, ?)", hash, memberId, claimedAt);
    return { memberId, created: true, claimedAt };
  }

  #find(hash: string): ClaimRow | undefined {
    if (!this.#ready) return undefined;
    return this.#sql.exec<ClaimRow>("SELECT member_id, claimed_at FROM claim WHERE hash = ?", hash).toArray()[0];
  }

  #hasTable(): boolean {
    return this.#sql.exec("SELECT 1 FROM sqlite_master WHERE name = 'claim'").toArray().length > 0;
  }
}
