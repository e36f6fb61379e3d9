// How every write of a member's object runs: guard, remembered answer, settle, decide, append. Synchronous throughout.
import type { EventBody, MemberEvent } from "@regulars/contracts/events";
import type { Refusal } from "@regulars/contracts/refusals";
import type { CallContext, WriteContext } from "@regulars/contracts/rpc";
import { NOTHING_PREPARED, type Prepared } from "@regulars/domain/moment";
import { mergedInto } from "@regulars/domain/merging";
import { settlePending } from "@regulars/domain/needs";
import type { Decision } from "@regulars/domain/refuse";
import type { MemberState } from "@regulars/domain/state";
import type { Book } from "./book.ts";
import { giveUpPending } from "./prepare-takes.ts";

/** What a call comes to inside the object: an answer or a refusal, and the events it has written. */
export type Outcome<Value> =
  | { readonly ok: true; readonly value: Value; readonly events: readonly MemberEvent[] }
  | { readonly ok: false; readonly refusal: Refusal; readonly events: readonly MemberEvent[] };

export interface WriteCommand<Value> {
  readonly context: WriteContext;
  /** Null where nothing is to be written, and `unchanged` answers: the key is not remembered then. */
  readonly decide: (now: number) => Decision | null;
  readonly unchanged?: (state: MemberState) => Value;
  readonly answer: (event: MemberEvent) => Value;
  /** What the event is about besides its key. */
  readonly subject?: (body: EventBody) => string | null;
  /** An order that was refused may be sent again with another basket: its refusals are remembered by their own body. */
  readonly refusalsByBody?: boolean;
  /** Of a profile that was merged into another, whose old orders can still come back. */
  readonly evenMerged?: boolean;
  /** What other objects granted for it: what the decision does not use goes back to them. */
  readonly prepared?: Prepared;
}

/** Runs one write: the same key and body get the same answer for ever, another body is refused, nothing is done twice. */
export function write<Value>(book: Book, command: WriteCommand<Value>): Outcome<Value> {
  const { context, decide, answer } = command;
  const guarded = guard(book, context);
  if (guarded !== null) return refused(guarded);
  const refusalKey = command.refusalsByBody ? `${context.key}#${context.requestHash}` : context.key;
  const known = remembered(book, context, refusalKey, answer);
  if (known !== null) return known;
  if (book.state.status === "erased") return refused({ code: "member_erased" });
  const merged = command.evenMerged === true ? null : mergedRefusal(book);
  if (merged !== null) return refused(merged);
  const events = book.settle(context);
  const { prepared = NOTHING_PREPARED } = command;
  const counterOf = (name: string) => book.state.counters.get(name)?.value ?? 0;
  const decided = decide(book.timeOf(context));
  if (decided === null) return { ok: true, value: unchangedOf(command, book.state), events };
  const decision = settlePending(decided, prepared, counterOf);
  if (!decision.ok) {
    giveUpPending(book, prepared.pending ?? []);
    book.store.insertRefusal(refusalKey, context.requestHash, book.timeOf(context), decision.refusal);
    return { ok: false, refusal: decision.refusal, events };
  }
  const subject = command.subject?.(decision.body) ?? null;
  const { key, requestHash } = context;
  const event = book.append(decision.body, context, { key, requestHash, subject });
  return { ok: true, value: answer(event), events: [...events, event] };
}

function unchangedOf<Value>({ unchanged }: WriteCommand<Value>, state: MemberState): Value {
  if (unchanged === undefined) throw new Error("a write that decided nothing and has no answer for it");
  return unchanged(state);
}

/** Runs one read over a member that exists. */
export function read<Value>(
  book: Book,
  context: CallContext,
  look: (now: number) => Value | Refusal,
  { evenMerged = false }: { readonly evenMerged?: boolean } = {},
): Outcome<Value> {
  const guarded = guard(book, context, LOOK_AGE_MS);
  if (guarded !== null) return refused(guarded);
  if (book.state.status === "erased") return refused({ code: "member_erased" });
  const merged = evenMerged ? null : mergedRefusal(book);
  if (merged !== null) return refused(merged);
  const value = look(book.timeOf(context));
  return isRefusal(value) ? refused(value) : { ok: true, value, events: [] };
}

/** Where to turn instead of a profile that was merged into another, or null. */
export function mergedRefusal({ state }: Book): Refusal | null {
  const into = mergedInto(state);
  return into === null ? null : { code: "member_merged", facts: { memberId: into } };
}

/** A look may rely on storage having been touched so lately: what it shows may be as old on its way to the caller. */
const LOOK_AGE_MS = 100;

/** Why this object cannot serve the call at all, or null. Storage is touched unless it was within `ageMs`. */
export function guard(book: Book, { tenantId, memberId, identityHash }: CallContext, ageMs = 0): Refusal | null {
  if (!book.exists || book.state.status === "unknown") return { code: "member_not_found" };
  const owner = book.store.owner();
  if (owner?.tenantId !== tenantId || owner.memberId !== memberId) {
    throw new Error(`object of ${owner?.tenantId}:${owner?.memberId} was called as ${tenantId}:${memberId}`);
  }
  if (identityHash !== undefined && !book.person?.identities.some(({ hash }) => hash === identityHash)) {
    return { code: "member_not_found" };
  }
  // An object that lost its place may not know: touching storage makes the platform say so.
  book.compareWithStorage(ageMs);
  return null;
}

export const refused = (refusal: Refusal) => ({ ok: false as const, refusal, events: [] });

function remembered<Value>(
  book: Book,
  context: WriteContext,
  refusalKey: string,
  answer: (event: MemberEvent) => Value,
): Outcome<Value> | null {
  const known = book.store.eventByKey(context.key);
  if (known !== null) {
    if (known.requestHash !== context.requestHash) return reused();
    return { ok: true, value: answer(known.event), events: [] };
  }
  const before = book.store.refusal(refusalKey);
  if (before === null) return null;
  return before.requestHash === context.requestHash ? refused(before.refusal) : reused();
}

const reused = () => refused({ code: "idempotency_key_reused", field: "Idempotency-Key" });

function isRefusal(value: unknown): value is Refusal {
  return typeof value === "object" && value !== null && "code" in value && !("sequence" in value);
}
