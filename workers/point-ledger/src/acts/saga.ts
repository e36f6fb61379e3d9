// The two ways in which a step of a saga is written: what another object demands here, and the end of what was demanded there.
import type { EventBody, MemberEvent } from "@regulars/contracts/events";
import type { Refusal } from "@regulars/contracts/refusals";
import type { WriteContext } from "@regulars/contracts/rpc";
import type { Decision } from "@regulars/domain/refuse";
import type { Book } from "../book.ts";
import { mergedRefusal, refused, type Outcome } from "../commands.ts";

export interface Step<Value> {
  readonly context: WriteContext;
  readonly decide: (now: number) => Decision;
  readonly answer: (event: MemberEvent) => Value;
  readonly subject: string;
  /** An account that belongs to nobody opens with the first that comes to it; of anybody else that is a refusal. */
  readonly opens?: string | null;
  /** What parts a merged profile from the other again. */
  readonly evenMerged?: boolean;
}

/** What another object demands: its answer, also a refusal, is kept under its key for ever, so that it cannot be two. */
export function demand<Value>(book: Book, step: Step<Value>): Outcome<Value> {
  const { context, decide, answer, subject } = step;
  const { key, requestHash } = context;
  const known = book.exists ? remembered(book, context, answer) : null;
  if (known !== null) return known;
  const opened = book.state.status === "unknown" && step.opens ? open(book, context, step.opens) : [];
  const closed = closedFor(book, context) ?? (step.evenMerged === true ? null : mergedRefusal(book));
  if (closed !== null) {
    book.store.insertRefusal(key, requestHash, book.timeOf(context), closed);
    return refused(closed);
  }
  const events = [...opened, ...book.settle(context)];
  const decision = decide(book.timeOf(context));
  if (!decision.ok) {
    book.store.insertRefusal(key, requestHash, book.timeOf(context), decision.refusal);
    return { ok: false, refusal: decision.refusal, events };
  }
  const event = book.append(decision.body, context, { key, requestHash, subject });
  return { ok: true, value: answer(event), events: [...events, event] };
}

/** The end of what this object had demanded: it happens whatever has become of the member meanwhile. */
export function end<Value>(
  book: Book,
  step: Omit<Step<Value>, "opens" | "decide" | "evenMerged"> & End,
): Outcome<Value> {
  const { context, decide, answer, subject } = step;
  const { key, requestHash } = context;
  const known = remembered(book, context, answer);
  if (known !== null) return known;
  const events = book.settle(context);
  const event = book.append(decide(book.timeOf(context)), context, { key, requestHash, subject });
  return { ok: true, value: answer(event), events: [...events, event] };
}

interface End {
  readonly decide: (now: number) => EventBody;
}

/** The body of a decision that cannot refuse. */
export function bodyOf(decision: Decision): EventBody {
  if (!decision.ok) throw new Error(`the end of a saga was refused: ${decision.refusal.code}`);
  return decision.body;
}

function remembered<Value>(
  book: Book,
  { key, requestHash }: WriteContext,
  answer: (event: MemberEvent) => Value,
): Outcome<Value> | null {
  const known = book.store.eventByKey(key);
  if (known !== null) return { ok: true, value: answer(known.event), events: [] };
  const before = book.store.refusal(key);
  if (before !== null && before.requestHash !== requestHash) throw new Error(`the demand ${key} came with two bodies`);
  return before === null ? null : refused(before.refusal);
}

/** Why nothing may come in any more, or null. One that was never enrolled gets its tables, to remember that it said so. */
function closedFor(book: Book, { tenantId, memberId }: WriteContext): Refusal | null {
  if (!book.exists) book.create({ tenantId, memberId, epoch: 1 });
  const owner = book.store.owner();
  if (owner?.tenantId !== tenantId || owner.memberId !== memberId) throw new Error("another object was called");
  if (book.state.status === "unknown") return { code: "member_not_found" };
  return book.state.status === "erased" ? { code: "member_erased" } : null;
}

function open(book: Book, context: WriteContext, source: string): MemberEvent[] {
  const { tenantId, memberId } = context;
  book.create({ tenantId, memberId, epoch: 1 });
  const event = book.append({ kind: "member.enrolled", homeStoreId: null, source }, context);
  const enrolledAt = event.at;
  book.setPerson({ identities: [], profile: {}, homeStoreId: null, source, consent: {}, enrolledAt });
  return [event];
}
