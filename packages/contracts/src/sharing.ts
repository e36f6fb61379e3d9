// Requests and answers of what members give each other: transfers, gifts, donations, referral, households.
import { z } from "zod";
import { memberReference } from "./members.ts";
import { balance } from "./points.ts";
import { callerId, instant, memberId, points, slug, text } from "./values.ts";

/** Vouchers of one transfer. */
const TRANSFER_VOUCHERS_MAX = 30;

/** To whom (exactly one of `to`, `cause`, `household`) and what (points of a currency, vouchers, or both). */
export const transferRequest = z
  .strictObject({
    to: memberReference.optional(),
    /** A cause of the program: a donation. */
    cause: slug.optional(),
    /** The member's own household: a contribution to its pool. */
    household: z.literal(true).optional(),
    purpose: z.enum(["transfer", "gift"]).default("transfer"),
    currency: slug.optional(),
    points: points.optional(),
    vouchers: z
      .array(callerId)
      .max(TRANSFER_VOUCHERS_MAX)
      .refine((all) => new Set(all).size === all.length, { params: { code: "duplicate_item" } })
      .default([]),
    note: text().optional(),
  })
  .refine(({ to, cause, household }) => [to, cause, household].filter((one) => one !== undefined).length === 1, {
    path: ["to"],
    params: { code: "missing_field" },
  })
  .refine(({ currency, points: count }) => (currency === undefined) === (count === undefined), {
    path: ["points"],
    params: { code: "missing_field" },
  })
  .refine(({ currency, vouchers }) => currency !== undefined || vouchers.length > 0, {
    path: ["points"],
    params: { code: "missing_field" },
  });

export const transferPurpose = z.enum(["transfer", "gift", "donation", "pool", "merge", "unmerge", "network"]);

export const transferAnswer = z.strictObject({
  transfer: z.strictObject({
    id: z.string(),
    purpose: transferPurpose,
    from: memberId,
    to: memberId,
    points: z.array(z.strictObject({ currency: slug, points: z.int() })),
    /** Ids of the vouchers at the sender. */
    vouchers: z.array(z.string()),
    note: z.string().nullable(),
    /** `sent`: on its way; then `settled`, or `returned` when the receiver could not take it. */
    state: z.enum(["sent", "settled", "returned", "received"]),
    at: instant,
  }),
  balances: z.array(balance),
  sequence: z.int(),
});

export const referralCodeAnswer = z.strictObject({ memberId, code: z.string() });

/** `owner` may do everything, `spender` may pay from the pool, `earner` may only give to it. */
export const householdRole = z.enum(["owner", "spender", "earner"]);

export const putHouseholdMemberRequest = z.strictObject({ role: householdRole });

export const householdAnswer = z.strictObject({
  id: callerId,
  /** The pool is an account like a member's: it has a statement, and can give to members. */
  accountId: memberId,
  members: z.array(z.strictObject({ memberId, role: householdRole })),
  balances: z.array(balance),
  sequence: z.int(),
});

export const mergeRequest = z.strictObject({ into: memberId });
export const unmergeRequest = z.strictObject({ from: memberId });

export type TransferRequest = z.output<typeof transferRequest>;
export type TransferOutcome = z.output<typeof transferAnswer>;
export type HouseholdRole = z.output<typeof householdRole>;
