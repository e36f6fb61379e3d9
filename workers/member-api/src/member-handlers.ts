// Handlers of the operations about a person: enrol, look up, read, change, erase.
import { changeMember, createMember, lookupQuery } from "@regulars/contracts/members";
import type { Refusal } from "@regulars/contracts/refusals";
import type { CallContext, HashedIdentity } from "@regulars/contracts/rpc";
import { claimHash, isMemberIdOf, memberIdFrom } from "@regulars/domain/naming";
import { readJson, readQuery } from "@regulars/edge/body";
import { readIdempotencyKey, requestHash } from "@regulars/edge/idempotency";
import { problemResponse } from "@regulars/edge/problem";
import { isRefusal, refuseCall, replyResponse, type Call, type Handler } from "./call.ts";
import { normalizeIdentities } from "./identities.ts";
import { callContext, callLedger, pointLedger, relayLater, writeContext } from "./ledger.ts";
import { findMember, forgetMember, identityOf } from "./resolve.ts";
import { refuseStore } from "./session.ts";

export const memberHandlers = {
  createMember: async (call: Call) => {
    const { env, ctx, request, session, context } = call;
    const keyed = readIdempotencyKey(request.headers);
    if (!keyed.ok) return refuseCall(call, keyed.refusal);
    const body = await readJson(request, createMember);
    if (!body.ok) return problemResponse(body.refusals, context);
    const { homeStoreId, source, profile = {}, consent = {}, referralCode } = body.value;
    const refusedStore = homeStoreId === undefined ? null : refuseStore(session, homeStoreId, "homeStoreId");
    if (refusedStore !== null) return refuseCall(call, refusedStore);
    const identities = normalizeIdentities(session, body.value.identities);
    if (isRefusal(identities)) return refuseCall(call, identities);
    const referrer = referralCode === undefined ? null : await findReferrer(call, referralCode);
    if (isRefusal(referrer)) return refuseCall(call, referrer);
    const known = { identities, profile, homeStoreId: homeStoreId ?? null, source: source ?? null, consent };
    const wanted = referrer === null ? known : { ...known, referrerId: referrer };
    // The key makes the id, so a retry finds the member that its first attempt made.
    const at = callContext(session, memberIdFrom(session.tenantKey, `key:${keyed.key}`));
    const write = writeContext(at, `k/${keyed.key}`, requestHash("createMember", wanted));
    const hint = homeStoreId === undefined ? null : (session.tenant.stores[homeStoreId]?.locationHint ?? null);
    const reply = await pointLedger(env).enrol(write, wanted, hint ?? undefined);
    relayLater(env, ctx, reply.events);
    return replyResponse(call, reply);
  },

  lookupMember: async (call: Call) => {
    const { env, ctx, request, session, context } = call;
    const query = readQuery(request.url, lookupQuery);
    if (!query.ok) return problemResponse(query.refusals, context);
    const identity = identityOf(session, query.value, "");
    if (isRefusal(identity)) return refuseCall(call, identity);
    if (identity === null) return refuseCall(call, { code: "missing_field", field: "phone" });
    const reply = await byIdentity(call, identity, (at) => callLedger(env, ctx, at, (ledger) => ledger.member(at)));
    return reply === null ? refuseCall(call, { code: "member_not_found" }) : replyResponse(call, reply);
  },

  getMember: async (call: Call) => {
    const at = memberContext(call);
    if (isRefusal(at)) return refuseCall(call, at);
    return replyResponse(call, await callLedger(call.env, call.ctx, at, (ledger) => ledger.member(at)));
  },

  changeMember: async (call: Call) => {
    const { env, ctx, request, session, context } = call;
    const at = memberContext(call);
    if (isRefusal(at)) return refuseCall(call, at);
    const keyed = readIdempotencyKey(request.headers);
    if (!keyed.ok) return refuseCall(call, keyed.refusal);
    const body = await readJson(request, changeMember);
    if (!body.ok) return problemResponse(body.refusals, context);
    const { homeStoreId = null, profile = null, consent = null } = body.value;
    const refusedStore = homeStoreId === null ? null : refuseStore(session, homeStoreId, "homeStoreId");
    if (refusedStore !== null) return refuseCall(call, refusedStore);
    const identities = body.value.identities ? normalizeIdentities(session, body.value.identities) : null;
    if (isRefusal(identities)) return refuseCall(call, identities);
    const wanted = { identities, profile, homeStoreId, consent };
    const write = writeContext(at, `k/${keyed.key}`, requestHash("changeMember", wanted));
    const reply = await pointLedger(env).change(write, wanted);
    relayLater(env, ctx, reply.events);
    return replyResponse(call, reply);
  },

  eraseMember: async (call: Call) => {
    const at = memberContext(call);
    if (isRefusal(at)) return refuseCall(call, at);
    return replyResponse(call, await callLedger(call.env, call.ctx, at, (ledger) => ledger.erase(at)));
  },
} satisfies Record<string, Handler>;

/** The member who refers others by this code, however it was typed. */
async function findReferrer({ env, session }: Call, code: string): Promise<string | Refusal> {
  const hash = claimHash(session.tenantKey, "referral", code.toUpperCase());
  const found = await pointLedger(env).find(session.tenant.tenantId, hash);
  return found ?? { code: "referral_code_unknown", field: "referralCode" };
}

/** The context of a call whose path names a member, or the refusal of an id that this tenant never issued. */
export function memberContext({ session, parameters }: Call): CallContext | Refusal {
  const id = parameters["id"] ?? "";
  if (!isMemberIdOf(session.tenantKey, id)) return { code: "member_not_found", field: "id" };
  return callContext(session, id);
}

/** Calls the member that has an identity; a remembered mapping that the object does not confirm is looked up again. */
export async function byIdentity<Reply extends { ok: boolean; refusal?: Pick<Refusal, "code" | "facts"> }>(
  { env, session }: Call,
  identity: HashedIdentity,
  call: (context: CallContext) => Promise<Reply>,
  placedAt?: number,
): Promise<Reply | null> {
  for (;;) {
    const memberId = await findMember(env, session, identity);
    if (memberId === null) return null;
    const more = { identityHash: identity.hash, ...(placedAt !== undefined && { placedAt }) };
    const reply = await call(callContext(session, memberId, more));
    const into = reply.refusal?.code === "member_merged" ? reply.refusal.facts?.["memberId"] : undefined;
    // The claim is still on its way; the profile that stayed has the identity already.
    if (typeof into === "string") return call(callContext(session, into, more));
    const gone = !reply.ok && (reply.refusal?.code === "member_not_found" || reply.refusal?.code === "member_erased");
    if (!gone) return reply;
    const remembered = forgetMember(session, identity);
    const now = remembered ? await findMember(env, session, identity) : memberId;
    if (now === memberId || now === null) return null;
  }
}
