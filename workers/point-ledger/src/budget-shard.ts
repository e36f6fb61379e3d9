// One shard of a budget: gives to its members from what the root has leased it, and asks the root for more.
import { DurableObject } from "cloudflare:workers";
import {
  applyLease,
  askLease,
  emptyShard,
  giveBackTo,
  recallFrom,
  takeFrom,
  type BudgetShard as ShardState,
  type RecallAsk,
  type Taken,
} from "@regulars/domain/budgets";
import { askAgain } from "./ask-again.ts";
import { budgetRootOf, type BudgetPlace, type TakeAsk } from "./budget-objects.ts";
import { CommitQueue } from "./commit-queue.ts";
import { SavedState } from "./saved-state.ts";

/** What a key took is known for so long: a voucher bought a year ago may still be given back. After that it stays given. */
const KEYS_KEPT_DAYS = 400;
const DAY_MS = 86_400_000;
/** Once the root has said that there is no more, it is asked again after this: what others give back is found by then. */
const DRY_MS = 1_000;

const TABLES =
  "CREATE TABLE IF NOT EXISTS take (key TEXT PRIMARY KEY, granted INTEGER NOT NULL, settled INTEGER NOT NULL, at INTEGER NOT NULL) STRICT, WITHOUT ROWID";

interface Waiting {
  readonly ask: TakeAsk;
  readonly answer: (granted: number) => void;
  readonly fail: (error: unknown) => void;
}

type Served = readonly (readonly [Waiting, number])[];

interface Saved {
  readonly shard: ShardState;
  /** When keys are pruned next; null: the alarm is not set. */
  readonly pruneAt: number | null;
}

