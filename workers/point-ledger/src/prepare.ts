// What must be asked of other objects before an order is decided: budgets, stock, codes, and points of other accounts.
import type { BasketCommand, CallContext, OrderCommand } from "@regulars/contracts/rpc";
import { NOTHING_PREPARED, type Prepared } from "@regulars/domain/moment";
import type { CompiledProgram } from "@regulars/domain/program";
import type { Book } from "./book.ts";

/** What other objects grant an order; each is asked under a key of this order, so a retry is granted the same. */
export async function prepareOrder(
  _env: Env,
  _book: Book,
  _program: CompiledProgram,
  _context: CallContext,
  _wanted: OrderCommand,
): Promise<Prepared> {
  return NOTHING_PREPARED;
}

/** What other objects would grant a basket now; they keep nothing of it. */
export async function prepareQuote(
  _env: Env,
  _book: Book,
  _program: CompiledProgram,
  _context: CallContext,
  _basket: BasketCommand,
): Promise<Prepared> {
  return NOTHING_PREPARED;
}

/** Whether an order or a basket needs anything of other objects: most do not, and stay at one hop. */
export function needsPreparation(_program: CompiledProgram, _basket: BasketCommand): boolean {
  return false;
}
