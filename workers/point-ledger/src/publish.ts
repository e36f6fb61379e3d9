// Sends a member's stored events again, from a sequence on, with the person attached where an event is about the person.
import type { MemberDocument, MemberEvent } from "@regulars/contracts/events";
import type { Book } from "./book.ts";
import { relay } from "./relay.ts";

// One alarm sends at most this many pages; what is left is sent by the next.
const PAGE = 500;
const PAGES_MAX = 40;

/** Publishes every event after `sequence`. Returns how many. */
export async function publishFrom(env: Env, book: Book, sequence: number): Promise<number> {
  let sent = 0;
  for (let page = 0, from = sequence; page < PAGES_MAX; page += 1) {
    const events = book.exists ? book.store.eventsAfter(from, PAGE) : [];
    const last = events.at(-1);
    if (last === undefined) break;
    await relay(env, withPerson(book, events));
    sent += events.length;
    from = last.sequence;
  }
  return sent;
}

/** The events as they are published: those about the person carry the member as it is now, or null once erased. */
export function withPerson(book: Book, events: readonly MemberEvent[]): MemberEvent[] {
  return events.map((event) =>
    event.body.kind.startsWith("member.") ? { ...event, member: documentOf(book) } : event,
  );
}

/** The member without the hashes, which nobody outside needs. */
export function documentOf({ person }: Book): MemberDocument | null {
  if (person === null) return null;
  return { ...person, identities: person.identities.map(({ type, value }) => ({ type, value })) };
}
