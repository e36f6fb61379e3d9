// What happened to a member: the events that a member's object numbers and stores, and that reach PostgreSQL by queue.
// They carry no personal data; `member` is attached when an event about the person is published. Times are Unix milliseconds.
import type { Effects } from "./events-effects.ts";
import type { MoreEvents } from "./events-more.ts";
import type { Elsewhere, HoldRecord, OrderRecord, RefundRecord, StoredSpend } from "./events-orders.ts";
import type { Identity, Profile } from "./members.ts";
import type { Entry, TransactionKind } from "./points.ts";

/** Points that were earned together and expire together. */
export interface Lot {
  readonly id: string;
  readonly currency: string;
  readonly points: number;
  readonly storeId: string | null;
  readonly rule: string | null;
  /** AWAITING while an event, such as a delivery, must happen first. */
  readonly availableAt: number;
  readonly expiresAt: number | null;
  /** The owner of the issuing store, and what a point cost it, in thousandths of a minor unit. */
  readonly ownerId?: string | null;
  readonly unitCostMilli?: number;
  /** Of points whose end moves with the member's activity: so many days, counted in this time zone. */
  readonly inactivityDays?: number;
  readonly zone?: string;
  /** Of the same points: the end that they have by themselves, which activity can only put off. */
  readonly ownEnd?: number;
  /** The order whose delivery these points wait for. */
  readonly awaits?: string;
  /** Of points that came from another member or object: the lot they were there. */
  readonly from?: { readonly memberId: string; readonly lot: string };
}

/** Points that wait for an event have no time of their own. */
export const AWAITING = 8_640_000_000_000_000;

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

export interface Movements {
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
      /** The last of a paid order has come back: it counts as no order any more. */
      readonly emptied?: true;
    } & Movements &
      Effects)
  | ({
      readonly kind: "order.refunded";
      readonly order: OrderRecord;
      readonly refund: RefundRecord;
      readonly emptied?: true;
    } & Movements &
      Effects)
  | ({ readonly kind: "points.adjusted"; readonly adjustment: AdjustmentRecord } & Movements & Effects)
  | ({
      readonly kind: "hold.placed" | "hold.captured" | "hold.voided" | "hold.lapsed";
      readonly hold: HoldRecord;
      /** Of a hold for an order elsewhere: what it came from, so that a refund there can put it back. */
      readonly spends?: readonly StoredSpend[];
      readonly elsewhere?: Elsewhere;
    } & Movements &
      Effects)
  | ({ readonly kind: "points.expired" } & Movements & Effects)
  /** `delivered`: the order whose delivery they had waited for. */
  | ({ readonly kind: "points.available"; readonly delivered?: string } & Movements & Effects)
  | MoreEvents;

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
