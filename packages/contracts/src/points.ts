// Balances, statement, adjustments and holds: what a member has, what moved, and what is set aside.
import { z } from "zod";
import { HOLD_SECONDS_MAX, PAGE_LIMIT_DEFAULT, PAGE_LIMIT_MAX } from "./limits.ts";
import { balancePoints, callerId, instant, points, signedPoints, slug, text } from "./values.ts";

export const balance = z.strictObject({
  currency: slug,
  available: balancePoints,
  pending: z.int(),
  held: z.int(),
  expiringNext: z.strictObject({ points: z.int(), at: instant }).nullable(),
});

export const balances = z.strictObject({ balances: z.array(balance), sequence: z.int() });

/** `transit`: points on their way between two objects; the sum over all members and pools is what is on its way now. */
export const account = z.enum(["available", "pending", "held", "issued", "redeemed", "expired", "adjusted", "transit"]);

export const entry = z.strictObject({
  account,
  currency: slug,
  points: z.int(),
  lot: z.string().optional(),
});

export const transactionKind = z.enum([
  "earn",
  "mature",
  "hold",
  "release",
  "redeem",
  "expire",
  "adjust",
  "reverse",
  "restore",
  "exchange",
  "transfer",
  "extend",
]);

export const statementLine = z.strictObject({
  id: z.string(),
  sequence: z.int(),
  at: instant,
  kind: transactionKind,
  entries: z.array(entry),
  orderId: callerId.nullable(),
  storeId: slug.nullable(),
  rule: slug.nullable(),
  lot: z.string().nullable(),
  reason: z.string().nullable(),
  balanceAfter: z.array(z.strictObject({ currency: slug, available: balancePoints, pending: z.int(), held: z.int() })),
});

export const statement = z.strictObject({
  transactions: z.array(statementLine),
  nextCursor: z.string().nullable(),
  sequence: z.int(),
});

export const pageQuery = z.strictObject({
  limit: z.coerce.number().pipe(z.int().min(1).max(PAGE_LIMIT_MAX)).default(PAGE_LIMIT_DEFAULT),
  cursor: z.string().max(64).optional(),
});

export const adjustRequest = z.strictObject({
  currency: slug,
  points: signedPoints,
  reason: text(),
  storeId: slug.optional(),
});

export const adjustAnswer = z.strictObject({
  adjustment: z.strictObject({ id: z.string(), currency: slug, points: z.int(), reason: z.string(), at: instant }),
  balances: z.array(balance),
  sequence: z.int(),
});

export const holdRequest = z.strictObject({
  currency: slug,
  points,
  ttlSeconds: z.int().min(1).max(HOLD_SECONDS_MAX),
});

export const captureRequest = z.strictObject({ points: points.optional() });

export const emptyRequest = z.strictObject({});

export const holdState = z.enum(["held", "captured", "voided", "lapsed"]);

export const holdAnswer = z.strictObject({
  hold: z.strictObject({
    id: z.string(),
    currency: slug,
    points: z.int(),
    capturedPoints: z.int(),
    state: holdState,
    lapsesAt: instant,
  }),
  balances: z.array(balance),
  sequence: z.int(),
});

export type Balance = z.output<typeof balance>;
export type Balances = z.output<typeof balances>;
export type Account = z.output<typeof account>;
export type Entry = z.output<typeof entry>;
export type TransactionKind = z.output<typeof transactionKind>;
export type StatementLine = z.output<typeof statementLine>;
export type Statement = z.output<typeof statement>;
export type AdjustRequest = z.output<typeof adjustRequest>;
export type AdjustAnswer = z.output<typeof adjustAnswer>;
export type HoldRequest = z.output<typeof holdRequest>;
export type CaptureRequest = z.output<typeof captureRequest>;
export type HoldAnswer = z.output<typeof holdAnswer>;
export type HoldState = z.output<typeof holdState>;
