// Events as a member's object publishes them, valid by default, for tests of the projection.
import type { MemberDocument, MemberEvent } from "@regulars/contracts/events";
import type { OrderRecord, StoredLine } from "@regulars/contracts/events-orders";

export interface EventOptions {
  readonly tenantId?: string;
  readonly memberId?: string;
  readonly epoch?: number;
  readonly sequence: number;
  readonly at?: number;
}

const AT = Date.UTC(2026, 2, 1, 4);
const LOT_DAYS = 365;
const DAY_MILLISECONDS = 86_400_000;

export const TENANT = "good-days";

/** An id of the right shape; the check of its last letters is the edge's matter. */
export const makeMemberId = (number: number) => `mbr_${String(number).padStart(26, "0")}`;

function makeEvent(options: EventOptions, body: MemberEvent["body"]): MemberEvent {
  const { tenantId = TENANT, memberId = makeMemberId(1), epoch = 1, sequence, at = AT + sequence * 1000 } = options;
  return { tenantId, memberId, epoch, sequence, at, testTime: false, key: `key-${sequence}`, body };
}

export function makeDocument(name: string, phone: string): MemberDocument {
  return {
    identities: [{ type: "phone", value: phone }],
    profile: { name },
    homeStoreId: "taipei",
    source: null,
    consent: { email: true },
    enrolledAt: AT,
  };
}

export function makeEnrolled(options: EventOptions & { readonly member?: MemberDocument | null }): MemberEvent {
  const event = makeEvent(options, { kind: "member.enrolled", homeStoreId: "taipei", source: null });
  return { ...event, member: options.member === undefined ? makeDocument("Mei", "+886912345678") : options.member };
}

export function makeChanged(options: EventOptions & { readonly member: MemberDocument | null }): MemberEvent {
  return {
    ...makeEvent(options, { kind: "member.changed", homeStoreId: "taipei", released: [] }),
    member: options.member,
  };
}

export function makeErased(options: EventOptions): MemberEvent {
  return { ...makeEvent(options, { kind: "member.erased", released: [] }), member: null };
}

export interface OrderOptions extends EventOptions {
  readonly orderId: string;
  readonly points?: number;
  readonly lines?: readonly StoredLine[];
  readonly storeId?: string;
  readonly placedAt?: number;
}

export const makeLine = (lineId: string, unitPrice = 1000): StoredLine => {
  return { lineId, sku: `sku-${lineId}`, category: "tea", quantity: 1, unitPrice, discount: 0 };
};

/** A paid order that earns `points` into a lot of its own. */
export function makePaid(options: OrderOptions): MemberEvent {
  const { points = 10 } = options;
  const lot = lotOf(options, points);
  return makeEvent(options, {
    kind: "order.paid",
    order: makeOrder(options, {}),
    placedHolds: [],
    closedHolds: [],
    lots: [lot],
    transactions: [
      {
        kind: "earn",
        rule: "base",
        entries: [
          { account: "issued", currency: "points", points: -points, lot: lot.id },
          { account: "available", currency: "points", points, lot: lot.id },
        ],
        after: [{ currency: "points", available: points, pending: 0, held: 0 }],
      },
    ],
    balances: [{ currency: "points", available: points, pending: 0, held: 0, expiringNext: null }],
  });
}

/** Gives the order of `paidSequence` back: takes its points from the lot that they came in. */
export function makeRefunded(options: OrderOptions & { readonly paidSequence: number }): MemberEvent {
  const { points = 10, lines = [makeLine("1")] } = options;
  const lot = lotOf({ ...options, sequence: options.paidSequence }, points);
  const returned = Object.fromEntries(lines.map((line) => [line.lineId, line.quantity]));
  const amount = lines.reduce((sum, line) => sum + line.quantity * line.unitPrice - line.discount, 0);
  return makeEvent(options, {
    kind: "order.refunded",
    order: makeOrder(options, { returned, refunded: amount }),
    refund: {
      refundId: `refund-${options.sequence}`,
      lines: lines.map(({ lineId, quantity }) => ({ lineId, quantity })),
      amount,
      reversed: [{ currency: "points", points, rule: "base" }],
      restored: [],
    },
    lots: [],
    transactions: [
      {
        kind: "reverse",
        rule: "base",
        entries: [
          { account: "available", currency: "points", points: -points, lot: lot.id },
          { account: "issued", currency: "points", points, lot: lot.id },
        ],
        after: [{ currency: "points", available: 0, pending: 0, held: 0 }],
      },
    ],
    balances: [{ currency: "points", available: 0, pending: 0, held: 0, expiringNext: null }],
  });
}

/** An order whose id belonged to another member. */
export function makeUndone(options: OrderOptions): MemberEvent {
  return makeEvent(options, {
    kind: "order.undone",
    order: makeOrder(options, { state: "cancelled", undone: "order_id_conflict" }),
    placedHolds: [],
    closedHolds: [],
    lots: [],
    transactions: [],
    balances: [],
  });
}

export function makeAdjusted(options: EventOptions & { readonly points: number }): MemberEvent {
  const lot = lotOf(options, options.points);
  return makeEvent(options, {
    kind: "points.adjusted",
    adjustment: {
      id: `adj_${options.sequence}`,
      currency: "points",
      points: options.points,
      reason: "test",
      storeId: null,
    },
    lots: [lot],
    transactions: [
      {
        kind: "adjust",
        entries: [
          { account: "adjusted", currency: "points", points: -options.points, lot: lot.id },
          { account: "available", currency: "points", points: options.points, lot: lot.id },
        ],
        after: [{ currency: "points", available: options.points, pending: 0, held: 0 }],
      },
    ],
    balances: [{ currency: "points", available: options.points, pending: 0, held: 0, expiringNext: null }],
  });
}

function lotOf({ sequence, storeId = "taipei" }: { sequence: number; storeId?: string }, points: number) {
  return {
    id: `lot_${sequence}_0`,
    currency: "points",
    points,
    storeId,
    rule: "base",
    availableAt: AT,
    expiresAt: AT + LOT_DAYS * DAY_MILLISECONDS,
  };
}

function makeOrder(options: OrderOptions, changes: Partial<OrderRecord>): OrderRecord {
  const { lines = [makeLine("1")], points = 10 } = options;
  const gross = lines.reduce((sum, line) => sum + line.quantity * line.unitPrice, 0);
  const net = lines.reduce((sum, line) => sum + line.quantity * line.unitPrice - line.discount, 0);
  return {
    orderId: options.orderId,
    state: "paid",
    storeId: options.storeId ?? "taipei",
    regionId: "north",
    ownerId: "head-office",
    currency: "TWD",
    channel: "pos",
    placedAt: options.placedAt ?? AT,
    programVersion: 1,
    lines,
    facts: {
      homeStoreId: "taipei",
      source: null,
      firstOrder: false,
      ordersBefore: 1,
      birthdayMonth: false,
      enrolledDays: 10,
    },
    gross,
    net,
    payable: net,
    redeemed: [],
    holds: [],
    spends: [],
    earned: [
      {
        currency: "points",
        points,
        rule: "base",
        lot: `lot_${options.sequence}_0`,
        why: { base: "net", amount: net, per: 100, times: points, points: 1 },
        reversed: 0,
        reversedExpired: 0,
      },
    ],
    returned: {},
    refunded: 0,
    undone: null,
    ...changes,
  };
}
