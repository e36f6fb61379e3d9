// Takes what a decision needs of budgets and stock: under an intent that gives all of it back unless an event takes its place.
import type { CallContext, WriteContext } from "@regulars/contracts/rpc";
import type { BudgetNeed } from "@regulars/domain/caps";
import { giveUpAsk, SETTLE_PREPARED, type Pending, type SettleAsk } from "@regulars/domain/needs";
import type { Book } from "./book.ts";
import { peekOf, takeOf } from "./budget-objects.ts";

/** A decision follows its preparation within milliseconds. An intent this old belongs to a process that died. */
const INTENT_MS = 300_000;
/** A retry goes on under the intent of the attempt before, if that has so much time left at least. */
const REUSE_MS = 60_000;

export interface Means {
  readonly env: Env;
  readonly book: Book;
  readonly version: number;
}

/** `rule` null: a piece of stock. */
export type Need = Omit<BudgetNeed, "rule"> & { readonly rule: string | null };

type Grants = Readonly<Record<string, number>>;

/** Opens an intent for one cause, or finds the one that an attempt before has left. Written before anything is asked. */
export function openIntent(
  book: Book,
  context: WriteContext,
  what: string,
  undo: (intent: string) => SettleAsk,
): string {
  const cause = `${context.key}#${context.requestHash}#${what}`;
  const isOurs = (ask: unknown) => (ask as { becomes?: unknown; ask?: { cause?: string } }).ask?.cause === cause;
  const known = book.duties.intents().find(({ ask, nextAt }) => isOurs(ask) && nextAt > Date.now() + REUSE_MS);
  if (known !== undefined) return known.id;
  const intent = `prep_${book.state.epoch}_${book.duties.nextPlace()}`;
  book.intend({ id: intent, becomes: { kind: SETTLE_PREPARED, ask: { ...undo(intent), cause } } }, context, INTENT_MS);
  return intent;
}

/** Nothing is written that would use it: what was asked goes back at once. */
export function giveUpPending(book: Book, pending: readonly Pending[]): void {
  if (pending.length === 0) return;
  const lost = new Set(pending.map(({ intent }) => intent));
  for (const intent of book.duties.intents()) if (lost.has(intent.id)) book.duties.giveUp(intent);
}

/** Takes; what is granted may be less than what is needed. */
export async function takeAll(
  { env, book, version }: Means,
  context: WriteContext,
  needs: readonly Need[],
): Promise<{ grants: Grants; pending: readonly Pending[] }> {
  const wishes = needs.filter(({ wanted }) => wanted > 0);
  if (wishes.length === 0) return { grants: {}, pending: [] };
  const { tenantId, memberId } = context;
  const names = wishes.map(({ name }) => name);
  const intent = openIntent(book, context, names.join(" "), (id) => giveUpAsk(id, names, []));
  const takes = await Promise.all(
    wishes.map(async ({ name, total, wanted, rule }) => {
      const ask = { key: takeKey(memberId, intent), wanted, limit: { version, total } };
      return { name, rule, granted: await takeOf(env, { tenantId, name }, memberId, ask) };
    }),
  );
  const grants = Object.fromEntries(takes.map(({ name, granted }) => [name, granted]));
  return { grants, pending: [{ intent, takes, claims: [] }] };
}

/** What the same takes would be granted now; nothing is kept. */
export async function peekAll(
  { env, version }: Pick<Means, "env" | "version">,
  { tenantId, memberId }: CallContext,
  needs: readonly Need[],
): Promise<Grants> {
  const wishes = needs.filter(({ wanted }) => wanted > 0);
  const grants = wishes.map(async ({ name, total, wanted }) => {
    return [name, await peekOf(env, { tenantId, name }, memberId, { wanted, limit: { version, total } })] as const;
  });
  return Object.fromEntries(await Promise.all(grants));
}

/** The key under which a shard knows a take. */
export const takeKey = (memberId: string, intent: string) => `${memberId}/${intent}`;
