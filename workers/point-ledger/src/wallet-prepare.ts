// Holds points in the account of a network or a household before an order is decided, under an intent that lets them go again.
import type { BasketCommand, CallContext, OrderCommand, RedeemWish, WriteContext } from "@regulars/contracts/rpc";
import type { OrderRecord } from "@regulars/contracts/events-orders";
import { belongingOf } from "@regulars/domain/households";
import type { Prepared, WalletHold } from "@regulars/domain/moment";
import { memberIdFrom, tenantKeyOf } from "@regulars/domain/naming";
import type { CompiledProgram } from "@regulars/domain/program";
import {
  accountFact,
  isWalletWish,
  needsWallets,
  networksOf,
  releaseOf,
  type Account,
  type WalletAsks,
} from "@regulars/domain/wallets";
import type { Book } from "./book.ts";
import type { Intent, OpenDuty } from "./duty-rows.ts";
import { relayQuietly } from "./follow-up.ts";
import { ledgerOf } from "./objects.ts";
import { knownOrder } from "./order-calls.ts";
import { contextOf, tenantRecord } from "./tenant-records.ts";
import { elsewhereOf } from "./wallet-duties.ts";

/** An order that is not decided by then is given up; its caller's next attempt holds anew. */
const INTENT_MS = 60_000;

interface Desk {
  readonly env: Env;
  readonly book: Book;
  readonly program: CompiledProgram;
  readonly context: CallContext;
}

/** What was prepared, with what other accounts hold for this order. */
export async function withWallets(
  desk: Desk & { readonly context: WriteContext },
  prepared: Prepared,
  wanted: OrderCommand,
): Promise<Prepared> {
  const { book, program, context } = desk;
  if (!book.exists || wanted.state === "cancelled" || !needsWallets(program, wanted)) return prepared;
  const { key, requestHash } = context;
  // What has its answer already, also a refusal, holds nothing any more.
  if (book.store.eventByKey(key) !== null || book.store.refusal(`${key}#${requestHash}`) !== null) return prepared;
  const known = knownOrder(book, wanted.orderId);
  const accounts = await accountsOf(desk);
  const wallets: WalletHold[] = [];
  for (const wish of wishesOf(program, wanted, known)) {
    const account = accountOf(desk, accounts, wish);
    if (account !== null) wallets.push(await holdFor(desk, account, wish, wanted, known));
  }
  return { ...prepared, wallets, accounts };
}

/** What was prepared, with the person's accounts in networks: an event beside orders may earn coins too. */
export async function withAccounts(
  desk: Omit<Desk, "program"> & { readonly program: CompiledProgram | null },
  prepared: Prepared,
): Promise<Prepared> {
  const { book, program } = desk;
  if (program === null || !book.exists || networksOf(program).length === 0) return prepared;
  return { ...prepared, accounts: await accountsOf({ ...desk, program }) };
}

/** What was prepared, with what other accounts have; for a quote, which holds nothing. */
export async function withWalletBalances(desk: Desk, prepared: Prepared, basket: BasketCommand): Promise<Prepared> {
  const { book, program } = desk;
  if (!book.exists || !needsWallets(program, basket)) return prepared;
  const accounts = await accountsOf(desk);
  const coins = [...program.tenders.keys()].map((currency) => ({ currency, points: 0 }));
  const wishes = [...coins, ...(basket.redeem ?? [])].filter((wish) => isWalletWish(program, wish));
  const wallets: WalletHold[] = [];
  for (const wish of wishes) {
    const account = accountOf(desk, accounts, wish);
    const known = wallets.some(
      ({ currency, memberId }) => currency === wish.currency && memberId === account?.memberId,
    );
    if (account === null || known) continue;
    const { currency } = wish;
    wallets.push({ ...account, currency, points: await availableIn(desk, account, currency), holdId: "" });
  }
  return { ...prepared, wallets, accounts };
}

/** Lets go at once of what was held for an order and is not on it: it was refused, or had its answer already. */
export function abandonWallets(book: Book, orderId: string): void {
  const held = book.exists ? book.duties.intents().filter(({ ask }) => walletAskOf(ask)?.orderId === orderId) : [];
  if (held.length === 0) return;
  const kept = new Set((knownOrder(book, orderId)?.wallets ?? []).map(({ holdId }) => holdId));
  for (const intent of held) if (!kept.has(intent.id)) book.duties.giveUp(intent);
}

// A paid order that says nothing spends what was authorized.
function wishesOf(program: CompiledProgram, { redeem }: OrderCommand, known: OrderRecord | null): RedeemWish[] {
  const wishes: readonly RedeemWish[] = redeem ?? known?.redeemed ?? [];
  return wishes.filter((wish) => isWalletWish(program, wish));
}

