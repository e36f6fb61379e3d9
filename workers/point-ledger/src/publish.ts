// Sends a member's stored events again, from a sequence on, with the person attached where an event is about the person.
import type { MemberDocument, MemberEvent, RelayedEvent } from "@regulars/contracts/events";
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
    await relay(
      env,
      events.map((event) => relayed(book, event)),
    );
    sent += events.length;
    from = last.sequence;
  }
  return sent;
}

/** An event as it is published: one about the person carries the member as it is now, or null once erased. */
export function relayed(book: Book, event: MemberEvent): RelayedEvent {
  const { tenantId, memberId, at, testTime, body } = event;
  const published = body.kind.startsWith("member.") ? { ...event, member: documentOf(book) } : event;
  const text = JSON.stringify(published);
  if (body.kind === "order.authorized" || body.kind === "order.paid") {
    const { orderId, programVersion } = body.order;
    return { tenantId, memberId, text, claim: { orderId, programVersion, at, testTime } };
  }
  return "released" in body ? { tenantId, memberId, text, released: body.released } : { tenantId, memberId, text };
}

/** The member without the hashes, which nobody outside needs. */
export function documentOf({ person }: Book): MemberDocument | null {
  if (person === null) return null;
  return { ...person, identities: person.identities.map(({ type, value }) => ({ type, value })) };
}
