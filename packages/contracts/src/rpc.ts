// What Workers and objects say to each other: typed calls whose refusals are values, since errors lose their properties over RPC.
import type { DurableObjectLocationHintName } from "./directory.ts";
import type { ActAsk, ActAnswer, ActName, LookAnswer, LookAsk, LookName } from "./acts.ts";
import type { MemberDocument, RelayedEvent } from "./events.ts";
import type { EarnReason, StoredLine } from "./events-orders.ts";
import type { Consent, Identity, Member, Profile } from "./members.ts";
import type { Earned, Explanation, OrderAnswer, OrderState, Quote, RefundAnswer } from "./orders.ts";
import type { AdjustAnswer, Balances, HoldAnswer, Statement } from "./points.ts";
import type { Refusal } from "./refusals.ts";

/** Who asks about whom and when: sent with every call, checked by the object against what it stores. */
export interface CallContext {
  readonly tenantId: string;
  readonly memberId: string;
  /** Unix ms: the edge's clock, or the caller's in a sandbox. */
  readonly now: number;
  readonly testTime: boolean;
  readonly timeZone: string;
  /** The version that decides this call; null when the tenant has published none. */
  readonly programVersion: number | null;
  /** The version in force at `now`: what time does to the member goes by it. Absent: the same. */
  readonly currentVersion?: number | null;
  /** Hash of the identity by which the member was found, when it was not by id: the object says if it is no longer theirs. */
  readonly identityHash?: string;
  /** Whence codes come, hashed: wrong ones are counted by it. Absent when the call brings no codes. */
  readonly origin?: string;
  /** Stores that the caller's key is bound to; absent: every store of the tenant. */
  readonly storeIds?: readonly string[];
}

/** A caller's key and the hash of the request it came with. */
export interface WriteContext extends CallContext {
  readonly key: string;
  readonly requestHash: string;
}

/** An answer, or a refusal; `events` are those that the call has just written, for the caller to relay. */
export type Reply<Value> =
  | { readonly ok: true; readonly value: Value; readonly events: readonly RelayedEvent[] }
  | { readonly ok: false; readonly refusal: Refusal; readonly events: readonly RelayedEvent[] };

/** What a rule gives, with the figures behind it: the edge turns them into text in the caller's language. */
export type ReasonedEarn = Omit<Earned, "why"> & { readonly why: EarnReason };
export type LedgerQuote = Omit<Quote, "earn" | "explanation"> & {
  readonly earn: readonly ReasonedEarn[];
  readonly explanation: LedgerExplanation | null;
};
/** Every rule over a basket; `why` is null where a rule did not come so far as to have figures. */
export interface LedgerExplanation {
  readonly programVersion: number;
  readonly rules: readonly ReasonedRule[];
}
export type ReasonedRule = Omit<Explanation["rules"][number], "why"> & { readonly why: EarnReason | null };
export type LedgerOrder = Omit<OrderAnswer, "earned"> & { readonly earned: readonly ReasonedEarn[] };

export interface HashedIdentity extends Identity {
  readonly hash: string;
}

export interface RedeemWish {
  readonly currency: string;
  readonly points: number;
  /** Whose account pays, when it is not the member's own. */
  readonly wallet?: "household";
}

export interface BasketCommand {
  readonly storeId: string;
  readonly regionId: string;
  readonly ownerId: string;
  readonly currency: string;
  readonly lines: readonly StoredLine[];
  readonly channel: string | null;
  readonly placedAt: number;
  /** Null: not said, which for a paid order means what was authorized. */
  readonly redeem: readonly RedeemWish[] | null;
  /** Null: not said, which for a paid order means what was authorized. */
  readonly vouchers?: readonly string[] | null;
  readonly codes?: readonly string[];
  readonly partnerCode?: string;
  readonly bestVouchers?: boolean;
  readonly explain?: boolean;
}

export interface OrderCommand extends BasketCommand {
  readonly orderId: string;
  readonly state: OrderState;
  readonly allowanceId?: string;
}

export interface RefundCommand {
  readonly orderId: string;
  readonly refundId: string;
  /** Null: everything that is left. */
  readonly lines: readonly { readonly lineId: string; readonly quantity: number }[] | null;
}

export interface EnrolCommand {
  readonly identities: readonly HashedIdentity[];
  readonly profile: Profile;
  readonly homeStoreId: string | null;
  readonly source: string | null;
  readonly consent: Consent;
  /** The member whose referral code was given. */
  readonly referrerId?: string;
}

export interface ChangeCommand {
  readonly identities: readonly HashedIdentity[] | null;
  readonly profile: Readonly<Record<string, unknown>> | null;
  readonly homeStoreId: string | null;
  readonly consent: Consent | null;
}

/** What the reconciler compares with PostgreSQL. */
export interface LedgerAudit {
  readonly exists: boolean;
  readonly epoch: number;
  readonly sequence: number;
  readonly confirmedSequence: number;
  readonly balances: readonly { currency: string; available: number; pending: number; held: number }[];
  /** Sum of every member-side entry in the stored events, by currency and account: must equal the balances. */
  readonly entrySums: readonly { currency: string; available: number; pending: number; held: number }[];
  /** True when folding all stored events from the first gives the state in memory. */
  readonly foldEqual: boolean;
  readonly member: MemberDocument | null;
}