async function holdFor(
  desk: Desk,
  account: Account,
  { currency, points }: RedeemWish,
  wanted: OrderCommand,
  known: OrderRecord | null,
): Promise<WalletHold> {
  const { env, book, context } = desk;
  const intents = book.duties.intents();
  const held = (known?.wallets ?? []).find((one) => one.currency === currency && one.memberId === account.memberId);
  if (held !== undefined && held.points >= points && intents.some(({ id }) => id === held.holdId)) {
    return { ...account, currency, points: held.points, holdId: held.holdId };
  }
  const wish = { orderId: wanted.orderId, currency, points };
  const resumed = intents.find((intent) => isFor(intent, account, wish))?.id;
  if (resumed === undefined) await releaseGivenUp(desk, account);
  const holdId = resumed ?? intend(desk, account, wish);
  const owner = { ...context, epoch: book.state.epoch };
  const by = elsewhereOf(owner, account, { ...wanted, money: wanted.currency });
  const at = { ...(await contextOf(env, account, context)), key: holdId, requestHash: holdId };
  const ask = { holdId, currency, points, by };
  const reply = await ledgerOf(env, account.tenantId, account.memberId).act(at, "wallet.hold", ask);
  await relayQuietly(env, reply.events);
  if (reply.ok) return { ...account, currency, points, holdId };
  // A refusal holds nothing, so there is nothing to let go.
  book.duties.drop(holdId);
  const available = Number(reply.refusal.facts?.["available"] ?? 0);
  return { ...account, currency, points: Math.min(available, points - 1), holdId: "" };
}

// What attempts before have given up may still be held there, and would be missing now; telling it twice is harmless.
async function releaseGivenUp({ env, book, context }: Desk, account: Account): Promise<void> {
  for (const { kind, ask } of book.duties.open()) {
    const release = ask as WalletAsks["wallet.release"];
    if (kind !== "wallet.release" || release.account.memberId !== account.memberId) continue;
    const { holdId } = release;
    const at = { ...(await contextOf(env, account, context)), key: `${holdId}/release`, requestHash: holdId };
    const reply = await ledgerOf(env, account.tenantId, account.memberId).act(at, "wallet.release", { holdId });
    await relayQuietly(env, reply.events);
  }
}

interface Held {
  readonly orderId: string;
  readonly currency: string;
  readonly points: number;
}

// Written before the call leaves: should the process die from here on, the alarm finds it.
function intend({ book, context }: Desk, account: Account, wish: Held): string {
  const holdId = `w/${context.tenantId}/${context.memberId}/${book.state.epoch}/${book.duties.nextPlace()}`;
  const { kind, ask, lane } = releaseOf({ ...account, holdId });
  book.intend(
    { id: holdId, becomes: { kind, ask: { ...(ask as object), ...wish }, ...(lane && { lane }) } },
    context,
    INTENT_MS,
  );
  return holdId;
}

// An attempt that was cut off has left its intent: the next one goes on with the same hold.
function isFor(intent: OpenDuty, { memberId }: Account, { orderId, currency, points }: Held): boolean {
  const ask = walletAskOf(intent.ask);
  if (ask === null || ask.account.memberId !== memberId) return false;
  return ask.orderId === orderId && ask.currency === currency && ask.points === points;
}

// An intent keeps what it becomes; only `intend` writes those that become a release.
function walletAskOf(intent: unknown): (Held & { readonly account: Account }) | null {
  const { kind, ask } = intent as Intent["becomes"];
  return kind === "wallet.release" ? (ask as Held & { readonly account: Account }) : null;
}

async function availableIn({ env, context }: Desk, account: Account, currency: string): Promise<number> {
  const at = await contextOf(env, account, context);
  const reply = await ledgerOf(env, account.tenantId, account.memberId).balances(at);
  if (!reply.ok) return 0;
  return Math.max(0, reply.value.balances.find((one) => one.currency === currency)?.available ?? 0);
}

function accountOf(
  { book, program, context }: Desk,
  accounts: Readonly<Record<string, Account>>,
  { currency, wallet }: RedeemWish,
): Account | null {
  if (wallet === "household") {
    const household = belongingOf(book.state);
    if (household === null || household.role === "earner") return null;
    return { tenantId: context.tenantId, memberId: household.pool };
  }
  return accounts[program.currencies.get(currency)?.network ?? ""] ?? null;
}

// A network knows the person by the phone, hashed under its own key; the tenant must be part of it.
async function accountsOf({ env, book, program, context }: Desk): Promise<Readonly<Record<string, Account>>> {
  const accounts: Record<string, Account> = {};
  const phone = book.person?.identities.find(({ type }) => type === "phone")?.value;
  for (const network of networksOf(program)) {
    const kept = book.state.facts.get(accountFact(network)) as Account | undefined;
    if (kept !== undefined) accounts[network] = kept;
    if (kept !== undefined || phone === undefined) continue;
    const tenant = await tenantRecord(env, context.tenantId);
    const keeper = tenant?.networks?.[network]?.tenantId;
    if (keeper !== undefined) accounts[network] = coinAccount(env, keeper, phone);
  }
  return accounts;
}

/** The account of a person in a network: the same from every tenant that knows the phone. */
export function coinAccount(env: Env, networkTenantId: string, phone: string): Account {
  const key = tenantKeyOf(env.MASTER_KEY, networkTenantId);
  return { tenantId: networkTenantId, memberId: memberIdFrom(key, `phone:${phone}`) };
}
