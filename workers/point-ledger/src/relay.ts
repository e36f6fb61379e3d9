// Carries events out of the objects: claims the ids of new orders, lets go of given-up identities, and fills the queue.
import {
  EVENTS_PER_MESSAGE_MAX,
  MESSAGE_BYTES_MAX,
  type EventMessage,
  type MemberEvent,
} from "@regulars/contracts/events";
import type { CallContext, ClaimWish } from "@regulars/contracts/rpc";
import { claimHash, tenantKeyOf } from "@regulars/domain/naming";
import { indexOf, ledgerOf, shardsOf } from "./objects.ts";

/** A sendBatch may have 100 messages and 256 KB. */
const BATCH_BYTES_MAX = 240_000;
const BATCH_MESSAGES_MAX = 100;

/**
 * Relays events of any members. Order ids are claimed before the queue gets the events, so an event that PostgreSQL
 * confirms has had its claim; an order that another member claimed first is undone in its object.
 */
export async function relay(env: Env, events: readonly MemberEvent[]): Promise<void> {
  await Promise.all([claimOrders(env, events), releaseIdentities(env, events)]);
  for (const batch of batchesOf(messagesOf(events))) await env.MEMBER_EVENTS.sendBatch(batch);
}

/** Events as messages of bounded count and size, in order. */
export function messagesOf(events: readonly MemberEvent[]): { message: EventMessage; bytes: number }[] {
  const messages: { message: { version: 1; events: MemberEvent[] }; bytes: number }[] = [];
  for (const event of events) {
    const bytes = byteLength(JSON.stringify(event));
    let last = messages.at(-1);
    const full = last === undefined || last.message.events.length >= EVENTS_PER_MESSAGE_MAX;
    if (last === undefined || full || last.bytes + bytes > MESSAGE_BYTES_MAX) {
      last = { message: { version: 1, events: [] }, bytes: 0 };
      messages.push(last);
    }
    last.message.events.push(event);
    last.bytes += bytes;
  }
  return messages;
}

function batchesOf(messages: ReturnType<typeof messagesOf>): MessageSendRequest<EventMessage>[][] {
  const batches: { body: EventMessage; contentType: "json" }[][] = [];
  let bytes = Infinity;
  for (const { message, bytes: size } of messages) {
    let last = batches.at(-1);
    if (last === undefined || bytes + size > BATCH_BYTES_MAX || last.length >= BATCH_MESSAGES_MAX) {
      batches.push((last = []));
      bytes = 0;
    }
    last.push({ body: message, contentType: "json" });
    bytes += size;
  }
  return batches;
}

async function claimOrders(env: Env, events: readonly MemberEvent[]): Promise<void> {
  const wishes = new Map<string, ClaimWish & { event: MemberEvent; orderId: string }>();
  for (const event of events) {
    const { body, tenantId, memberId } = event;
    if (body.kind !== "order.authorized" && body.kind !== "order.paid") continue;
    const { orderId } = body.order;
    const hash = claimHash(tenantKeyOf(env.MASTER_KEY, tenantId), "order", orderId);
    wishes.set(`${memberId}:${hash}`, { hash, memberId, event, orderId });
  }
  const byShard = shardsOf([...wishes.values()], ({ event, hash }) => ({ tenantId: event.tenantId, hash }));
  await Promise.all(
    byShard.map(async ({ tenantId, shard, items }) => {
      const claims = items.map(({ hash, memberId }) => ({ hash, memberId }));
      const results = await indexOf(env, tenantId, shard).claim(claims);
      const lost = items.filter((wish, place) => results[place]?.memberId !== wish.memberId);
      await Promise.all(lost.map(({ event, orderId }) => undo(env, event, orderId)));
    }),
  );
}

async function undo(env: Env, { tenantId, memberId, at, testTime, body }: MemberEvent, orderId: string): Promise<void> {
  const programVersion = "order" in body ? body.order.programVersion : null;
  const timeZone = "UTC"; // A full reversal looks at no calendar: an empty basket earns nothing in any zone.
  const context: CallContext = { tenantId, memberId, now: at, testTime, timeZone, programVersion };
  const undone = await ledgerOf(env, tenantId, memberId).undoOrder(context, orderId);
  console.warn(JSON.stringify({ alert: "order_id_conflict", tenantId, memberId, orderId, undone: undone.ok }));
  if (undone.events.length > 0) await relay(env, undone.events);
}

async function releaseIdentities(env: Env, events: readonly MemberEvent[]): Promise<void> {
  const released = events.flatMap((event) =>
    "released" in event.body ? event.body.released.map((hash) => ({ event, hash })) : [],
  );
  const byShard = shardsOf(released, ({ event, hash }) => ({ tenantId: event.tenantId, hash }));
  await Promise.all(
    byShard.flatMap(({ tenantId, shard, items }) => {
      const members = new Set(items.map(({ event }) => event.memberId));
      return [...members].map((memberId) => {
        const hashes = items.flatMap(({ event, hash }) => (event.memberId === memberId ? [hash] : []));
        return indexOf(env, tenantId, shard).release(memberId, hashes);
      });
    }),
  );
}

const encoder = new TextEncoder();
const byteLength = (text: string) => encoder.encode(text).byteLength;
