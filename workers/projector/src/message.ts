// Reads a queue message: the events in it, or the code of why it cannot be read.
import { brotliDecompressSync, gunzipSync } from "node:zlib";
import type { EventMessage, MemberEvent } from "@regulars/contracts/events";

/** Many times what a relay packs: whatever unpacks to more is not ours. */
const UNPACKED_BYTES_MAX = 10_000_000;

/** How every gzipped message begins; with a window of 4 MB no other does. */
const GZIP = [0x1f, 0x8b];

/** `unknown_version` may become readable when this Worker is updated; the others never do. */
export type Unreadable = "not_compressed" | "not_an_object" | "unknown_version" | "invalid_events";

/** What every later step relies on; the body itself is checked by the statement that stores it. */
export function readMessage(sent: unknown): EventMessage | Unreadable {
  const body = sent instanceof ArrayBuffer ? unpacked(sent) : sent;
  if (body === undefined && sent !== undefined) return "not_compressed";
  if (!isRecord(body)) return "not_an_object";
  if (body["version"] !== 1) return "unknown_version";
  const { events } = body;
  if (!Array.isArray(events) || !events.every(isEvent)) return "invalid_events";
  return { version: 1, events };
}

// Events come gzipped, the largest by Brotli; what was set aside, and what is sent again from there, is plain JSON.
function unpacked(bytes: ArrayBuffer): unknown {
  try {
    const [first, second] = new Uint8Array(bytes);
    const unpack = first === GZIP[0] && second === GZIP[1] ? gunzipSync : brotliDecompressSync;
    return JSON.parse(unpack(bytes, { maxOutputLength: UNPACKED_BYTES_MAX }).toString());
  } catch {
    return undefined;
  }
}

/** An event's identity, as one text. */
export function identityOf({ tenantId, memberId, epoch, sequence }: EventIdentity): string {
  return `${tenantId}:${memberId}:${epoch}:${sequence}`;
}

export type EventIdentity = Pick<MemberEvent, "tenantId" | "memberId" | "epoch" | "sequence">;

function isEvent(event: unknown): event is MemberEvent {
  if (!isRecord(event)) return false;
  const { tenantId, memberId, epoch, sequence, at, testTime, key, body } = event;
  return (
    isId(tenantId) &&
    isId(memberId) &&
    isCount(epoch) &&
    isCount(sequence) &&
    Number.isSafeInteger(at) &&
    typeof testTime === "boolean" &&
    (key === null || typeof key === "string") &&
    isRecord(body) &&
    typeof body["kind"] === "string"
  );
}

// Ids of tenants and members begin with a letter or a digit; others are the platform's own.
const isId = (value: unknown) => typeof value === "string" && /^[A-Za-z0-9]/.test(value);

const isCount = (value: unknown) => Number.isSafeInteger(value) && Number(value) > 0;

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
