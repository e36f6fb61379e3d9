// Acts and looks of a member's object by name, with the shapes that their names stand for.
import type { ActAnswer, ActAsk, ActName, LookAnswer, LookAsk, LookName } from "@regulars/contracts/acts";
import type { CallContext, MemberLedgerRpc, Reply, WriteContext } from "@regulars/contracts/rpc";
import type { Call } from "./call.ts";
import { callLedger } from "./ledger.ts";

/** One write about a member, by name. */
export function callAct<Name extends ActName>(
  { env, ctx }: Call,
  at: WriteContext,
  name: Name,
  ask: ActAsk<Name>,
): Promise<Reply<ActAnswer<Name>>> {
  return callLedger<ActAnswer<Name>>(env, ctx, at, (ledger) => named(ledger).act(at, name, ask));
}

/** One read about a member, by name. */
export function callLook<Name extends LookName>(
  { env, ctx }: Call,
  at: CallContext,
  name: Name,
  ask: LookAsk<Name>,
): Promise<Reply<LookAnswer<Name>>> {
  return callLedger<LookAnswer<Name>>(env, ctx, at, (ledger) => named(ledger).look(at, name, ask));
}

// The types of stubs forget that the answer depends on the name; the object implements this very interface.
const named = (ledger: unknown) => ledger as Pick<MemberLedgerRpc, "act" | "look">;
