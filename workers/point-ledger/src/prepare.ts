// What must be asked of other objects before an order is decided: budgets, stock, codes, and points of other accounts.
import type { ActAsk, ActName } from "@regulars/contracts/acts";
import type { OrderRecord } from "@regulars/contracts/events-orders";
import type { Refusal } from "@regulars/contracts/refusals";
import type { BasketCommand, CallContext, OrderCommand, WriteContext } from "@regulars/contracts/rpc";
import { budgetNeeds, budgetNeedsOfEvent, roomsOf, roomsOfEvent, type BudgetNeed } from "@regulars/domain/caps";
import { memberFacts } from "@regulars/domain/facts";
import { scoreEvent } from "@regulars/domain/games";
import { NOTHING_PREPARED, type OrderMoment, type Prepared } from "@regulars/domain/moment";
import { stockName } from "@regulars/domain/needs";
import { earningBasket } from "@regulars/domain/order-earn";
import { decideOrder } from "@regulars/domain/orders";
import type { CompiledProgram } from "@regulars/domain/program";
import type { MemberState } from "@regulars/domain/state";
import { settledAt } from "@regulars/domain/view";
import type { Book } from "./book.ts";
import { guard } from "./commands.ts";
import { knownOrder, momentOf } from "./order-calls.ts";
import { claimCodes, keepCodes, lookAtCodes } from "./prepare-codes.ts";
import { peekAll, takeAll, type Means } from "./prepare-takes.ts";

/** Whether an order or a basket needs anything of other objects: most do not, and stay at one hop. */
export function needsPreparation(program: CompiledProgram, basket: BasketCommand): boolean {
  if ((basket.codes?.length ?? 0) > 0 || program.budgetedOn.has("order")) return true;
  // A paid order may have been authorized with codes.
  return program.document.codes.length > 0 && "orderId" in basket;
}

/**
 * What other objects grant an order, besides what other accounts hold for it (`held`). Each is asked under an intent of this
 * order that was written down before: a retry goes on with what it was granted, and what is never decided goes back.
 * Refuses rate_limited.
 */
export async function prepareOrder(
  env: Env,
  book: Book,
  program: CompiledProgram,
  context: WriteContext,
  wanted: OrderCommand,
  held: Prepared,
): Promise<Prepared | Refusal> {
  const { state, codes, placedAt } = wanted;
  if (state === "cancelled" || isDecided(book, context, `${context.key}#${context.requestHash}`)) return held;
  const means = { env, book, version: program.version };
  const known = knownOrder(book, wanted.orderId);
  const found =
    codes === undefined && known?.state === "authorized"
      ? await keepCodes(means, program, context, known)
      : await claimCodes(means, program, context, { texts: codes ?? [], placedAt, known });
  if ("code" in found) return found;
  const prepared: Prepared = { ...held, ...found };
  if (state !== "paid" || !program.budgetedOn.has("order")) return prepared;
  const needs = needsOfOrder({ book, program, context }, { known, wanted, prepared });
  const { grants, pending } = await takeAll(means, context, needs);
  return { ...prepared, grants, pending: [...(prepared.pending ?? []), ...pending] };
}

/** What other objects would grant a basket now; they keep nothing of it. Refuses rate_limited. */
export async function prepareQuote(
  env: Env,
  book: Book,
  program: CompiledProgram,
  context: CallContext,
  basket: BasketCommand,
): Promise<Prepared | Refusal> {
  if (guard(book, context) !== null) return NOTHING_PREPARED;
  const means: Means = { env, book, version: program.version };
  const { codes = [], placedAt } = basket;
  const found = await lookAtCodes(means, program, context, { texts: codes, placedAt, known: null });
  if ("code" in found) return found;
  const moment = momentOf(book, program, context, placedAt, book.timeOf(context));
  const needs = needsOfBasket(book.state, program, basket, 0, moment);
  return { ...NOTHING_PREPARED, ...found, grants: await peekAll(means, context, needs) };
}

