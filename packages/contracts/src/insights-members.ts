// Reports of who the members are: RFM, lifecycle and value, as of today and of any day before.
import { z } from "zod";
import { dayRange } from "./insights-ranges.ts";
import { day, memberId, moneyCurrency } from "./values.ts";

const count = z.int();
const money = z.int();
const share = z.number();

/** Counts of members by name, with what they have spent. */
const group = (name: z.ZodType) => z.strictObject({ name, members: count, spend: money });

/** Values from `low` on and below `high`. */
const interval = z.strictObject({ low: z.number(), high: z.number() });

/** Bins of an axis: `bins[0]` is score 1. Amounts in minor units. */
const axis = z.strictObject({
  /** Where bins begin, ascending by value, without the first. */
  cuts: z.array(z.number()),
  bins: z.array(z.strictObject({ score: z.int(), ...interval.shape })),
});

export const rfmReport = z.strictObject({
  asOf: day.nullable(),
  money: moneyCurrency,
  bins: z.int(),
  /** Members with scores, and members who have never ordered. */
  scored: count,
  prospects: count,
  cuts: z.strictObject({ fittedOn: day, version: z.int(), recency: axis, frequency: axis, monetary: axis }).nullable(),
  /** Every combination of R and F that somebody has. */
  grid: z.array(z.strictObject({ recency: z.int(), frequency: z.int(), members: count, spend: money })),
  /** By the names of R's package rfm, of Shopify, and 新客, 常客 and 貴客, of which a member may be several. */
  segments: z.array(group(z.string())),
  groups: z.array(group(z.string())),
  taiwan: z.array(group(z.enum(["貴客", "常客", "新客"]))),
});

export const lifecycleQuery = z
  .strictObject({ from: day.optional(), until: day.optional() })
  .refine(({ from, until }) => (from === undefined) === (until === undefined), {
    path: ["until"],
    params: { code: "invalid_value" },
  });

/** Null stands for members without an order. */
const stage = z.string().nullable();

export const lifecycleReport = z.strictObject({
  asOf: day.nullable(),
  stages: z.array(z.strictObject({ stage, members: count, spend: money })),
  labels: z.array(z.strictObject({ label: z.string(), members: count })),
  churnRisk: count,
  /** The days between orders that members start from; null before the first fit. */
  usualCycleDays: z.number().nullable(),
  /** From each stage on one day to each on another: everybody who had labels on either. */
  flows: z
    .strictObject({
      ...dayRange.shape,
      moves: z.array(z.strictObject({ fromStage: stage, toStage: stage, members: count })),
    })
    .nullable(),
});

export const valueQuery = z.strictObject({ by: z.enum(["spend", "profit", "lifetimeValue"]).default("spend") });

const model = z.strictObject({
  kind: z.string(),
  version: z.int(),
  fittedOn: day,
  document: z.record(z.string(), z.unknown()),
});

export const valueReport = z.strictObject({
  asOf: day.nullable(),
  by: valueQuery.shape.by.unwrap(),
  money: moneyCurrency,
  members: count,
  /** Members with an order, and what they brought, in all and each. */
  buyers: count,
  total: z.number(),
  mean: z.number().nullable(),
  bands: z.array(group(z.enum(["high", "middle", "low"]))),
  /** `potential`: those of the lower groups who are worth keeping. Empty while no margins are told. */
  profitGroups: z.array(
    z.strictObject({
      group: z.enum(["high", "middle", "low", "none"]),
      members: count,
      potential: count,
      profit: money,
    }),
  ),
  pyramid: z.array(
    z.strictObject({
      level: z.enum(["top", "large", "medium", "small", "inactive"]),
      members: count,
      value: z.number(),
      shareOfMembers: share,
      shareOfValue: share,
    }),
  ),
  /** The share that the best fifth of buyers bring, and the share of buyers who bring four fifths. */
  paretoShare: share.nullable(),
  membersMakingEighty: share.nullable(),
  /** Tenths of the buyers, best first: what they bring (`value`), and what they have spent. */
  deciles: z.array(z.strictObject({ members: count, value: z.number(), spend: money })),
  oneTimeBuyerRate: share.nullable(),
  /** Of the year to come, by the models; null while there are none. */
  lifetimeValue: z
    .strictObject({
      members: count,
      total: z.number(),
      mean: z.number(),
      expectedOrders: z.number(),
      meanAlive: z.number(),
    })
    .nullable(),
  /** Models in force, each with its parameters and how it was checked, or with what was missing to fit it. */
  models: z.array(model),
});

/** The labels that a member had on a day. */
export const memberLabels = z.strictObject({
  since: day,
  /** The first day on which they were others; null: they are the present ones. */
  until: day.nullable(),
  recency: z.int(),
  frequency: z.int(),
  monetary: z.int(),
  engagement: z.int(),
  rfmSegment: z.string(),
  rfmGroup: z.string(),
  stage: z.string(),
  label: z.string(),
  band: z.string(),
  profitGroup: z.string().nullable(),
  hasPotential: z.boolean(),
  churnRisk: z.boolean(),
  alive: z.number().nullable(),
  lifetimeValue: z.number().nullable(),
});

export const asOfQuery = z.strictObject({ memberId, day });
/** `labels` is null where nothing is known of that day: before the first order, or before the first build. */
export const asOfAnswer = z.strictObject({ memberId, day, labels: memberLabels.nullable() });

export const countsAsOfQuery = z.strictObject({ day });
const named = z.array(z.strictObject({ name: z.string(), members: count }));
export const countsAsOf = z.strictObject({
  day,
  members: count,
  stages: named,
  labels: named,
  bands: named,
  segments: named,
  groups: named,
});

export type RfmReport = z.output<typeof rfmReport>;
export type LifecycleReport = z.output<typeof lifecycleReport>;
export type ValueReport = z.output<typeof valueReport>;
export type MemberLabels = z.output<typeof memberLabels>;
export type AsOfAnswer = z.output<typeof asOfAnswer>;
export type CountsAsOf = z.output<typeof countsAsOf>;
