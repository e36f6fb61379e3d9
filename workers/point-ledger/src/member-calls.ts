// The person behind the ledger: enrolment, changes, erasure, and whether an identity is theirs.
import type { MemberEvent } from "@regulars/contracts/events";
import type { Member, Profile } from "@regulars/contracts/members";
import type { CallContext, ChangeCommand, EnrolCommand, WriteContext } from "@regulars/contracts/rpc";
import { poolOf } from "@regulars/domain/households";
import { REFERRAL_FACT, type ReferralFact } from "@regulars/domain/referrals";
import type { Book } from "./book.ts";
import { guard, read, refused, write, type Outcome } from "./commands.ts";
import type { Person } from "./store.ts";
import { recordEnrolment, recordProfile } from "./system-events.ts";

export type Erased = { id: string; erasedAt: string; sequence: number };

export function enrol(book: Book, context: WriteContext, wanted: EnrolCommand): Outcome<Member> {
  if (book.exists && book.store.isAbandoned()) return refused({ code: "identity_taken", field: "identities" });
  if (book.state.status !== "unknown") return enrolledBefore(book, context);
  const { tenantId, memberId } = context;
  book.create({ tenantId, memberId, epoch: 1 });
  const { homeStoreId, source, identities, profile, consent } = wanted;
  const body = { kind: "member.enrolled" as const, homeStoreId, source };
  const event = book.append(body, context, { ...context, subject: null });
  book.setPerson({ identities, profile, homeStoreId, source, consent, enrolledAt: event.at });
  const named = wanted.referrerId === undefined ? [] : [nameReferrer(book, context, wanted.referrerId)];
  const events = [event, ...named, ...recordEnrolment(book, context)];
  return { ok: true, value: memberOf(book, context), events };
}

function nameReferrer(book: Book, context: WriteContext, referrerId: string): MemberEvent {
  const facts = { [REFERRAL_FACT]: { referrerId, state: "named" } satisfies ReferralFact };
  const nothing = { transactions: [], lots: [], balances: [] };
  return book.append({ kind: "referral.named", referral: { referrerId }, ...nothing, facts }, context);
}

export function change(book: Book, context: WriteContext, wanted: ChangeCommand): Outcome<Member> {
  const changing = write(book, {
    context,
    decide: (now) => {
      const person = book.person;
      if (person === null) throw new Error("an enrolled member without a person");
      const next = changed(person, wanted);
      const kept = new Set(next.identities.map(({ hash }) => hash));
      const released = person.identities.flatMap(({ hash }) => (kept.has(hash) ? [] : [hash]));
      book.setPerson(next, now);
      return { ok: true, body: { kind: "member.changed", homeStoreId: next.homeStoreId, released } };
    },
    answer: () => memberOf(book, context),
  });
  // A repeated call has written nothing, and finds nothing new to record.
  if (!changing.ok || changing.events.length === 0) return changing;
  const events = [...changing.events, ...recordProfile(book, context)];
  return { ok: true, value: memberOf(book, context), events };
}

/** Removes profile and identities; the ledger stays, pseudonymous. A second call finds it done. */
export function erase(book: Book, context: CallContext): Outcome<Erased> {
  const guarded = guard(book, context);
  if (guarded !== null) return refused(guarded);
  // The pool of a household is nobody's person: without it its members could never leave.
  if (poolOf(book.state) !== null) return refused({ code: "member_not_found", field: "id" });
  const { memberId } = context;
  const key = "erased";
  const done = book.store.eventByKey(key);
  if (done !== null) return { ok: true, value: erasedAt(memberId, done.event), events: [] };
  const events = book.settle(context);
  const released = book.person?.identities.map(({ hash }) => hash) ?? [];
  book.setPerson(null);
  const event = book.append({ kind: "member.erased", released }, context, { key, requestHash: null, subject: null });
  return { ok: true, value: erasedAt(memberId, event), events: [...events, event] };
}

export function member(book: Book, context: CallContext): Outcome<Member> {
  return read(book, context, () => memberOf(book, context));
}

/** Whether the member holds an identity; one that was never enrolled can never enrol after a "free". */
export function settleClaim(book: Book, context: CallContext, identityHash: string): "held" | "free" {
  if (book.state.status === "unknown") {
    book.create({ tenantId: context.tenantId, memberId: context.memberId, epoch: 1 });
    book.store.setAbandoned();
    return "free";
  }
  return book.person?.identities.some(({ hash }) => hash === identityHash) ? "held" : "free";
}

function enrolledBefore(book: Book, context: WriteContext): Outcome<Member> {
  const known = book.store.eventByKey(context.key);
  if (known?.requestHash !== context.requestHash) {
    return refused({ code: "idempotency_key_reused", field: "Idempotency-Key" });
  }
  // The event keeps no personal data: a repeated enrolment is answered with the member as it is now.
  return member(book, context);
}

function memberOf(book: Book, { memberId }: CallContext): Member {
  if (book.person === null) throw new Error("an enrolled member without a person");
  const { identities, profile, homeStoreId, source, consent, enrolledAt } = book.person;
  return {
    id: memberId,
    identities: identities.map(({ type, value }) => ({ type, value })),
    profile,
    homeStoreId,
    source,
    consent,
    enrolledAt: new Date(enrolledAt).toISOString(),
    sequence: book.state.sequence,
  };
}

function changed(person: Person, { identities, profile, homeStoreId, consent }: ChangeCommand): Person {
  const merged = Object.entries({ ...person.profile, ...profile }).filter(([, value]) => value !== null);
  return {
    ...person,
    identities: identities ?? person.identities,
    // The shape was checked at the edge field by field; null removes a field.
    profile: Object.fromEntries(merged) as Profile,
    homeStoreId: homeStoreId ?? person.homeStoreId,
    consent: { ...person.consent, ...consent },
  };
}

const erasedAt = (id: string, event: { at: number; sequence: number }): Erased => ({
  id,
  erasedAt: new Date(event.at).toISOString(),
  sequence: event.sequence,
});
