// Keeps messages that could not be projected in PostgreSQL, raises an alert for each, and sends them again on request.
import type { EventMessage, MemberEvent } from "@regulars/contracts/events";
import { alerts, deadLetters, PLATFORM_TENANT } from "@regulars/schema/alerts";
import { openDatabase, withTenant } from "@regulars/schema/connection";
import { and, asc, inArray, isNull, sql } from "drizzle-orm";
import { ledgerOf, plainContext } from "./ledger-object.ts";
import { readMessage } from "./message.ts";
import { retryDelaySeconds } from "./retry-delay.ts";

/** Letters of one redrive: each is one send and at most a few calls of objects. */
const REDRIVE_MAX = 100;

/** Consumes member-events-dead. */
export async function keepDeadLetters(batch: MessageBatch, env: Env): Promise<void> {
  const database = openDatabase({ databaseUrl: env.DATABASE_URL, fetchEndpoint: env.NEON_FETCH_ENDPOINT });
  const letters = batch.messages.map(letterOf);
  const raised = letters.map(({ messageId, reason, tenantIds, events }) => ({
    tenantId: PLATFORM_TENANT,
    alertId: `dead_letter:${messageId}`,
    kind: "dead_letter",
    facts: { messageId, reason, tenantIds, events },
    raisedAt: new Date(),
  }));
  try {
    await withTenant(database, PLATFORM_TENANT, [
      database
        .insert(deadLetters)
        .values(letters.map(({ tenantIds: _tenantIds, events: _events, ...letter }) => letter))
        .onConflictDoNothing(),
      database.insert(alerts).values(raised).onConflictDoNothing(),
    ]);
    batch.ackAll();
  } catch (error) {
    console.error(JSON.stringify({ alert: "dead_letters_not_kept", letters: letters.length, error: String(error) }));
    for (const message of batch.messages) message.retry({ delaySeconds: retryDelaySeconds(message.attempts) });
  }
}

/** Sends the oldest waiting letters again. Returns how many. */
export async function redriveDeadLetters(env: Env, limit: number): Promise<number> {
  const database = openDatabase({ databaseUrl: env.DATABASE_URL, fetchEndpoint: env.NEON_FETCH_ENDPOINT });
  const [waiting] = await withTenant(database, PLATFORM_TENANT, [
    database
      .select({ messageId: deadLetters.messageId, body: deadLetters.body })
      .from(deadLetters)
      .where(isNull(deadLetters.redrivenAt))
      .orderBy(asc(deadLetters.receivedAt), asc(deadLetters.messageId))
      .limit(Math.min(limit, REDRIVE_MAX)),
  ]);
  const sent: string[] = [];
  try {
    for (const { messageId, body } of waiting) {
      await sendAgain(env, body);
      sent.push(messageId);
    }
  } finally {
    // Also of a redrive that fails half way. A letter that is sent twice is stored once.
    if (sent.length > 0) {
      await withTenant(database, PLATFORM_TENANT, [
        database
          .update(deadLetters)
          .set({ redrivenAt: sql`now()` })
          .where(and(inArray(deadLetters.messageId, sent), isNull(deadLetters.redrivenAt))),
      ]);
    }
  }
  return sent.length;
}

function letterOf({ id, body, attempts }: Message) {
  const content = readMessage(body);
  const unreadable = typeof content === "string";
  return {
    tenantId: PLATFORM_TENANT,
    messageId: id,
    attempts,
    reason: unreadable ? content : refusalIn(body),
    body: unreadable ? textOf(body) : textOf({ version: 1, events: content.events.map(withoutPerson) }),
    tenantIds: unreadable ? [] : [...new Set(content.events.map(({ tenantId }) => tenantId))],
    events: unreadable ? 0 : content.events.length,
  };
}

/** The SQLSTATE that project.ts added when it set the message aside; other messages ran out of retries. */
function refusalIn(body: unknown): string {
  const isRefused = typeof body === "object" && body !== null && "refusedFor" in body;
  return isRefused && typeof body.refusedFor === "string" ? `refused_${body.refusedFor}` : "not_stored";
}

// What was left out of a letter, the person's document, comes from the object: it publishes those events again itself.
async function sendAgain(env: Env, body: string): Promise<void> {
  const content = readMessage(parsed(body));
  if (typeof content === "string") {
    const unreadable = parsed(body);
    const contentType = unreadable instanceof ArrayBuffer ? "bytes" : "json";
    await env.MEMBER_EVENTS.send(unreadable, { contentType });
    return;
  }
  const aboutPersons = content.events.filter(isAboutPerson);
  const others = content.events.filter((event) => !isAboutPerson(event));
  if (others.length > 0) {
    await env.MEMBER_EVENTS.send({ version: 1, events: others } satisfies EventMessage, { contentType: "json" });
  }
  for (const { tenantId, memberId, sequence } of aboutPersons) {
    await ledgerOf(env, tenantId, memberId).publishFrom(plainContext(tenantId, memberId), sequence);
  }
}

const isAboutPerson = ({ body }: MemberEvent) => body.kind.startsWith("member.");

function withoutPerson({ member: _member, ...event }: MemberEvent): MemberEvent {
  return event;
}

/** JSON with every character that PostgreSQL cannot keep as an escape; `bytes` is base64. */
function textOf(body: unknown): string {
  if (body instanceof ArrayBuffer) return JSON.stringify({ bytes: Buffer.from(body).toString("base64") });
  try {
    return JSON.stringify(body) ?? String(body);
  } catch {
    return JSON.stringify(String(body));
  }
}

function parsed(body: string): unknown {
  try {
    const content: unknown = JSON.parse(body);
    const isBytes = typeof content === "object" && content !== null && "bytes" in content;
    // A copy: a Buffer may be a part of a larger one.
    return isBytes ? Uint8Array.from(Buffer.from(String(content.bytes), "base64")).buffer : content;
  } catch {
    return body;
  }
}
