// Finds and claims the codes that a shopper brought. Wrong, used, over and not in force are one answer, and wrong ones are counted.
import { createHmac } from "node:crypto";
import type { OrderRecord } from "@regulars/contracts/events-orders";
import type { CodeCampaign } from "@regulars/contracts/program-rewards";
import type { Refusal } from "@regulars/contracts/refusals";
import type { CallContext, WriteContext } from "@regulars/contracts/rpc";
import { numberOf, readCode, type CodeNumber } from "@regulars/domain/code-format";
import type { FoundCode, Prepared } from "@regulars/domain/moment";
import { tenantKeyOf } from "@regulars/domain/naming";
import { codeCounter, giveUpAsk, type Pending } from "@regulars/domain/needs";
import type { CompiledProgram } from "@regulars/domain/program";
import { askAgain } from "./ask-again.ts";
import { peekOf, takeOf } from "./budget-objects.ts";
import { codeRegisterOf, guessLimiterOf, publicClaim, readClaim, uniqueClaim } from "./code-objects.ts";
import { openIntent, takeKey, type Means } from "./prepare-takes.ts";

/** Different wrong codes in ten minutes: a person mistypes a few, and has a handful of old ones. */
const MEMBER_GUESSES_MAX = 20;
/** The same from one key and address, which may be a busy storefront's server: two in a hundred of 5,000 an hour. */
const ORIGIN_GUESSES_MAX = 1_000;

/** A code that may be one: of a public campaign, or with a number that this tenant's key has proven. */
interface Candidate {
  readonly text: string;
  readonly campaign: CodeCampaign | null;
  readonly unique: CodeNumber | null;
  /** Of an order that was authorized with this code. */
  readonly claimed: string | null;
}

export interface PreparedCodes {
  readonly codes: readonly FoundCode[];
  readonly refusedCodes: readonly string[];
  readonly pending: readonly Pending[];
  readonly codeUses: Readonly<Record<string, number>>;
}

interface Brought {
  readonly texts: readonly string[];
  readonly placedAt: number;
  readonly known: OrderRecord | null;
}

const NO_CODES: PreparedCodes = { codes: [], refusedCodes: [], pending: [], codeUses: {} };

/** The name of the budget that limits the uses of a public code. */
export const codeBudget = (campaign: string) => `code/${campaign}`;

/** Claims codes for an order. Refuses rate_limited when too many wrong ones came from this member or this origin. */
export function claimCodes(
  means: Means,
  program: CompiledProgram,
  context: WriteContext,
  brought: Brought,
): Promise<PreparedCodes | Refusal> {
  return guarded(means, program, context, brought, async (candidates) => {
    const { tenantId, memberId } = context;
    const what = candidates.map(({ text }) => text).join(" ");
    const until = Date.now() + program.document.holdTimeoutSeconds * 1000;
    const fresh = candidates.filter(({ claimed }) => claimed === null);
    const claimsOf = (intent: string) =>
      fresh.map((one) => ({ campaign: one.campaign?.id ?? "", claim: claimIn(one, intent) }));
    const intent =
      fresh.length === 0 ? "" : openIntent(means.book, context, what, (id) => giveUpAsk(id, [], claimsOf(id)));
    const found = await Promise.all(
      candidates.map(async (one) => {
        const claim = claimIn(one, intent);
        const { unique } = one;
        if (unique === null)
          return (await takePublic(means, context, one, claim)) ? { one, claim, campaign: one.campaign } : null;
        const id = await askAgain(() =>
          codeRegisterOf(means.env, tenantId, unique.number).claim(tenantId, {
            ...unique,
            claim,
            owner: memberId,
            until,
          }),
        );
        return id === null ? null : { one, claim, campaign: uniqueCampaign(program, id) };
      }),
    );
    const pending = fresh.length === 0 ? [] : [{ intent, takes: [], claims: claimsOf(intent) }];
    return { found, pending };
  });
}

/**
 * Claims again what an order had reserved when it was authorized, since its time may be over and somebody else may have it.
 * Refuses code_not_usable.
 */
