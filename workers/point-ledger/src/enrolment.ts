// Enrolment, changes and erasure across objects: identities are claimed first, so that one person is never two members.
import type { Member } from "@regulars/contracts/members";
import type {
  CallContext,
  ChangeCommand,
  ClaimResult,
  EnrolCommand,
  HashedIdentity,
  Reply,
  WriteContext,
} from "@regulars/contracts/rpc";
import { shardName } from "@regulars/domain/naming";
import { indexOf, ledgerOf, shardsOf } from "./objects.ts";

/** A younger claim may belong to an enrolment under way; an older one without a member was left by a crash. */
const CLAIM_SETTLE_MS = 10_000;

/** Claims the identities and enrols. The same key leads to the same member, so a retry resumes where it was cut off. */
export async function enrol(
  env: Env,
  context: WriteContext,
  wanted: EnrolCommand,
  locationHint?: DurableObjectLocationHint,
): Promise<Reply<Member>> {
  const claimed = await claimAll(env, context, wanted.identities);
  if (claimed.taken !== null) return identityTaken(claimed.taken);
  const reply = await ledgerOf(env, context.tenantId, context.memberId, locationHint).enrol(context, wanted);
  if (!reply.ok) await releaseAll(env, context, claimed.created);
  return reply;
}

/** Claims new identities, changes the member; what the member gave up is released when the event is relayed. */
export async function change(env: Env, context: WriteContext, wanted: ChangeCommand): Promise<Reply<Member>> {
  const claimed = await claimAll(env, context, wanted.identities ?? []);
  if (claimed.taken !== null) return identityTaken(claimed.taken);
  const reply = await ledgerOf(env, context.tenantId, context.memberId).change(context, wanted);
  if (!reply.ok) await releaseAll(env, context, claimed.created);
  return reply;
}

interface Claimed {
  readonly created: readonly string[];
  /** Place of the first identity that another member has, or null. */
  readonly taken: number | null;
}

async function claimAll(env: Env, context: CallContext, identities: readonly HashedIdentity[]): Promise<Claimed> {
  const { tenantId, memberId } = context;
  const groups = shardsOf(identities, ({ hash }) => ({ tenantId, hash }));
  const answers = await Promise.all(
    groups.map(async ({ shard, items }) => {
      const results = await indexOf(env, tenantId, shard).claim(items.map(({ hash }) => ({ hash, memberId })));
      return items.map((identity, place) => ({ identity, result: results[place] }));
    }),
  );
  const created: string[] = [];
  let taken: number | null = null;
  for (const { identity, result } of answers.flat()) {
    if (result === undefined) throw new Error("the index answered fewer claims than it was asked");
    if (result.created) created.push(identity.hash);
    if (result.memberId === memberId) continue;
    if (await takeOver(env, context, identity, result)) created.push(identity.hash);
    else taken = Math.min(taken ?? Infinity, identities.indexOf(identity));
  }
  if (taken !== null) await releaseAll(env, context, created);
  return { created, taken };
}

// A claim whose member does not have the identity was left behind; that member can never enrol with it any more.
async function takeOver(
  env: Env,
  context: CallContext,
  { hash }: HashedIdentity,
  { memberId: other, claimedAt }: ClaimResult,
): Promise<boolean> {
  if (Date.now() - claimedAt < CLAIM_SETTLE_MS) return false;
  const { tenantId, memberId } = context;
  const settled = await ledgerOf(env, tenantId, other).settleClaim({ ...context, memberId: other }, hash);
  return settled === "free" && indexOf(env, tenantId, shardName(tenantId, hash)).transfer(hash, other, memberId);
}

async function releaseAll(env: Env, { tenantId, memberId }: CallContext, hashes: readonly string[]): Promise<void> {
  const groups = shardsOf(hashes, (hash) => ({ tenantId, hash }));
  await Promise.all(groups.map(({ shard, items }) => indexOf(env, tenantId, shard).release(memberId, items)));
}

function identityTaken(place: number): Reply<Member> {
  return { ok: false, refusal: { code: "identity_taken", field: `identities[${place}]` }, events: [] };
}
