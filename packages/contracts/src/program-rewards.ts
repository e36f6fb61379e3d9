// Rewards and what they become: vouchers of a member, codes that anybody may bring, and stamp cards that fill up.
import { z } from "zod";
import { CONDITION_LENGTH_MAX, FILTER_ITEMS_MAX, MONEY_MAX, POINTS_MAX, REWARDS_MAX } from "./limits.ts";
import { lineFilter, period } from "./program-earning.ts";
import { callerId, instant, slug, text } from "./values.ts";

/** What a voucher does to a basket; amounts in minor units. */
export const benefit = z.discriminatedUnion("type", [
  z.strictObject({ type: z.literal("amountOff"), amount: z.int().min(1).max(MONEY_MAX) }),
  z.strictObject({
    type: z.literal("percentOff"),
    percent: z.number().min(0.01).max(100).multipleOf(0.01),
    maxAmount: z.int().min(1).max(MONEY_MAX).optional(),
  }),
  z.strictObject({ type: z.literal("freeShipping") }),
  /** The gift is a line of the basket with this SKU, or is handed over when it is not. */
  z.strictObject({ type: z.literal("gift"), sku: callerId, quantity: z.int().min(1).max(100).default(1) }),
  /** For every `buy` units at full price, one unit at `price`: the cheapest that counts. */
  z.strictObject({
    type: z.literal("nextItem"),
    buy: z.int().min(1).max(100).default(1),
    price: z.int().min(0).max(MONEY_MAX),
    maxTimes: z.int().min(1).max(100).default(1),
  }),
  /** These SKUs together for one price. */
  z.strictObject({
    type: z.literal("bundle"),
    items: z
      .array(z.strictObject({ sku: callerId, quantity: z.int().min(1).max(100).default(1) }))
      .min(1)
      .max(20),
    price: z.int().min(0).max(MONEY_MAX),
    maxTimes: z.int().min(1).max(100).default(1),
  }),
  /** Something that no basket sees: a class, a tasting. */
  z.strictObject({ type: z.literal("experience") }),
]);

const words = z.strictObject({ "zh-TW": text(), "zh-CN": text().optional(), en: text().optional() });

/** When a voucher may be used, and with what. */
export const terms = z.strictObject({
  minNet: z.int().min(0).max(MONEY_MAX).default(0),
  lines: lineFilter.default({ excludeCategories: [], excludeSkus: [], giftCards: false, shipping: false }),
  stores: z.array(slug).min(1).max(FILTER_ITEMS_MAX).optional(),
  regions: z.array(slug).min(1).max(FILTER_ITEMS_MAX).optional(),
  channels: z.array(text()).min(1).max(FILTER_ITEMS_MAX).optional(),
  tiers: z.array(slug).min(1).max(FILTER_ITEMS_MAX).optional(),
  firstOrderOnly: z.boolean().default(false),
  when: text(CONDITION_LENGTH_MAX).optional(),
  /** Vouchers of one group exclude each other; `alone` excludes every other. */
  stacking: z.strictObject({ alone: z.boolean().default(false), group: slug.optional() }).default({ alone: false }),
  validDays: z.int().min(1).max(3660).optional(),
  validUntil: instant.optional(),
  /** After a refund: back with its own end, with so many days at least, or not at all. */
  onRefund: z
    .discriminatedUnion("type", [
      z.strictObject({ type: z.literal("return") }),
      z.strictObject({ type: z.literal("extend"), days: z.int().min(1).max(366) }),
      z.strictObject({ type: z.literal("keepUsed") }),
    ])
    .default({ type: "return" }),
});

const DEFAULT_TERMS = terms.parse({});

export const reward = z.strictObject({
  id: slug,
  name: words,
  description: words.optional(),
  imageUrl: z.url({ protocol: /^https$/ }).optional(),
  benefit,
  /** What it costs in points; several ways to pay are several rewards. Null: it cannot be bought. */
  cost: z
    .strictObject({ currency: slug, points: z.int().min(1).max(POINTS_MAX) })
    .nullable()
    .default(null),
  terms: terms.default(DEFAULT_TERMS),
  /** Only members of these tiers may buy it. */
  tiers: z.array(slug).min(1).max(FILTER_ITEMS_MAX).optional(),
  from: instant.optional(),
  until: instant.optional(),
  perMember: z.strictObject({ period, times: z.int().min(1).max(10_000) }).optional(),
  /** Pieces over all members: never exceeded. */
  stock: z.int().min(0).max(1_000_000_000).optional(),
  transferable: z.boolean().default(false),
  /** Who bears what the voucher takes off: the store that accepts it, or head office. */
  borneBy: z.enum(["store", "issuer", "headOffice"]).default("store"),
});

/** Codes. `public`: one code for all, with a total limit; `unique`: made in bulk, each used once, by whoever brings it. */
export const codeCampaign = z.strictObject({
  id: slug,
  reward: slug,
  type: z.enum(["public", "unique"]),
  /** Of a public code: what is typed, without regard to case. */
  code: z
    .string()
    .regex(/^[A-Za-z0-9-]{3,40}$/)
    .optional(),
  limit: z.int().min(1).max(1_000_000_000).optional(),
  perMember: z.int().min(1).max(1000).default(1),
  from: instant.optional(),
  until: instant.optional(),
});

/** A stamp card: as soon as a member has `size` stamps of the currency, they become a voucher. */
export const stampCard = z.strictObject({ id: slug, currency: slug, size: z.int().min(1).max(1000), reward: slug });

export const rewards = z.array(reward).max(REWARDS_MAX);

export type Benefit = z.output<typeof benefit>;
export type Terms = z.output<typeof terms>;
export type Reward = z.output<typeof reward>;
export type CodeCampaign = z.output<typeof codeCampaign>;
export type StampCard = z.output<typeof stampCard>;
