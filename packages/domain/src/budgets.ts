// How an amount is shared by many members without ever being exceeded: a root leases parts of it to shards, shards give of theirs.
// Every step is one transaction in one object; a step whose answer was lost is asked again under its number and changes nothing.

/** Shards of one budget: fixed for ever, since what a member took is found by its shard. */
export const BUDGET_SHARDS = 8;

/** A lease is an even part of a quarter of what is free: few leases at first, small remainders at the end. */
const LEASE_PARTS = 4 * BUDGET_SHARDS;

/** How much there is, and the version of the program that says so: the newest version that anybody brought counts. */
export interface BudgetLimit {
  readonly version: number;
  readonly total: number;
}

/** What the root gave a shard last. */
export interface Lease {
  readonly number: number;
  readonly amount: number;
}

/** A shard's question: it hands back what it has left and wants at least `want`. */
export interface LeaseAsk {
  readonly shard: number;
  readonly number: number;
  readonly returned: number;
  readonly want: number;
  readonly limit: BudgetLimit;
}

/** The root's question: a shard hands back what it has left, once it knows of its last lease. */
export interface RecallAsk {
  readonly number: number;
  readonly lease: Lease;
  readonly limit: BudgetLimit;
}

export interface BudgetRoot {
  readonly limit: BudgetLimit;
  readonly shards: readonly {
    /** What the shard was leased and has not handed back, whether it gave it or not. */
    readonly leased: number;
    readonly lease: Lease;
    readonly recall: { readonly number: number; readonly open: boolean };
  }[];
}

export interface BudgetShard {
  readonly limit: BudgetLimit;
  readonly left: number;
  /** Given to members and not given back. */
  readonly given: number;
  readonly leaseNumber: number;
  /** The lease that is asked for, and what was handed back with the question. */
  readonly asked: { readonly number: number; readonly returned: number } | null;
  readonly recall: { readonly number: number; readonly amount: number };
}

/** What one key took. Settled: it takes no more, whatever is asked under it. */
export interface Taken {
  readonly granted: number;
  readonly settled: boolean;
}

const NO_LIMIT: BudgetLimit = { version: 0, total: 0 };
const NO_LEASE: Lease = { number: 0, amount: 0 };
const NOTHING_TAKEN: Taken = { granted: 0, settled: false };

/** A budget of which nothing was leased. */
export function emptyRoot(): BudgetRoot {
  const shard = { leased: 0, lease: NO_LEASE, recall: { number: 0, open: false } };
  return { limit: NO_LIMIT, shards: Array.from({ length: BUDGET_SHARDS }, () => shard) };
}

/** A shard that was leased nothing. */
export function emptyShard(): BudgetShard {
  return { limit: NO_LIMIT, left: 0, given: 0, leaseNumber: 0, asked: null, recall: { number: 0, amount: 0 } };
}

/** The shard of a budget that serves a member. */
export function budgetShardOf(memberId: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < memberId.length; index += 1)
    hash = Math.imul(hash ^ memberId.charCodeAt(index), 0x01000193);
  return (hash >>> 0) % BUDGET_SHARDS;
}

/** The root under the newest limit. */
export function limitRoot(root: BudgetRoot, limit: BudgetLimit): BudgetRoot {
  return limit.version > root.limit.version ? { ...root, limit } : root;
}

/** What the root could lease for this question; below zero when a smaller total came after more was leased. */
export function freeFor(root: BudgetRoot, ask: Pick<LeaseAsk, "shard" | "number" | "returned">): number {
  const returned = root.shards[ask.shard]?.lease.number === ask.number ? 0 : ask.returned;
  return freeOf(root) + returned;
}

/** What the root has not leased to anybody. */
export function freeOf({ limit, shards }: BudgetRoot): number {
  return limit.total - shards.reduce((sum, { leased }) => sum + leased, 0);
}

/**
 * Answers a shard's question; the same question again gets the same lease. `exactly` what is wanted, while the shards are being
 * recalled: a shard that was passed must not hold more than its members want. Throws at a question out of order.
 */
export function leaseTo(root: BudgetRoot, ask: LeaseAsk, exactly = false): { root: BudgetRoot; lease: Lease } {
  const shard = shardAt(root, ask.shard);
  if (shard.lease.number === ask.number) return { root, lease: shard.lease };
  if (shard.lease.number !== ask.number - 1) throw new Error(`lease ${ask.number} after ${shard.lease.number}`);
  const free = Math.max(0, freeFor(root, ask));
  const amount = Math.min(free, exactly ? ask.want : Math.max(ask.want, Math.ceil(free / LEASE_PARTS)));
  const lease = { number: ask.number, amount };
  const leased = shard.leased - ask.returned + amount;
  return { root: withShard(root, ask.shard, { ...shard, leased, lease }), lease };
}

