// What happened to a member: the events that a member's object numbers and stores, and that reach PostgreSQL by queue.
// They carry no personal data; `member` is attached when an event about the person is published. Times are Unix milliseconds.
import type { Identity, Profile } from "./members.ts";
import type { OrderState } from "./orders.ts";
import type { Entry, HoldState, TransactionKind } from "./points.ts";

/** Points that were earned together and expire together. */
export interface Lot {
  readonly id: string;
  readonly currency: string;
  readonly points: number;
  readonly storeId: string | null;
  readonly rule: string | null;
  readonly availableAt: number;
  readonly expiresAt: number | null;
}

/** The three figures of one currency after a transaction. */
export interface BalanceAfter {
  readonly currency: string;
  readonly available: number;
  readonly pending: number;
  readonly held: number;
}

/** One atomic movement; its entries sum to zero per currency. `after` holds the currencies it touched. */
export interface Transaction {
  readonly kind: TransactionKind;
  readonly entries: readonly Entry[];
  readonly rule?: string;
  readonly after: readonly BalanceAfter[];
}

/** Balances of every currency after an event, as its answer showed them. */
export interface StoredBalance extends BalanceAfter {
  readonly expiringNext: { readonly points: number; readonly at: number } | null;
}

export interface StoredLine {
  readonly lineId: string;
  readonly sku: string;
  readonly category: string | null;
  readonly quantity: number;
  readonly unitPrice: number;
  readonly discount: number;
}

/** The figures behind the points of one rule: `times` × `points` for every `per` of `amount`. */
export interface EarnReason {
  readonly base: "net" | "gross";
  readonly amount: number;
  readonly per: number;
  readonly times: number;
  readonly points: number;
}

export interface StoredEarn {
  readonly currency: string;
  readonly points: number;
  readonly rule: string;
  readonly lot: string;
  readonly why: EarnReason;
  /** Taken back so far by refunds. */
  readonly reversed: number;
  /** The part of `reversed` that had expired before it could be taken, so that nothing moved for it. */
  readonly reversedExpired: number;
}

/** What an order spent of one lot, with the facts needed to open the lot again. */
export interface StoredSpend {
  readonly lot: Lot;
  readonly points: number;
  readonly restored: number;
}

/** What the decision knew of the member, so that a refund decides by the same facts. */
export interface MemberFacts {
  readonly homeStoreId: string | null;
  readonly source: string | null;
  readonly firstOrder: boolean;
  readonly ordersBefore: number;
  readonly birthdayMonth: boolean;
  readonly enrolledDays: number;
}

/** An order as the member's object knows it after the event that carries it. */
export interface OrderRecord {
  readonly orderId: string;
  readonly state: OrderState;
  readonly storeId: string;
  readonly regionId: string;
  readonly ownerId: string;
  readonly currency: string;
  readonly channel: string | null;
  readonly placedAt: number;
  readonly programVersion: number;
  readonly lines: readonly StoredLine[];
  readonly facts: MemberFacts;
  readonly gross: number;
  readonly net: number;
  readonly payable: number;
  readonly redeemed: readonly { readonly currency: string; readonly points: number; readonly value: number }[];
  readonly holds: readonly string[];
  readonly spends: readonly StoredSpend[];
  readonly earned: readonly StoredEarn[];
  /** Units given back so far, by line. */
  readonly returned: Readonly<Record<string, number>>;
  /** Money given back so far. */
  readonly refunded: number;
  readonly undone: "order_id_conflict" | null;
}

export interface RefundRecord {
  readonly refundId: string;
  readonly lines: readonly { readonly lineId: string; readonly quantity: number }[];
  readonly amount: number;
  readonly reversed: readonly { readonly currency: string; readonly points: number; readonly rule: string }[];
  readonly restored: readonly { readonly currency: string; readonly points: number }[];
}

export interface HoldRecord {
  readonly id: string;
  readonly currency: string;
  readonly points: number;
  readonly capturedPoints: number;
  readonly state: HoldState;
  readonly lapsesAt: number;
  readonly orderId: string | null;
  readonly parts: readonly { readonly lot: string; readonly points: number }[];
}

export interface AdjustmentRecord {
  readonly id: string;
  readonly currency: string;
  readonly points: number;
  readonly reason: string;
  readonly storeId: string | null;
}

/** The member as published: personal data, attached to events of kind `member.*` and never stored with them. */
export interface MemberDocument {
  readonly identities: readonly Identity[];
  readonly profile: Profile;
  readonly homeStoreId: string | null;
  readonly source: string | null;
  readonly consent: Readonly<Record<string, boolean>>;
  readonly enrolledAt: number;
}

interface Movements {
  readonly transactions: readonly Transaction[];
  /** Lots that this event opens, or opens again. */
  readonly lots: readonly Lot[];
  readonly balances: readonly StoredBalance[];
}

export type EventBody =
  | { readonly kind: "member.enrolled"; readonly homeStoreId: string | null; readonly source: string | null }
  | { readonly kind: "member.changed"; readonly homeStoreId: string | null; readonly released: readonly string[] }
  | { readonly kind: "member.erased"; readonly released: readonly string[] }
  | ({
      readonly kind: "order.authorized" | "order.paid" | "order.cancelled" | "order.undone";
      readonly order: OrderRecord;
      readonly placedHolds: readonly HoldRecord[];
      readonly closedHolds: readonly HoldRecord[];
    } & Movements)
  | ({ readonly kind: "order.refunded"; readonly order: OrderRecord; readonly refund: RefundRecord } & Movements)
  | ({ readonly kind: "points.adjusted"; readonly adjustment: AdjustmentRecord } & Movements)
  | ({
      readonly kind: "hold.placed" | "hold.captured" | "hold.voided" | "hold.lapsed";
      readonly hold: HoldRecord;
    } & Movements)
  | ({ readonly kind: "points.expired" | "points.available" } & Movements);

export type EventKind = EventBody["kind"];

/** An event with its identity. `released` in a body: hashes of identities given up, which others may claim from then on. */
export interface MemberEvent {
  readonly tenantId: string;
  readonly memberId: string;
  readonly epoch: number;
  readonly sequence: number;
  /** When it took effect in the member's own time, which never runs backwards. */
  readonly at: number;
  /** True when the caller set the time (sandbox only). */
  readonly testTime: boolean;
  readonly key: string | null;
  readonly body: EventBody;
  readonly member?: MemberDocument | null;
}

/** An event on its way out of its object: its text, written once, and what the relay must know without reading it. */
export interface RelayedEvent {
  readonly tenantId: string;
  readonly memberId: string;
  /** A MemberEvent as JSON. */
  readonly text: string;
  /** The order whose id is to be claimed for this member, and what undoing it would need. */
  readonly claim?: {
    readonly orderId: string;
    readonly programVersion: number;
    readonly at: number;
    readonly testTime: boolean;
  };
  /** Hashes of identities that the member gave up. */
  readonly released?: readonly string[];
}

/** One Queue message, sent as gzipped JSON: events of one or many members of any tenants. */
export interface EventMessage {
  readonly version: 1;
  readonly events: readonly MemberEvent[];
}

/** A Queue message may have 128 KB. An order is about 2 KB of text, a tenth of it when compressed with its like. */
export const EVENTS_PER_MESSAGE_MAX = 100;
export const MESSAGE_BYTES_MAX = 100_000;