interface ActDesk {
  readonly env: Env;
  readonly book: Book;
  readonly program: CompiledProgram | null;
  readonly context: WriteContext;
}

/** What other objects grant an act: a piece of a reward's stock, or points of the budget of a rule for events. */
export async function prepareAct<Name extends ActName>(
  { env, book, program, context }: ActDesk,
  name: Name,
  ask: ActAsk<Name>,
): Promise<Prepared> {
  const takesStock = name === "reward.buy" || name === "voucher.issue";
  const isPrepared = takesStock || name === "activity.record" || name === "game.finish";
  if (program === null || !isPrepared || isDecided(book, context, context.key)) return NOTHING_PREPARED;
  // The name says which shape the ask has.
  const event = () =>
    name === "game.finish" ? scoreEvent(ask as ActAsk<"game.finish">) : (ask as ActAsk<"activity.record">);
  const needs = takesStock
    ? stockNeeds(program, ask as ActAsk<"reward.buy" | "voucher.issue">)
    : activityNeeds(book, program, context, event());
  return { ...NOTHING_PREPARED, ...(await takeAll({ env, book, version: program.version }, context, needs)) };
}

// Nothing is asked for a call whose answer is remembered, nor for a member who is not there.
function isDecided(book: Book, context: WriteContext, refusalKey: string): boolean {
  if (guard(book, context) !== null || book.state.status === "erased") return true;
  return book.store.eventByKey(context.key) !== null || book.store.refusal(refusalKey) !== null;
}

// Decides as if the budgets were empty to see what the rules will be given to count; one that is refused needs nothing.
function needsOfOrder(
  { book, program, context }: Omit<ActDesk, "env" | "program"> & { readonly program: CompiledProgram },
  { known, wanted, prepared }: { known: OrderRecord | null; wanted: OrderCommand; prepared: Prepared },
): readonly BudgetNeed[] {
  const now = book.timeOf(context);
  const state = settledAt(book.state, now);
  const moment = { ...momentOf(book, program, context, wanted.placedAt, now), prepared };
  const decision = decideOrder(state, program, known, wanted, moment);
  if (!decision.ok || !("order" in decision.body)) return [];
  const { order } = decision.body;
  const paidByPoints = order.redeemed.reduce((sum, { value }) => sum + value, 0);
  return needsOfBasket(state, program, order, paidByPoints, { ...moment, facts: order.facts });
}

function needsOfBasket(
  state: MemberState,
  program: CompiledProgram,
  basket: Parameters<typeof earningBasket>[0],
  paidByPoints: number,
  moment: Pick<OrderMoment, "facts" | "timeZone">,
): readonly BudgetNeed[] {
  const earning = earningBasket(basket, paidByPoints, moment);
  const rooms = roomsOf(program, (name) => state.counters.get(name)?.value ?? 0, null, earning);
  return budgetNeeds(program, { ...earning, rooms });
}

function stockNeeds(program: CompiledProgram, { rewardId }: ActAsk<"reward.buy" | "voucher.issue">) {
  const total = program.document.rewards.find(({ id }) => id === rewardId)?.stock;
  return total === undefined ? [] : [{ rule: null, name: stockName(rewardId), total, wanted: 1 }];
}

function activityNeeds(
  book: Book,
  program: CompiledProgram,
  context: WriteContext,
  ask: ActAsk<"activity.record">,
): readonly BudgetNeed[] {
  const at = book.timeOf(context);
  const { timeZone } = context;
  const member = memberFacts(book.state, book.person?.profile.birthday, at, timeZone, program);
  const { type, data, storeId, regionId, ownerId } = ask;
  const event = { type, data, storeId, regionId, ownerId, at, member, timeZone };
  const rooms = roomsOfEvent(program, (name) => book.state.counters.get(name)?.value ?? 0, null, event);
  return budgetNeedsOfEvent(program, { ...event, rooms });
}
