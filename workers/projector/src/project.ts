// Consumes member-events: stores them by tenant, acknowledges message by message, and sets aside what cannot be stored.
import type { EventMessage, MemberEvent } from "@regulars/contracts/events";
import { openDatabase } from "@regulars/schema/connection";
import { followUpOf } from "./follow-up.ts";
import { storeIsolating, type Stored } from "./isolate.ts";
import { identityOf, readMessage } from "./message.ts";
import { retryDelaySeconds, SET_ASIDE_ATTEMPTS } from "./retry-delay.ts";
import { shadowOf } from "./shadow.ts";
import { storeEvents } from "./store-events.ts";

export async function projectMessages(batch: MessageBatch, env: Env): Promise<void> {
  const readable: { message: Message; content: EventMessage }[] = [];
  for (const message of batch.messages) {
    const content = readMessage(message.body);
    if (typeof content === "string") await setAside(env, message, message.body);
    else readable.push({ message, content });
  }
  const outcome = await storeByTenant(
    env,
    readable.flatMap(({ content }) => content.events),
  );
  await handOver(env, outcome);
  const refused = new Set(outcome.refused.map(({ event }) => identityOf(event)));
  const postponed = new Set(outcome.postponed.map(identityOf));
  for (const { message, content } of readable) {
    const isIn = (events: Set<string>) => (event: MemberEvent) => events.size > 0 && events.has(identityOf(event));
    const bad = content.events.filter(isIn(refused));
    if (content.events.some(isIn(postponed))) message.retry({ delaySeconds: retryDelaySeconds(message.attempts) });
    else if (bad.length > 0)
      await setAside(env, message, { version: 1, events: bad, refusedFor: reasonOf(outcome, bad) });
    else message.ack();
  }
  report(outcome, batch.messages.length);
}

// Confirmations and boards can wait; the next batch cannot. Losing them costs a repetition, no event.
async function handOver(env: Env, outcome: Stored): Promise<void> {
  try {
    await env.SELF.followUp(followUpOf(outcome));
  } catch (error) {
    console.warn(JSON.stringify({ message: "confirmations not handed over", error: String(error) }));
  }
}

async function storeByTenant(env: Env, events: readonly MemberEvent[]): Promise<Stored> {
  const database = openDatabase({ databaseUrl: env.DATABASE_URL, fetchEndpoint: env.NEON_FETCH_ENDPOINT });
  const all: Stored = { fresh: [], repeated: [], refused: [], postponed: [], failure: null };
  let failure: unknown = null;
  for (const [tenantId, group] of groupByTenant(events)) {
    if (failure !== null) {
      all.postponed.push(...group);
      continue;
    }
    const shadow = await shadowOf(env, tenantId);
    const stored = await storeIsolating(group, (part) => storeEvents(database, tenantId, part, shadow));
    all.fresh.push(...stored.fresh);
    all.repeated.push(...stored.repeated);
    all.refused.push(...stored.refused);
    all.postponed.push(...stored.postponed);
    failure = stored.failure;
  }
  return { ...all, failure };
}

/** Each event once, though several messages of a batch may carry it. The copy with the person's document is kept. */
function groupByTenant(events: readonly MemberEvent[]): Map<string, MemberEvent[]> {
  const unique = new Map<string, MemberEvent>();
  for (const event of events) {
    const identity = identityOf(event);
    if (!unique.has(identity) || event.member !== undefined) unique.set(identity, event);
  }
  return Map.groupBy(unique.values(), ({ tenantId }) => tenantId);
}

const reasonOf = ({ refused }: Stored, [first]: readonly MemberEvent[]) =>
  refused.find(({ event }) => first !== undefined && identityOf(event) === identityOf(first))?.reason;

// A few more tries first: a newer Worker may read it. Then it must not hold up anything, nor wait for its last retry.
async function setAside(env: Env, message: Message, content: unknown): Promise<void> {
  try {
    if (message.attempts < SET_ASIDE_ATTEMPTS) return message.retry({ delaySeconds: message.attempts });
    await env.DEAD_EVENTS.send(content, { contentType: content instanceof ArrayBuffer ? "bytes" : "json" });
    message.ack();
  } catch (error) {
    // The queue was full, or the content cannot be sent: its own retries bring it there.
    console.warn(JSON.stringify({ message: "setting aside failed", id: message.id, error: String(error) }));
    message.retry({ delaySeconds: retryDelaySeconds(message.attempts) });
  }
}

function report({ refused, postponed, failure }: Stored, messages: number): void {
  for (const { event, reason } of refused) {
    const { tenantId, memberId, epoch, sequence } = event;
    console.error(JSON.stringify({ alert: "event_refused", tenantId, memberId, epoch, sequence, reason }));
  }
  if (postponed.length === 0) return;
  const facts = { events: postponed.length, messages, error: failure === null ? null : String(failure) };
  console.warn(JSON.stringify({ message: "events postponed", ...facts }));
}
