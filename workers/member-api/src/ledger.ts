// Calls into the members' objects: one hop, a fresh stub for each attempt, and the written events handed to the relay.
import { jurisdictionOf, versionInForce } from "@regulars/contracts/directory";
import type { RelayedEvent } from "@regulars/contracts/events";
import type { CallContext, MemberLedgerRpc, PointLedgerRpc, Reply, WriteContext } from "@regulars/contracts/rpc";
import { ledgerName } from "@regulars/domain/naming";
import type { Session } from "./session.ts";

/** An object that moved or restarted answers the next attempt; more would only add to an outage. */
const ATTEMPTS_MAX = 3;
const RETRY_WAIT_MS = 20;
/** Events of many members travel together: one queue operation instead of one each. */
const RELAY_WAIT_MS = 100;
const RELAY_OVERDUE_MS = 1_000;
/** Beyond this the buffer is sent at once. */
const RELAY_EVENTS_MAX = 500;

type LedgerStub = DurableObjectStub<MemberLedgerRpc & Rpc.DurableObjectBranded>;

/** What every call to a member's object carries. `placedAt` chooses the version of the program; now by default. */
export function callContext(
  { key, tenant, now, testTime }: Session,
  memberId: string,
  more: { placedAt?: number; identityHash?: string } = {},
): CallContext {
  const { tenantId, timeZone, programs } = tenant;
  const programVersion = versionInForce(programs, more.placedAt ?? now);
  const currentVersion = versionInForce(programs, now);
  const { identityHash } = more;
  const of = { tenantId, memberId, now, testTime, timeZone, programVersion, currentVersion };
  const bound = key.storeIds !== null && { storeIds: key.storeIds };
  return { ...of, ...bound, ...(identityHash && { identityHash }) };
}

/** The same with the key of a write. */
export function writeContext(context: CallContext, key: string, requestHash: string): WriteContext {
  return { ...context, key, requestHash };
}

/** One call to a member's object. Events that it wrote are relayed after the answer. */
export async function callLedger<Value>(
  env: Env,
  ctx: Pick<ExecutionContext, "waitUntil">,
  { tenantId, memberId }: CallContext,
  call: (ledger: LedgerStub) => Promise<Reply<Value>>,
): Promise<Reply<Value>> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      const reply = await call(stubOf(env, tenantId, memberId));
      relayLater(env, ctx, reply.events);
      return reply;
    } catch (error) {
      if (attempt >= ATTEMPTS_MAX || !mayRetry(error)) throw error;
      await scheduler.wait(RETRY_WAIT_MS * attempt);
    }
  }
}

/** The stateless entrypoint of point-ledger. */
export function pointLedger(env: Env): PointLedgerRpc {
  // The binding names the entrypoint PointLedger, which implements this interface.
  return env.POINT_LEDGER as unknown as PointLedgerRpc;
}

let waiting: RelayedEvent[] = [];
let flushDueAt = 0;

/** Puts events into the isolate's buffer; should the isolate die with it, the objects publish again by alarm. */
export function relayLater(env: Env, ctx: Pick<ExecutionContext, "waitUntil">, events: readonly RelayedEvent[]): void {
  if (events.length === 0) return;
  const now = Date.now();
  // A flush that is long overdue went down with the request that was to do it.
  const nobodyFlushes = waiting.length === 0 || now > flushDueAt + RELAY_OVERDUE_MS;
  waiting.push(...events);
  if (waiting.length >= RELAY_EVENTS_MAX) ctx.waitUntil(flush(env));
  else if (nobodyFlushes) {
    flushDueAt = now + RELAY_WAIT_MS;
    ctx.waitUntil(scheduler.wait(RELAY_WAIT_MS).then(() => flush(env)));
  }
}

async function flush(env: Env): Promise<void> {
  const events = waiting;
  waiting = [];
  if (events.length === 0) return;
  try {
    await pointLedger(env).relay(events);
  } catch (error) {
    console.warn(JSON.stringify({ message: "relay failed; the objects publish again", error: String(error) }));
  }
}

function stubOf(env: Env, tenantId: string, memberId: string): LedgerStub {
  // The binding names the class MemberLedger of point-ledger, which implements the interface.
  const bound = env.MEMBER_LEDGER as unknown as DurableObjectNamespace<MemberLedgerRpc & Rpc.DurableObjectBranded>;
  const jurisdiction = jurisdictionOf(tenantId);
  const namespace = jurisdiction === null ? bound : bound.jurisdiction(jurisdiction);
  return namespace.get(namespace.idFromName(ledgerName(tenantId, memberId)));
}

// Every call carries its key, so a repeated one has no second effect; an overloaded object must be left alone.
function mayRetry(error: unknown): boolean {
  if (typeof error !== "object" || error === null) return false;
  const { retryable, overloaded } = error as { retryable?: boolean; overloaded?: boolean };
  return retryable === true && overloaded !== true;
}
