// Rewards and vouchers as the API shows them, and what it takes to buy, give, void and return them.
import { z } from "zod";
import { balance } from "./points.ts";
import { benefit } from "./program-rewards.ts";
import { callerId, instant, memberId, money, slug, text } from "./values.ts";

/** With a member: whether that member can buy each reward now. */
export const rewardsQuery = z.strictObject({ memberId: memberId.optional() });

/** `all`: also those that are used, voided, expired or passed on. */
export const vouchersQuery = z.strictObject({ all: z.enum(["true", "false"]).optional() });

/** `storeId`: the store at whose counter the reward is bought or given. */
export const purchaseRequest = z.strictObject({ storeId: slug.optional() });

export const issueRequest = z.strictObject({ rewardId: slug, reason: text(), storeId: slug.optional() });

export const voidRequest = z.strictObject({ reason: text() });

const offeredReward = z.strictObject({
  id: slug,
  /** In the caller's language, or the nearest that the program has. */
  name: z.string(),
  description: z.string().nullable(),
  imageUrl: z.string().nullable(),
  benefit,
  cost: z.strictObject({ currency: slug, points: z.int() }).nullable(),
  minNet: money,
  tiers: z.array(slug).nullable(),
  from: instant.nullable(),
  until: instant.nullable(),
  perMember: z.strictObject({ period: z.string(), times: z.int() }).nullable(),
  /** Pieces over all members; null: no limit. */
  stock: z.int().nullable(),
  transferable: z.boolean(),
  /** Null without a member. */
  available: z.boolean().nullable(),
  /** A stable code: `not_for_sale`, `not_yet`, `over`, `tier`, `limit`, `points`, `vouchers_held`. */
  unavailableBecause: z.string().nullable(),
});

export const catalogue = z.strictObject({ rewards: z.array(offeredReward), programVersion: z.int() });

export const voucher = z.strictObject({
  id: callerId,
  rewardId: slug,
  state: z.enum(["issued", "reserved", "used", "voided", "expired", "transferred"]),
  benefit,
  minNet: money,
  transferable: z.boolean(),
  issuedAt: instant,
  expiresAt: instant.nullable(),
  /** Of a reserved one: when its checkout lets it go unless it is paid. */
  reservedUntil: instant.nullable(),
  origin: z.strictObject({ kind: z.string(), ref: z.string() }),
  orderId: callerId.nullable(),
  /** The points that it was bought for, which giving it back unused returns. */
  paid: z.strictObject({ currency: slug, points: z.int() }).nullable(),
});

export const vouchers = z.strictObject({ vouchers: z.array(voucher), sequence: z.int() });

export const voucherAnswer = z.strictObject({ voucher, balances: z.array(balance), sequence: z.int() });

export type OfferedReward = z.output<typeof offeredReward>;
export type Catalogue = z.output<typeof catalogue>;
export type Voucher = z.output<typeof voucher>;
export type Vouchers = z.output<typeof vouchers>;
export type VoucherAnswer = z.output<typeof voucherAnswer>;
