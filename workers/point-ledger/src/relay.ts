// Carries events out of the objects: claims the ids of new orders, lets go of given-up identities, and fills the queue.
import { brotliCompressSync, constants, gzipSync } from "node:zlib";
import { EVENTS_PER_MESSAGE_MAX, MESSAGE_BYTES_MAX, type RelayedEvent } from "@regulars/contracts/events";
import type { CallContext } from "@regulars/contracts/rpc";
import { claimHash, tenantKeyOf } from "@regulars/domain/naming";
import { indexOf, ledgerOf, shardsOf } from "./objects.ts";

/** A sendBatch may have 256 KB; a message of full size that does not shrink fits twice. */
const MESSAGES_PER_BATCH_MAX = 2;

/**
 * Relays events of any members. Order ids are claimed before the queue gets the events, so an event that PostgreSQL
 * confirms has had its claim; an order that another member claimed first is undone in its object.
 */
export async function relay(env: Env, events: readonly RelayedEvent[]): Promise<void> {
  await Promise.all([claimOrders(env, events), releaseIdentities(env, events)]);
  const messages = messagesOf(events).map((text) => ({ body: packed(text), contentType: "bytes" as const }));
  for (let from = 0; from < messages.length; from += MESSAGES_PER_BATCH_MAX) {
    await env.MEMBER_EVENTS.sendBatch(messages.slice(from, from + MESSAGES_PER_BATCH_MAX));
  }
}

/** Events as texts of messages, of bounded count and size, in order. */
export function messagesOf(events: readonly RelayedEvent[]): string[] {
  const messages: { texts: string[]; bytes: number }[] = [];
  for (const { text } of events) {
    const bytes = Buffer.byteLength(text);
    let last = messages.at(-1);
    const full = last === undefined || last.texts.length >= EVENTS_PER_MESSAGE_MAX;
    if (last === undefined || full || last.bytes + bytes > MESSAGE_BYTES_MAX) {
      messages.push((last = { texts: [], bytes: 0 }));
    }
    last.texts.push(text);
    last.bytes += bytes;
  }
  return messages.map(({ texts }) => `{"version":1,"events":[${texts.join(",")}]}`);
}

// Events repeat their field names and figures: the fastest level already leaves a tenth.
const FAST = { level: 1 };
/** A Queue message may have 128 KB, with what goes round it. */
const PACKED_BYTES_MAX = 120_000;
// A refund of 200 lines and 30 vouchers is 1 MB that repeats itself farther apart than gzip looks: 5 ms leave 75 KB of it.
const DENSE = { params: { [constants.BROTLI_PARAM_QUALITY]: 5, [constants.BROTLI_PARAM_LGWIN]: 22 } };

/** A message as it travels: gzipped, or what gzip leaves too large, by Brotli. */
export function packed(text: string): Buffer {
  const fast = gzipSync(text, FAST);
  return fast.byteLength <= PACKED_BYTES_MAX ? fast : brotliCompressSync(text, DENSE);
}

type Claiming = RelayedEvent & { readonly claim: NonNullable<RelayedEvent["claim"]> };

async function claimOrders(env: Env, events: readonly RelayedEvent[]): Promise<void> {
  const wishes = events
    .filter((event): event is Claiming => event.claim !== undefined)
    .map((event) => ({
      ...event,
      hash: claimHash(tenantKeyOf(env.MASTER_KEY, event.tenantId), "order", event.claim.orderId),
    }));
  await Promise.all(
    shardsOf(wishes, (wish) => wish).map(async ({ tenantId, shard, items }) => {
      const claims = items.map(({ hash, memberId }) => ({ hash, memberId }));
      const results = await indexOf(env, tenantId, shard).claim(claims);
      const lost = items.filter((wish, place) => results[place]?.memberId !== wish.memberId);
      await Promise.all(lost.map((wish) => undo(env, wish)));
    }),
  );
}

async function undo(env: Env, { tenantId, memberId, claim }: Claiming): Promise<void> {
  const { orderId, programVersion, at, testTime } = claim;
  const timeZone = "UTC"; // A full reversal looks at no calendar: an empty basket earns nothing in any zone.
  const context: CallContext = { tenantId, memberId, now: at, testTime, timeZone, programVersion };
  const undone = await ledgerOf(env, tenantId, memberId).undoOrder(context, orderId);
  console.warn(JSON.stringify({ alert: "order_id_conflict", tenantId, memberId, orderId, undone: undone.ok }));
  if (undone.events.length > 0) await relay(env, undone.events);
}

async function releaseIdentities(env: Env, events: readonly RelayedEvent[]): Promise<void> {
  const given = events.flatMap(({ tenantId, memberId, released = [] }) =>
    released.map((hash) => ({ tenantId, memberId, hash })),
  );
  await Promise.all(
    shardsOf(given, (one) => one).flatMap(({ tenantId, shard, items }) =>
      [...Map.groupBy(items, ({ memberId }) => memberId)].map(async ([memberId, ofMember]) => {
        const hashes = ofMember.map(({ hash }) => hash);
        const free = await freeOf(env, tenantId, memberId, hashes);
        if (free.length > 0) await indexOf(env, tenantId, shard).release(memberId, free);
      }),
    ),
  );
}

// An event may be relayed again long after the member has taken back what it gave up in it.
async function freeOf(env: Env, tenantId: string, memberId: string, hashes: readonly string[]): Promise<string[]> {
  const context: CallContext = { tenantId, memberId, now: 0, testTime: false, timeZone: "UTC", programVersion: null };
  const ledger = ledgerOf(env, tenantId, memberId);
  const settled = await Promise.all(hashes.map((hash) => ledger.settleClaim(context, hash)));
  return hashes.filter((_, place) => settled[place] === "free");
}
