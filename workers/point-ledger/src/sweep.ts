// What a refund of an old order brings to a profile that was merged, or takes from it, goes on to the other at once.
import type { Effects } from "@regulars/contracts/events-effects";
import type { CallContext } from "@regulars/contracts/rpc";
import { decideSweep } from "@regulars/domain/merging";
import type { Book } from "./book.ts";
import type { Outcome } from "./commands.ts";

/** The outcome, with the event that sends on what it has left in a merged profile: one transaction with it. */
export function swept<Value>(book: Book, context: CallContext, outcome: Outcome<Value>): Outcome<Value> {
  if (!outcome.ok || outcome.events.length === 0) return outcome;
  const bodies = outcome.events.map(({ body }): Effects => ("transactions" in body ? body : {}));
  const effects: Effects = {
    activity: bodies.flatMap(({ activity = [] }) => activity),
    counters: bodies.flatMap(({ counters = [] }) => counters),
  };
  const decision = decideSweep(book.state, context.memberId, effects, book.timeOf(context));
  if (decision === null || !decision.ok) return outcome;
  const subject = "transfer" in decision.body ? decision.body.transfer.id : null;
  const event = book.append(decision.body, context, { key: null, requestHash: null, subject });
  return { ...outcome, events: [...outcome.events, event] };
}
