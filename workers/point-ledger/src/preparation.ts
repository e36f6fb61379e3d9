// Everything that is asked of other objects before an order or a basket is decided: other accounts first, since they may pay for it.
import type { Refusal } from "@regulars/contracts/refusals";
import type { BasketCommand, CallContext, OrderCommand, WriteContext } from "@regulars/contracts/rpc";
import { NOTHING_PREPARED, type Prepared } from "@regulars/domain/moment";
import type { CompiledProgram } from "@regulars/domain/program";
import type { Book } from "./book.ts";
import { needsPreparation, prepareOrder, prepareQuote } from "./prepare.ts";
import { withWalletBalances, withWallets } from "./wallet-prepare.ts";

interface Desk {
  readonly env: Env;
  readonly book: Book;
  readonly program: CompiledProgram;
}

/** An order with the call that it came with. */
export interface WantedOrder {
  readonly context: WriteContext;
  readonly order: OrderCommand;
}

/** What other objects grant and hold for an order; most orders need nothing and stay at one hop. Refuses rate_limited. */
export async function prepareWanted(desk: Desk, { context, order }: WantedOrder): Promise<Prepared | Refusal> {
  const { env, book, program } = desk;
  const held = await withWallets({ ...desk, context }, NOTHING_PREPARED, order);
  return needsPreparation(program, order) ? prepareOrder(env, book, program, context, order, held) : held;
}

/** What they would grant, and have, for a basket; nothing is kept of it. Refuses rate_limited. */
export async function prepareBasket(
  desk: Desk,
  context: CallContext,
  basket: BasketCommand,
): Promise<Prepared | Refusal> {
  const { env, book, program } = desk;
  const granted = needsPreparation(program, basket)
    ? await prepareQuote(env, book, program, context, basket)
    : NOTHING_PREPARED;
  return "code" in granted ? granted : withWalletBalances({ ...desk, context }, granted, basket);
}
