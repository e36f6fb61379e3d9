// Sends what runs have written down of segments and members to the queue insight-events.
import {
  INSIGHT_EVENTS_PER_MESSAGE_MAX,
  type InsightEvent,
  type InsightEventBody,
  type InsightMessage,
} from "@regulars/contracts/insight-events";
import { type Database, withTenant } from "@regulars/schema/connection";
import { sql } from "drizzle-orm";
import { databaseOf, type Scene } from "./scene.ts";

/** Messages sent at once: five are about 150 KB of the 256 that one call to a queue may have. */
const MESSAGES_PER_SEND = 5;
/** Calls that are made at once for the events of one read: a queue keeps no order between messages anyway. */
const SENDS_PER_READ = 5;
const EVENTS_PER_READ = SENDS_PER_READ * MESSAGES_PER_SEND * INSIGHT_EVENTS_PER_MESSAGE_MAX;

/**
 * Sends what waits, oldest first, until `until` (Unix ms). Killed between the queue's answer and the mark, it sends the same
 * events again under the same ids. True when nothing is left.
 */
export async function sendInsightEvents(env: Env, scene: Scene, until: number): Promise<boolean> {
  const database = databaseOf(env);
  while (Date.now() < until) {
    const events = await waitingEvents(database, scene);
    if (events.length === 0) return true;
    const messages = messagesOf(events).map((body) => ({ body }));
    const sends = Array.from({ length: Math.ceil(messages.length / MESSAGES_PER_SEND) }, (_, index) =>
      env.INSIGHT_EVENTS.sendBatch(messages.slice(index * MESSAGES_PER_SEND, (index + 1) * MESSAGES_PER_SEND)),
    );
    await Promise.all(sends);
    await markSent(database, scene, events);
    if (events.length < EVENTS_PER_READ) return true;
  }
  return false;
}

/** Events in the order in which they came, packed into messages. */
function messagesOf(events: readonly InsightEvent[]): InsightMessage[] {
  const messages: InsightMessage[] = [];
  for (let from = 0; from < events.length; from += INSIGHT_EVENTS_PER_MESSAGE_MAX) {
    messages.push({ version: 1, events: events.slice(from, from + INSIGHT_EVENTS_PER_MESSAGE_MAX) });
  }
  return messages;
}

async function waitingEvents(database: Database, { tenantId }: Scene): Promise<InsightEvent[]> {
  interface Row extends Record<string, unknown> {
    readonly event_id: string;
    readonly kind: InsightEventBody["kind"];
    readonly member_id: string;
    readonly facts: InsightEventBody["facts"];
    readonly at: number;
  }
  const page = database.execute<Row>(sql`
    select event_id, kind, member_id, facts, (extract(epoch from at) * 1000)::float8 as at from insight_events
    where tenant_id = ${tenantId} and sent_at is null order by insight_events.at, event_id limit ${EVENTS_PER_READ}`);
  const [{ rows }] = await withTenant(database, tenantId, [page]);
  return rows.map(({ event_id: eventId, member_id: memberId, kind, facts, at }) => {
    // Kind and facts were written together, from a value of this very type.
    const body = { kind, facts } as InsightEventBody;
    return { ...body, eventId, tenantId, memberId, at: new Date(at).toISOString() };
  });
}

async function markSent(database: Database, { tenantId, now }: Scene, events: readonly InsightEvent[]): Promise<void> {
  const ids = JSON.stringify(events.map(({ eventId }) => eventId));
  const mark = database.execute(sql`
    update insight_events set sent_at = ${new Date(now).toISOString()}::timestamptz
    where tenant_id = ${tenantId} and event_id in (select jsonb_array_elements_text(${ids}::jsonb))`);
  await withTenant(database, tenantId, [mark]);
}
