// The root of a budget: leases parts of it to the shards and, when nothing is free, takes back what they have left.
import { DurableObject } from "cloudflare:workers";
import {
  closeRecall,
  emptyRoot,
  freeFor,
  freeOf,
  leaseTo,
  limitRoot,
  openRecall,
  type BudgetLimit,
  type BudgetRoot as RootState,
  type Lease,
  type LeaseAsk,
} from "@regulars/domain/budgets";
import { askAgain } from "./ask-again.ts";
import { budgetShard, type BudgetPlace } from "./budget-objects.ts";
import { CommitQueue } from "./commit-queue.ts";
import { SavedState } from "./saved-state.ts";

/** A round that found something which others took first is repeated; so often nobody has been unlucky. */
const ROUNDS_MAX = 50;
/** Once everything is out, the shards are left alone for this long. */
const DRY_MS = 500;

export class BudgetRoot extends DurableObject<Env> {
  readonly #saved: SavedState<RootState>;
  readonly #queue: CommitQueue;
  #round: Promise<number> | null = null;
  #dryUntil = 0;

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    this.#saved = new SavedState(ctx.storage, emptyRoot);
    this.#queue = new CommitQueue(
      (work) => this.#saved.transaction(work),
      () => this.#saved.reload(),
    );
  }

  /** Answers a shard's question; the same question again gets the same lease. */
  async lease(place: BudgetPlace, ask: LeaseAsk): Promise<{ lease: Lease; limit: BudgetLimit }> {
    if (ask.limit.version > this.#root.limit.version) {
      await this.#queue.submit(() => (this.#root = limitRoot(this.#root, ask.limit)));
      this.#dryUntil = 0;
    }
    let isOut = false;
    for (let round = 1; this.#isShort(ask) && !isOut && round <= ROUNDS_MAX; round += 1) {
      isOut = (await this.#freshRound(place)) === 0;
    }
    const answer = await this.#queue.submit(() => {
      const { root, lease } = leaseTo(this.#root, ask, this.#round !== null);
      this.#root = root;
      return { lease, limit: root.limit };
    });
    if (isOut && answer.lease.amount < ask.want) this.#dryUntil = Date.now() + DRY_MS;
    if (answer.lease.amount > ask.want) this.#dryUntil = 0;
    return answer;
  }

  /** What is free without asking the shards. */
  async peek(limit: BudgetLimit): Promise<number> {
    return Math.max(0, freeOf(limitRoot(this.#root, limit)));
  }

  get #root(): RootState {
    return this.#saved.value;
  }

  set #root(root: RootState) {
    this.#saved.value = root;
  }

  #isShort(ask: LeaseAsk): boolean {
    const isAnswered = this.#root.shards[ask.shard]?.lease.number === ask.number;
    return !isAnswered && freeFor(this.#root, ask) < ask.want && Date.now() >= this.#dryUntil;
  }

  // A round that began before the question may have passed a shard that has something now: only a new one counts.
  async #freshRound(place: BudgetPlace): Promise<number> {
    if (this.#round !== null) await this.#round;
    this.#round ??= this.#recallAll(place).finally(() => (this.#round = null));
    return this.#round;
  }

  async #recallAll(place: BudgetPlace): Promise<number> {
    const amounts = await Promise.all(this.#root.shards.map((_, index) => this.#recall(place, index)));
    return amounts.reduce((sum, amount) => sum + amount, 0);
  }

  // A shard that does not answer hands back nothing; the question stays open and is asked again in the next round.
  async #recall(place: BudgetPlace, index: number): Promise<number> {
    const { leased } = this.#root.shards[index] ?? { leased: 0 };
    if (leased === 0) return 0;
    const ask = await this.#queue.submit(() => {
      const opened = openRecall(this.#root, index);
      this.#root = opened.root;
      return opened.ask;
    });
    try {
      const amount = await askAgain(() => budgetShard(this.env, place, index).recall(ask));
      await this.#queue.submit(() => (this.#root = closeRecall(this.#root, index, { number: ask.number, amount })));
      return amount;
    } catch (error) {
      console.warn(JSON.stringify({ message: "a shard was not recalled", ...place, index, error: String(error) }));
      return 0;
    }
  }
}