/** `before`: the place after which to go on, newest first; null starts at the newest. */
export interface StatementPage {
  readonly limit: number;
  readonly before: { readonly sequence: number; readonly place: number } | null;
}

export interface MemberLedgerRpc {
  quote(context: CallContext, basket: BasketCommand): Promise<Reply<LedgerQuote>>;
  putOrder(context: WriteContext, order: OrderCommand): Promise<Reply<LedgerOrder>>;
  getOrder(context: CallContext, orderId: string): Promise<Reply<LedgerOrder>>;
  refundOrder(context: WriteContext, refund: RefundCommand): Promise<Reply<RefundAnswer>>;
  undoOrder(context: CallContext, orderId: string): Promise<Reply<null>>;
  /** Every other write about a member, by name; see acts.ts. */
  act<Name extends ActName>(context: WriteContext, name: Name, ask: ActAsk<Name>): Promise<Reply<ActAnswer<Name>>>;
  /** Every other read. */
  look<Name extends LookName>(context: CallContext, name: Name, ask: LookAsk<Name>): Promise<Reply<LookAnswer<Name>>>;
  adjust(
    context: WriteContext,
    adjustment: { currency: string; points: number; reason: string; storeId: string | null },
  ): Promise<Reply<AdjustAnswer>>;
  placeHold(
    context: WriteContext,
    hold: { currency: string; points: number; ttlSeconds: number },
  ): Promise<Reply<HoldAnswer>>;
  captureHold(context: WriteContext, holdId: string, points: number | null): Promise<Reply<HoldAnswer>>;
  voidHold(context: WriteContext, holdId: string): Promise<Reply<HoldAnswer>>;
  balances(context: CallContext): Promise<Reply<Balances>>;
  statement(context: CallContext, page: StatementPage): Promise<Reply<Statement>>;
  member(context: CallContext): Promise<Reply<Member>>;
  /** Called by enrolment once the identities are claimed. */
  enrol(context: WriteContext, member: EnrolCommand): Promise<Reply<Member>>;
  change(context: WriteContext, change: ChangeCommand): Promise<Reply<Member>>;
  erase(context: CallContext): Promise<Reply<{ id: string; erasedAt: string; sequence: number }>>;
  /** Whether the member holds this identity; a member that was never enrolled can never enrol after a "no". */
  settleClaim(context: CallContext, identityHash: string): Promise<"held" | "free">;
  /** Sequences that PostgreSQL has. Returns the confirmed high-water mark. */
  confirm(memberId: string, epoch: number, sequences: readonly number[]): Promise<number>;
  /** Publishes again from a sequence on (1: everything). Returns how many events were sent. */
  publishFrom(context: CallContext, sequence: number): Promise<number>;
  audit(context: CallContext): Promise<LedgerAudit>;
}

export interface IdentityIndexRpc {
  /** Claims each hash for its member unless another member has it. Answers in the same order. */
  claim(wishes: readonly ClaimWish[]): Promise<ClaimResult[]>;
  /** Gives a claim to another member, if `from` still has it. */
  transfer(hash: string, from: string, to: string): Promise<boolean>;
  /** Lets go of claims, where they are this member's. */
  release(memberId: string, hashes: readonly string[]): Promise<void>;
  find(hash: string): Promise<string | null>;
}

export interface ClaimWish {
  readonly hash: string;
  readonly memberId: string;
}

export interface ClaimResult {
  readonly memberId: string;
  /** True when this very call made the claim. */
  readonly created: boolean;
  readonly claimedAt: number;
}

/** The stateless entrypoint of point-ledger: everything that touches more than one object. */
export interface PointLedgerRpc {
  /** `locationHint`: near where the member's object is created. */
  enrol(
    context: WriteContext,
    member: EnrolCommand,
    locationHint?: DurableObjectLocationHintName,
  ): Promise<Reply<Member>>;
  change(context: WriteContext, change: ChangeCommand): Promise<Reply<Member>>;
  /** The member that claims this hash, or null. */
  find(tenantId: string, hash: string): Promise<string | null>;
  /** The code by which a member refers others: made and claimed at the first call, the same for ever. */
  referralCode(tenantId: string, memberId: string): Promise<string>;
  /** Claims order ids, releases given-up identities, and hands the events to the queue. */
  relay(events: readonly RelayedEvent[]): Promise<void>;
}

export interface MemberApiRpc {
  /** Forgets what this isolate knows of a tenant's record and keys. */
  refresh(tenantId: string): Promise<void>;
}

export interface MemberDifference {
  readonly memberId: string;
  readonly what: "missing" | "sequence" | "balance" | "entries" | "derived" | "fold" | "profile";
  readonly object: string;
  readonly postgres: string;
}

export interface ReconcilePage {
  readonly checked: number;
  readonly differences: readonly MemberDifference[];
  readonly healed: number;
  /** Null after the last page. */
  readonly nextCursor: string | null;
}

export interface ProjectorRpc {
  /** Compares one page of a tenant's members, in order of id, and heals what differs when asked to. */
  reconcile(tenantId: string, page: { cursor: string | null; limit: number; heal: boolean }): Promise<ReconcilePage>;
  /** Sends kept dead letters to the queue again. Returns how many. */
  redrive(limit: number): Promise<number>;
  /** Rebuilds a store's live board of today from PostgreSQL. */
  rebuildBoard(tenantId: string, storeId: string): Promise<void>;
}