export class BudgetShard extends DurableObject<Env> {
  readonly #sql: SqlStorage;
  readonly #saved: SavedState<Saved>;
  readonly #queue: CommitQueue;
  #waiting: Waiting[] = [];
  #isAsking = false;
  #dryUntil = 0;

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    this.#sql = ctx.storage.sql;
    this.#saved = new SavedState(ctx.storage, () => ({ shard: emptyShard(), pruneAt: null }), TABLES);
    this.#queue = new CommitQueue(
      (work) => this.#saved.transaction(work),
      () => this.#saved.reload(),
    );
  }

  async take(place: BudgetPlace, index: number, ask: TakeAsk): Promise<number> {
    const given = await this.#queue.submit(() => this.#give(ask, Date.now() < this.#dryUntil));
    if (given !== null) return given;
    return new Promise((answer, fail) => {
      this.#waiting.push({ ask, answer, fail });
      void this.#askRoot(place, index);
    });
  }

  giveBack(key: string, unused: number): Promise<void> {
    return this.#queue.submit(() => {
      const { shard, taken } = giveBackTo(this.#shard, this.#taken(key), unused);
      this.#shard = shard;
      this.#keep(key, taken);
    });
  }

  async peek(place: BudgetPlace, { wanted, limit }: Omit<TakeAsk, "key">): Promise<number> {
    const { left } = this.#shard;
    if (left >= wanted || Date.now() < this.#dryUntil) return Math.min(wanted, left);
    const free = await askAgain(() => budgetRootOf(this.env, place).peek(limit));
    return Math.min(wanted, left + free);
  }

  /** Hands what is left back to the root, once those who wait here were served from the lease that may still be on its way. */
  async recall(ask: RecallAsk): Promise<number> {
    const { amount, served } = await this.#queue.submit(() => {
      if (this.#shard.recall.number === ask.number) return { amount: this.#shard.recall.amount, served: [] };
      this.#shard = applyLease(this.#shard, ask.lease, ask.limit);
      const first = this.#serve(true);
      const recalled = recallFrom(this.#shard, ask.number);
      this.#shard = recalled.shard;
      return { amount: recalled.amount, served: first };
    });
    this.#answer(served);
    return amount;
  }

  /** What members hold of this shard, for reports. */
  async given(): Promise<number> {
    return this.#shard.given;
  }

  override async alarm(): Promise<void> {
    await this.#queue.submit(() => {
      this.#sql.exec("DELETE FROM take WHERE at < ?", Date.now() - KEYS_KEPT_DAYS * DAY_MS);
      const any = this.#sql.exec("SELECT 1 FROM take LIMIT 1").toArray().length > 0;
      this.#armPruning(any ? Date.now() + DAY_MS : null);
    });
  }

  get #shard(): ShardState {
    return this.#saved.value.shard;
  }

  set #shard(shard: ShardState) {
    if (shard !== this.#saved.value.shard) this.#saved.value = { ...this.#saved.value, shard };
  }

  // Asks until nobody waits. The question is written down before it is sent, so a crash asks the very same again.
  async #askRoot(place: BudgetPlace, index: number): Promise<void> {
    if (this.#isAsking) return;
    this.#isAsking = true;
    try {
      while (this.#waiting.length > 0) await this.#askOnce(place, index);
    } catch (error) {
      const failed = this.#waiting;
      this.#waiting = [];
      for (const { fail } of failed) fail(error);
    } finally {
      this.#isAsking = false;
    }
  }

  async #askOnce(place: BudgetPlace, index: number): Promise<void> {
    const isRepeated = this.#shard.asked !== null;
    const ask = await this.#queue.submit(() => {
      const asked = askLease(this.#shard, index, this.#wish());
      this.#shard = asked.shard;
      return asked.ask;
    });
    const { lease, limit } = await askAgain(() => budgetRootOf(this.env, place).lease(place, ask));
    const served = await this.#queue.submit(() => {
      const isNew = !isRepeated && this.#shard.asked?.number === lease.number;
      this.#shard = applyLease(this.#shard, lease, limit);
      const isDry = isNew && lease.amount < ask.want;
      if (isDry) this.#dryUntil = Date.now() + DRY_MS;
      return this.#serve(isDry, isDry);
    });
    this.#answer(served);
  }

  #wish() {
    const want = this.#waiting.reduce((sum, { ask }) => sum + this.#missing(ask), 0);
    const newest = (one: TakeAsk, other: TakeAsk) => (other.limit.version > one.limit.version ? other : one);
    const { limit } = this.#waiting.map(({ ask }) => ask).reduce(newest);
    return { want, limit };
  }

  #missing({ key, wanted }: TakeAsk): number {
    const taken = this.#taken(key);
    return taken?.settled ? 0 : Math.max(0, wanted - (taken?.granted ?? 0));
  }

  // Those who wait, in the order in which they came. They leave the queue only once this is committed.
  #serve(partly: boolean, all = false): Served {
    return this.#waiting.flatMap((one) => {
      const granted = this.#give(one.ask, all || (partly && this.#shard.left > 0));
      return granted === null ? [] : [[one, granted] as const];
    });
  }

  #answer(served: Served): void {
    const done = new Set(served.map(([one]) => one));
    this.#waiting = this.#waiting.filter((one) => !done.has(one));
    for (const [{ answer }, granted] of served) answer(granted);
  }

  #give(ask: TakeAsk, dry: boolean): number | null {
    const known = this.#taken(ask.key);
    const given = takeFrom(this.#shard, known, ask, dry);
    if (given === null) return null;
    this.#shard = given.shard;
    if (given.taken.granted !== (known?.granted ?? 0)) this.#keep(ask.key, given.taken);
    return given.taken.granted;
  }

  #taken(key: string): Taken | undefined {
    if (!this.#saved.exists) return undefined;
    type Row = { granted: number; settled: number };
    const [row] = this.#sql.exec<Row>("SELECT granted, settled FROM take WHERE key = ?", key).toArray();
    return row && { granted: row.granted, settled: row.settled === 1 };
  }

  #keep(key: string, { granted, settled }: Taken): void {
    const now = Date.now();
    this.#sql.exec(
      "INSERT INTO take (key, granted, settled, at) VALUES (?, ?, ?, ?) ON CONFLICT (key) DO UPDATE SET granted = excluded.granted, settled = excluded.settled",
      key,
      granted,
      settled ? 1 : 0,
      now,
    );
    const { pruneAt } = this.#saved.value;
    // An alarm that has not rung a day after its time is lost.
    if (pruneAt === null || pruneAt < now - DAY_MS) this.#armPruning(now + DAY_MS);
  }

  #armPruning(pruneAt: number | null): void {
    this.#saved.value = { ...this.#saved.value, pruneAt };
    if (pruneAt !== null) void this.ctx.storage.setAlarm(pruneAt);
  }
}
