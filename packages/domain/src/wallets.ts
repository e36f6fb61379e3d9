// Accounts that are not the member's own, seen from the order: a network's coins and a household's pool, spent and earned with it.
import { KEEP_INTENT, type Duty } from "@regulars/contracts/events-effects";
import type { Elsewhere, OrderRecord, StoredEarn, WalletSpend } from "@regulars/contracts/events-orders";
import type { BasketCommand } from "@regulars/contracts/rpc";
import type { Draft } from "./draft.ts";
import type { EarnedByRule } from "./earning.ts";
import type { OrderScene } from "./moment.ts";
import type { CompiledProgram } from "./program.ts";
import type { Redeemed, RedeemWish } from "./tender.ts";

/** An account in the tenant or network that keeps it. */
export interface Account {
  readonly tenantId: string;
  readonly memberId: string;
}

/** An order as the keeper of an account hears of it; who sent it is added on the way. */
export type OrderElsewhere = Omit<Elsewhere, "tenantId" | "memberId">;

/** What the keeper of an account is told; each is harmless when it comes twice. */
export interface WalletAsks {
  "wallet.capture": { account: Account; holdId: string; points: number; order: OrderElsewhere };
  "wallet.release": { account: Account; holdId: string };
  /** `restored`: in all so far. */
  "wallet.restore": { account: Account; holdId: string; restored: number };
  "wallet.deposit": {
    account: Account;
    deposit: string;
    currency: string;
    points: number;
    rule: string;
    earnedAt: number;
    order: OrderElsewhere;
  };
  /** `withdrawn`: in all so far. */
  "wallet.withdraw": { account: Account; deposit: string; withdrawn: number };
}

/** Whether points of this currency live in a network's account. */
export const isNetworkCoin = (program: CompiledProgram, currency: string) =>
  program.currencies.get(currency)?.network !== undefined;

/** Whether a wish is paid from an account that is not the member's own. */
export const isWalletWish = (program: CompiledProgram, wish: Pick<RedeemWish, "currency" | "wallet">) =>
  wish.wallet !== undefined || isNetworkCoin(program, wish.currency);

/** Whether an order or a basket can touch another account at all; cheap, since every order asks. */
export function needsWallets(program: CompiledProgram, { redeem }: Pick<BasketCommand, "redeem">): boolean {
  if (hasNetworks(program)) return true;
  if (redeem === null) return program.document.sharing.household !== undefined;
  return redeem.some((wish) => wish.wallet !== undefined);
}

/** Networks whose coins the program knows. */
export function networksOf(program: CompiledProgram): readonly string[] {
  return [...new Set([...program.currencies.values()].flatMap(({ network }) => network ?? []))];
}

/** The fact that keeps a person's account in a network: it stays the same when the phone changes. */
export const accountFact = (network: string) => `network/${network}`;

/** The holds that pay these wishes; a wish whose hold is missing stays unpaid. */
export function spendWallets(scene: OrderScene, redeemed: readonly Redeemed[]): readonly WalletSpend[] {
  return redeemed.flatMap(({ currency, points, value }) => {
    const hold = scene.prepared.wallets.find((one) => one.currency === currency && one.points >= points && one.holdId);
    if (hold === undefined) return [];
    const { tenantId, memberId, holdId } = hold;
    return [{ tenantId, memberId, currency, points, value, holdId, restored: 0 }];
  });
}

/**
 * Requires what the wallets' keepers must hear of an order, by its difference from `before`: an authorized order keeps its
 * holds until `lapsesAt`, a paid one captures them, a cancelled one lets them go, a refund puts back.
 */
export function settleWallets(
  draft: Draft,
  before: OrderRecord | null,
  after: OrderRecord,
  lapsesAt = draft.now,
): void {
  const held = before?.state === "authorized" ? (before.wallets ?? []) : [];
  const kept = after.state === "cancelled" && before?.state === "authorized" ? [] : (after.wallets ?? []);
  const gone = held.filter(({ holdId }) => !kept.some((one) => one.holdId === holdId));
  draft.effects.require(...gone.map(releaseOf));
  for (const spend of kept) {
    if (after.state === "authorized") draft.effects.require(keepOf(spend, lapsesAt - draft.now));
    else if (before === null || before.state === "authorized") draft.effects.require(captureOf(spend, after));
    else {
      const known = before.wallets?.find(({ holdId }) => holdId === spend.holdId)?.restored ?? 0;
      if (spend.restored > known) draft.effects.require(restoreOf(spend));
    }
  }
}

