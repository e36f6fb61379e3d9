// The bulk codes of a tenant: which batches were made, for which campaign, and how many codes each has. Codes are not stored.
import { DurableObject } from "cloudflare:workers";
import type { CodeBatchRecord } from "@regulars/contracts/rpc-codes";
import { CODE_BATCHES_MAX } from "@regulars/domain/code-format";
import { CommitQueue } from "./commit-queue.ts";

const TABLE =
  "CREATE TABLE IF NOT EXISTS batch (id INTEGER PRIMARY KEY, key TEXT NOT NULL UNIQUE, campaign TEXT NOT NULL, count INTEGER NOT NULL, at INTEGER NOT NULL) STRICT";

export class CodeBook extends DurableObject<Env> {
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

  /** Makes a batch; the same key gives the same batch. Null: the tenant has as many batches as codes can name. */
  make(wish: { key: string; campaign: string; count: number }): Promise<CodeBatchRecord | null> {
    return this.#queue.submit(() => {
      this.#sql.exec(TABLE);
      const [known] = this.#find("key = ?", wish.key);
      if (known !== undefined) return known;
      const id = this.#sql.exec<{ next: number }>("SELECT coalesce(max(id), 0) + 1 AS next FROM batch").one().next;
      if (id > CODE_BATCHES_MAX) return null;
      const batch = { id, campaign: wish.campaign, count: wish.count, at: Date.now() };
      const { campaign, count, at } = batch;
      this.#sql.exec(
        "INSERT INTO batch (id, key, campaign, count, at) VALUES (?, ?, ?, ?, ?)",
        id,
        wish.key,
        campaign,
        count,
        at,
      );
      return batch;
    });
  }

  async batch(id: number): Promise<CodeBatchRecord | null> {
    return this.#exists() ? (this.#find("id = ?", id)[0] ?? null) : null;
  }

  /** Newest first, before an id. */
  async batches(before: number, limit: number): Promise<CodeBatchRecord[]> {
    return this.#exists() ? this.#find("id < ? ORDER BY id DESC LIMIT ?", before, limit) : [];
  }

  #find(where: string, ...values: (string | number)[]): CodeBatchRecord[] {
    return this.#sql
      .exec<{ id: number; campaign: string; count: number; at: number }>(
        `SELECT id, campaign, count, at FROM batch WHERE ${where}`,
        ...values,
      )
      .toArray();
  }

  #exists(): boolean {
    return this.#sql.exec("SELECT 1 FROM sqlite_master WHERE name = 'batch'").toArray().length > 0;
  }
}