export async function keepCodes(
  { env, book }: Means,
  program: CompiledProgram,
  { tenantId, memberId }: WriteContext,
  known: OrderRecord,
): Promise<Pick<Prepared, "codeUses"> | Refusal> {
  const reserved = (known.vouchers ?? []).flatMap(({ code, state }) =>
    code === undefined || state !== "reserved" ? [] : [code],
  );
  const claims = reserved.flatMap(({ claim }) => readClaim(claim) ?? []);
  const until = Date.now() + program.document.holdTimeoutSeconds * 1000;
  const kept = await Promise.all(
    claims.map((one) =>
      askAgain(() => codeRegisterOf(env, tenantId, one.number).claim(tenantId, { ...one, owner: memberId, until })),
    ),
  );
  const uses = reserved.flatMap(({ campaign }) => {
    const one = program.document.codes.find(({ id, type }) => id === campaign && type === "public");
    return one === undefined ? [] : [[codeCounter(campaign), one.perMember] as const];
  });
  const isOver = uses.some(([name, most]) => (book.state.counters.get(name)?.value ?? 0) >= most);
  return isOver || kept.includes(null)
    ? { code: "code_not_usable", field: "codes" }
    : { codeUses: Object.fromEntries(uses) };
}

/** What codes would do on a quote: claims nothing, counts wrong ones all the same. */
export function lookAtCodes(
  means: Means,
  program: CompiledProgram,
  context: CallContext,
  brought: Brought,
): Promise<PreparedCodes | Refusal> {
  return guarded(means, program, context, brought, async (candidates) => {
    const { tenantId, memberId } = context;
    const found = await Promise.all(
      candidates.map(async (one) => {
        const claim = claimIn(one, "quote");
        const { unique, campaign } = one;
        if (unique !== null) {
          const id = await askAgain(() => codeRegisterOf(means.env, tenantId, unique.number).look(tenantId, unique));
          return id === null ? null : { one, claim, campaign: uniqueCampaign(program, id) };
        }
        if (campaign?.limit === undefined) return { one, claim, campaign };
        const place = { tenantId, name: codeBudget(campaign.id) };
        const ask = { wanted: 1, limit: { version: means.version, total: campaign.limit } };
        return (await peekOf(means.env, place, memberId, ask)) === 1 ? { one, claim, campaign } : null;
      }),
    );
    return { found, pending: [] };
  });
}

type Found = { readonly one: Candidate; readonly claim: string; readonly campaign: CodeCampaign | null } | null;

// Counts all codes as wrong first, looks, and takes the right ones off the count.
async function guarded(
  { env, book }: Means,
  program: CompiledProgram,
  context: CallContext,
  { texts, placedAt, known }: Brought,
  look: (candidates: readonly Candidate[]) => Promise<{ found: readonly Found[]; pending: readonly Pending[] }>,
): Promise<PreparedCodes | Refusal> {
  if (texts.length === 0) return NO_CODES;
  const tenantKey = tenantKeyOf(env.MASTER_KEY, context.tenantId);
  const candidates = texts.flatMap((text) => candidateOf(program, tenantKey, text, known) ?? []);
  const sure = new Set(candidates.flatMap(({ text, claimed }) => (claimed === null ? [] : [text])));
  const unsure = texts.filter((text) => !sure.has(text));
  const limited = await spendGuesses(env, tenantKey, context, unsure);
  if (limited !== null) return limited;
  const { found, pending } = await look(candidates);
  const codeUses = usesOf(found);
  const isLeft = (campaign: string) =>
    (book.state.counters.get(codeCounter(campaign))?.value ?? 0) < (codeUses[codeCounter(campaign)] ?? Infinity);
  const codes = found
    .flatMap((one) => foundCode(program, one, placedAt) ?? [])
    .filter(({ campaign }) => isLeft(campaign));
  const usable = new Set(codes.map(({ text }) => text));
  await refundGuesses(
    env,
    tenantKey,
    context,
    unsure.filter((text) => usable.has(text)),
  );
  return { codes, refusedCodes: texts.filter((text) => !usable.has(text)), pending, codeUses };
}

// A bulk code is used once by whoever brings it; a public one has a limit for each member.
const usesOf = (found: readonly Found[]) =>
  Object.fromEntries(
    found.flatMap((one) =>
      one?.campaign?.type === "public" ? [[codeCounter(one.campaign.id), one.campaign.perMember] as const] : [],
    ),
  );