/** Opens the question to a shard for what it has left; one that is open already is asked again. */
export function openRecall(root: BudgetRoot, index: number): { root: BudgetRoot; ask: RecallAsk } {
  const shard = shardAt(root, index);
  const number = shard.recall.open ? shard.recall.number : shard.recall.number + 1;
  const ask = { number, lease: shard.lease, limit: root.limit };
  return { root: withShard(root, index, { ...shard, recall: { number, open: true } }), ask };
}

/** Takes in what a shard handed back; a second answer to the same question changes nothing. */
export function closeRecall(root: BudgetRoot, index: number, answer: { number: number; amount: number }): BudgetRoot {
  const shard = shardAt(root, index);
  if (!shard.recall.open || shard.recall.number !== answer.number) return root;
  const leased = shard.leased - answer.amount;
  return withShard(root, index, { ...shard, leased, recall: { number: answer.number, open: false } });
}

/**
 * Gives under a key up to `wanted`, of which an earlier call may have given a part. Null: the root must be asked first, because
 * the shard knows only an older limit or has too little; with `dry`, which says that there is no more, it gives what it has.
 */
export function takeFrom(
  shard: BudgetShard,
  known: Taken | undefined,
  ask: { readonly wanted: number; readonly limit: BudgetLimit },
  dry: boolean,
): { shard: BudgetShard; taken: Taken } | null {
  const taken = known ?? NOTHING_TAKEN;
  const missing = taken.settled ? 0 : ask.wanted - taken.granted;
  if (missing <= 0) return { shard, taken };
  if (ask.limit.version > shard.limit.version) return null;
  if (!dry && (shard.asked !== null || missing > shard.left)) return null;
  const more = Math.min(missing, shard.left);
  const granted = taken.granted + more;
  return {
    shard: { ...shard, left: shard.left - more, given: shard.given + more },
    taken: { granted, settled: false },
  };
}

/** Gives `unused` of what a key took back to the others; the key takes no more. A second time changes nothing. */
export function giveBackTo(
  shard: BudgetShard,
  known: Taken | undefined,
  unused: number,
): { shard: BudgetShard; taken: Taken } {
  const taken = known ?? NOTHING_TAKEN;
  if (taken.settled) return { shard, taken };
  const back = Math.min(unused, taken.granted);
  return {
    shard: { ...shard, left: shard.left + back, given: shard.given - back },
    taken: { granted: taken.granted - back, settled: true },
  };
}

/**
 * The question for more, written down before it is asked: what is left goes back with it. An open one is asked again; its
 * answer may be an old one, so that too little does not mean that there is no more.
 */
export function askLease(
  shard: BudgetShard,
  index: number,
  { want, limit }: { readonly want: number; readonly limit: BudgetLimit },
): { shard: BudgetShard; ask: LeaseAsk } {
  const asked = shard.asked ?? { number: shard.leaseNumber + 1, returned: shard.left };
  const left = shard.asked === null ? 0 : shard.left;
  const newest = limit.version > shard.limit.version ? limit : shard.limit;
  return { shard: { ...shard, asked, left }, ask: { shard: index, ...asked, want, limit: newest } };
}

/** Takes in a lease, once, and the limit under which it was given. */
export function applyLease(shard: BudgetShard, lease: Lease, limit: BudgetLimit): BudgetShard {
  const known = limit.version > shard.limit.version ? { ...shard, limit } : shard;
  if (known.asked?.number !== lease.number) return known;
  return { ...known, asked: null, leaseNumber: lease.number, left: known.left + lease.amount };
}

/** Hands back everything that is left; the same question again gets the same answer. */
export function recallFrom(shard: BudgetShard, number: number): { shard: BudgetShard; amount: number } {
  if (shard.recall.number === number) return { shard, amount: shard.recall.amount };
  const amount = shard.left;
  return { shard: { ...shard, left: 0, recall: { number, amount } }, amount };
}

function shardAt(root: BudgetRoot, index: number) {
  const shard = root.shards[index];
  if (shard === undefined) throw new Error(`a budget has no shard ${index}`);
  return shard;
}

function withShard(root: BudgetRoot, index: number, shard: BudgetRoot["shards"][number]): BudgetRoot {
  return { ...root, shards: root.shards.with(index, shard) };
}