/**
 * Points of a network that a rule gives: a deposit that the keeper of the coins must make. A person whom the network cannot
 * know, for want of a phone, has no account there and gets nothing.
 */
export function depositEarned(draft: Draft, scene: OrderScene, earned: EarnedByRule): StoredEarn {
  const { program, prepared, order } = scene;
  const { currency, points, rule, why } = earned;
  const network = program.currencies.get(currency)?.network ?? "";
  const account = draft.effects.fact<Account>(accountFact(network)) ?? prepared.accounts?.[network];
  const none = { currency, points: 0, rule, why, lot: NETWORK_LOT, reversed: 0, reversedExpired: 0 };
  if (account === undefined) return none;
  if (draft.effects.fact(accountFact(network)) === null) draft.effects.setFact(accountFact(network), account);
  const { orderId, placedAt } = order;
  const deposit = `${orderId}/${rule}`;
  const ask = { account, deposit, currency, points, rule, earnedAt: placedAt, order: elsewhere(order) };
  draft.effects.require(dutyOf("wallet.deposit", deposit, ask));
  return { ...none, points };
}

/** Takes back a deposit, or part of it. */
export function withdrawEarned(draft: Draft, { program, order }: OrderScene, one: StoredEarn, points: number): void {
  const network = program.currencies.get(one.currency)?.network ?? "";
  const account = draft.effects.fact<Account>(accountFact(network));
  if (account === null) throw new Error(`order ${order.orderId} has a deposit, but its member no account`);
  const deposit = `${order.orderId}/${one.rule}`;
  const withdrawn = one.reversed + points;
  draft.effects.require(dutyOf("wallet.withdraw", `${deposit}/${withdrawn}`, { account, deposit, withdrawn }));
}

/** Stands in an order where a lot of the member's own would. */
const NETWORK_LOT = "network";

const networkPrograms = new WeakMap<CompiledProgram, boolean>();

function hasNetworks(program: CompiledProgram): boolean {
  let known = networkPrograms.get(program);
  if (known === undefined) networkPrograms.set(program, (known = networksOf(program).length > 0));
  return known;
}

/** The duty that undoes a hold; also what an intent becomes when its order is never decided. */
export function releaseOf({ tenantId, memberId, holdId }: Pick<WalletSpend, "tenantId" | "memberId" | "holdId">): Duty {
  const ask = { account: { tenantId, memberId }, holdId };
  return { ...dutyOf("wallet.release", holdId, ask), settles: { intent: holdId, must: false } };
}

function captureOf({ tenantId, memberId, holdId, points }: WalletSpend, order: OrderRecord): Duty {
  const ask = { account: { tenantId, memberId }, holdId, points, order: elsewhere(order) };
  return { ...dutyOf("wallet.capture", holdId, ask), settles: { intent: holdId, must: true } };
}

function restoreOf({ tenantId, memberId, holdId, restored }: WalletSpend): Duty {
  return dutyOf("wallet.restore", `${holdId}/${restored}`, { account: { tenantId, memberId }, holdId, restored });
}

function keepOf({ holdId }: WalletSpend, milliseconds: number): Duty {
  return { id: `keep/${holdId}`, kind: KEEP_INTENT, ask: { milliseconds }, settles: { intent: holdId, must: true } };
}

// One lane for each account: what is captured first can be restored after it, what is deposited withdrawn.
function dutyOf<Kind extends keyof WalletAsks>(kind: Kind, id: string, ask: WalletAsks[Kind]): Duty {
  const { tenantId, memberId } = ask.account;
  return { id: `${kind}/${id}`, kind, ask, lane: `wallet/${tenantId}/${memberId}` };
}

function elsewhere({ orderId, storeId, ownerId, currency: money }: OrderRecord): OrderElsewhere {
  return { orderId, storeId, ownerId, money };
}