function candidateOf(
  program: CompiledProgram,
  tenantKey: string,
  text: string,
  known: OrderRecord | null,
): Candidate | null {
  const claims = (known?.vouchers ?? []).flatMap(({ code }) => (code === undefined ? [] : [code.claim]));
  const typed = text.trim().toLowerCase();
  const campaign = program.document.codes.find((one) => one.type === "public" && one.code?.toLowerCase() === typed);
  if (campaign !== undefined) {
    const claimed = claims.find((claim) => claim.startsWith(publicClaim(campaign.id, ""))) ?? null;
    return { text, campaign, unique: null, claimed };
  }
  const letters = readCode(text);
  const unique = letters === null ? null : numberOf(tenantKey, letters);
  if (unique === null) return null;
  const claimed = claims.find((claim) => claim.startsWith(uniqueClaim(unique.batch, unique.number, ""))) ?? null;
  return { text, campaign: null, unique, claimed };
}

function claimIn({ campaign, unique, claimed }: Candidate, intent: string): string {
  if (claimed !== null) return claimed;
  return unique === null ? publicClaim(campaign?.id ?? "", intent) : uniqueClaim(unique.batch, unique.number, intent);
}

const uniqueCampaign = (program: CompiledProgram, id: string) =>
  program.document.codes.find((one) => one.id === id && one.type === "unique") ?? null;

async function takePublic(
  { env, version }: Means,
  { tenantId, memberId }: CallContext,
  { campaign }: Candidate,
  claim: string,
): Promise<boolean> {
  if (campaign?.limit === undefined) return true;
  const ask = { key: takeKey(memberId, claim), wanted: 1, limit: { version, total: campaign.limit } };
  return (await takeOf(env, { tenantId, name: codeBudget(campaign.id) }, memberId, ask)) === 1;
}

function foundCode(program: CompiledProgram, found: Found, placedAt: number): FoundCode | null {
  if (found === null || found.campaign === null || !isInForce(found.campaign, placedAt)) return null;
  const { one, claim, campaign } = found;
  const reward = program.document.rewards.find(({ id }) => id === campaign.reward);
  if (reward === undefined) return null;
  const { benefit, terms, borneBy } = reward;
  return { text: one.text, campaign: campaign.id, claim, rewardId: reward.id, benefit, terms, borneBy };
}

function isInForce({ from, until }: CodeCampaign, placedAt: number): boolean {
  return (from === undefined || placedAt >= Date.parse(from)) && (until === undefined || placedAt < Date.parse(until));
}

function originsOf({ memberId, origin }: CallContext) {
  const member = { name: `m/${memberId}`, most: MEMBER_GUESSES_MAX };
  return origin === undefined ? [member] : [member, { name: `o/${origin}`, most: ORIGIN_GUESSES_MAX }];
}

// The limiter keeps no codes that were typed, only what tells them apart.
const guessOf = (tenantKey: string, text: string) =>
  createHmac("sha256", tenantKey)
    .update(`guess:${readCode(text) ?? text.trim().toLowerCase()}`)
    .digest("hex")
    .slice(0, 16);

async function spendGuesses(
  env: Env,
  tenantKey: string,
  context: CallContext,
  texts: readonly string[],
): Promise<Refusal | null> {
  if (texts.length === 0) return null;
  const codes = texts.map((text) => guessOf(tenantKey, text));
  const waits = await Promise.all(
    originsOf(context).map(({ name, most }) =>
      askAgain(() => guessLimiterOf(env, context.tenantId, name).spend(name, codes, most)),
    ),
  );
  const retryAfterSeconds = Math.max(...waits);
  return retryAfterSeconds === 0 ? null : { code: "rate_limited", field: "codes", facts: { retryAfterSeconds } };
}

async function refundGuesses(
  env: Env,
  tenantKey: string,
  context: CallContext,
  texts: readonly string[],
): Promise<void> {
  if (texts.length === 0) return;
  const codes = texts.map((text) => guessOf(tenantKey, text));
  const asked = originsOf(context).map(({ name }) => guessLimiterOf(env, context.tenantId, name).refund(name, codes));
  await Promise.all(asked);
}
