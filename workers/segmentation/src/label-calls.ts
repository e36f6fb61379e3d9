// Calls members' objects with what they are to carry: a fresh stub for each, a bounded number at a time, each under its own key.
import type { MemberInsights } from "@regulars/contracts/acts-life";
import { jurisdictionOf, tenantPath, type TenantRecord, versionInForce } from "@regulars/contracts/directory";
import type { RelayedEvent } from "@regulars/contracts/events";
import type { RefusalCode } from "@regulars/contracts/refusals";
import type { MemberLedgerRpc, PointLedgerRpc, WriteContext } from "@regulars/contracts/rpc";
import { ledgerName } from "@regulars/domain/naming";
import type { Scene } from "./scene.ts";

/** Calls at one time: a thousand members in a second or two, few enough to leave objects to their checkouts. */
const CALLS_MAX = 32;

/** What a member is to carry, frozen with its number: one key has one body for ever. */
export interface LabelPush {
  readonly memberId: string;
  readonly wanted: number;
  readonly tags: readonly string[];
  readonly segments: readonly string[];
  readonly facts: MemberInsights | null;
}

/** `told`: it was answered for good. `anew`: it must be asked under another number. */
export interface PushOutcome {
  readonly memberId: string;
  readonly wanted: number;
  readonly told: boolean;
  readonly anew: boolean;
  readonly error: string | null;
}

/** Asks each object once and hands its events to the relay. What fails is an outcome; the next run asks again. */
export async function tellMembers(env: Env, scene: Scene, pushes: readonly LabelPush[]): Promise<PushOutcome[]> {
  const tenant = await env.DIRECTORY.get<TenantRecord>(tenantPath(scene.tenantId), "json");
  const outcomes: PushOutcome[] = [];
  const events: RelayedEvent[] = [];
  const rest = pushes.values();
  const caller = async () => {
    for (const push of rest) outcomes.push(await tellMember(env, { scene, tenant, push, events }));
  };
  await Promise.all(Array.from({ length: Math.min(CALLS_MAX, pushes.length) }, caller));
  await relay(env, events);
  return outcomes;
}

interface Telling {
  readonly scene: Scene;
  readonly tenant: TenantRecord | null;
  readonly push: LabelPush;
  readonly events: RelayedEvent[];
}

async function tellMember(env: Env, { scene, tenant, push, events }: Telling): Promise<PushOutcome> {
  const { memberId, wanted, tags, segments, facts } = push;
  try {
    const ask = { version: wanted, tags, segments, insights: facts };
    const context = contextOf(scene, tenant, push);
    const reply = await ledgerOf(env, scene.tenantId, memberId).act(context, "labels.sync", ask);
    events.push(...reply.events);
    if (reply.ok) {
      const { leftOut } = reply.value;
      const missing = [...leftOut.tags, ...leftOut.segments];
      const error = missing.length === 0 ? null : `no room for ${missing.join(", ")}`;
      return { memberId, wanted, told: true, anew: false, error };
    }
    const told = GONE.includes(reply.refusal.code);
    return { memberId, wanted, told, anew: !told, error: reply.refusal.code };
  } catch (error) {
    return { memberId, wanted, told: false, anew: false, error: String(error).slice(0, ERROR_LENGTH_MAX) };
  }
}

/** Nobody is there any more who could carry a label. */
const GONE: readonly RefusalCode[] = ["member_not_found", "member_erased", "member_merged"];
const ERROR_LENGTH_MAX = 500;

// Labels change now, whatever day the figures are of: a test clock of the run must not move members who live in real time.
function contextOf({ tenantId, timeZone }: Scene, tenant: TenantRecord | null, push: LabelPush): WriteContext {
  const now = Date.now();
  const { memberId, wanted, ...body } = push;
  const programVersion = versionInForce(tenant?.programs ?? [], now);
  const of = { tenantId, memberId, now, testTime: false, timeZone, programVersion };
  return { ...of, key: `segmentation/${wanted}`, requestHash: JSON.stringify([body.tags, body.segments, body.facts]) };
}

function ledgerOf(env: Env, tenantId: string, memberId: string): Pick<MemberLedgerRpc, "act"> {
  // The binding names the class MemberLedger of point-ledger, which implements the interface.
  const bound = env.MEMBER_LEDGER as unknown as DurableObjectNamespace<MemberLedgerRpc & Rpc.DurableObjectBranded>;
  const jurisdiction = jurisdictionOf(tenantId);
  const namespace = jurisdiction === null ? bound : bound.jurisdiction(jurisdiction);
  // The types of stubs forget that the answer depends on the name; the object implements this very interface.
  return namespace.get(namespace.idFromName(ledgerName(tenantId, memberId))) as Pick<MemberLedgerRpc, "act">;
}

async function relay(env: Env, events: readonly RelayedEvent[]): Promise<void> {
  if (events.length === 0) return;
  // The binding names the entrypoint PointLedger, which implements this interface.
  const pointLedger = env.POINT_LEDGER as unknown as PointLedgerRpc;
  try {
    await pointLedger.relay(events);
  } catch (error) {
    console.warn(JSON.stringify({ message: "relay failed; the objects publish again", error: String(error) }));
  }
}
