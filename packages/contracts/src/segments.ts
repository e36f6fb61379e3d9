// What a segment is: a tree of conditions over what is known of a member, as data. No text of a user ever becomes SQL.
import { z } from "zod";
import { day, instant, memberId, slug, text } from "./values.ts";

/** Conditions of one definition: each is at most one look at a member's rows. */
export const SEGMENT_CONDITIONS_MAX = 100;
/** How deep conditions may be nested: deeper ones nobody can read. */
export const SEGMENT_DEPTH_MAX = 8;
/** Values of one list in a condition. */
export const SEGMENT_VALUES_MAX = 200;
/** Segments of one tenant: a member that changes is looked at for each of them. */
export const SEGMENTS_MAX = 300;
/** Days of a rolling window: five years. */
export const WINDOW_DAYS_MAX = 1830;
/** Members that may be added to a list by one request. */
export const LIST_MEMBERS_MAX = 1000;
/** A build that changes more members than this share of those before is held until somebody has looked, in percent. */
export const BREAKER_PERCENT_DEFAULT = 50;
/** Below so many changes a build is never held. */
export const BREAKER_MEMBERS_MIN = 100;
/** Buckets of chance: a hundredth of a percent each. */
export const CHANCE_BUCKETS = 10_000;

const values = <Value extends z.ZodType>(value: Value) => z.array(value).min(1).max(SEGMENT_VALUES_MAX);
const word = text();
const number = z.number().min(-1e15).max(1e15);

/** At least one limit; both are included. */
const range = { atLeast: number.optional(), atMost: number.optional() };
const hasLimit = (node: { atLeast?: number | undefined; atMost?: number | undefined }) =>
  node.atLeast !== undefined || node.atMost !== undefined;
const needsLimit = { params: { code: "missing_field" } };

/** Whole local days, today included: `lastDays: 1` is today. Or two days, both included. */
const window = z.union([
  z.strictObject({ lastDays: z.int().min(1).max(WINDOW_DAYS_MAX) }),
  z.strictObject({ from: day, until: day }),
]);

/** Orders that a condition looks at; of those with a product, only its lines count for quantity and spend. */
const orderFilter = z.strictObject({
  storeIds: values(slug).optional(),
  regionIds: values(slug).optional(),
  channels: values(word).optional(),
  skus: values(word).optional(),
  categories: values(word).optional(),
});

/** A word of the profile: one of `in`; or it `contains` a text (any case); or it is `known` at all. */
const wordTest = {
  in: values(word).optional(),
  contains: word.optional(),
  known: z.boolean().optional(),
};
const oneTest = (node: { in?: unknown; contains?: unknown; known?: unknown }) =>
  [node.in, node.contains, node.known].filter((test) => test !== undefined).length === 1;

/** Words of the member: profile, home store, and where the member came from. */
export const segmentWords = z.enum(["gender", "locale", "company", "name", "homeStoreId", "regionId", "source"]);
/** Numbers of the person that move with the calendar: years of age, days since enrolment, days until the next birthday, month of birth. */
export const segmentNumbers = z.enum(["age", "enrolledDays", "birthdayInDays", "birthMonth"]);
/** Scores with names. */
export const namedScores = z.enum(["rfmSegment", "rfmGroup", "stage", "label", "band", "profitGroup"]);
/** Scores with numbers: RFM and engagement from 1 up, shares in [0, 1], money in minor units, days of a member's own cycle. */
export const numberScores = z.enum([
  "recency",
  "frequency",
  "monetary",
  "engagement",
  "alive",
  "expectedOrders",
  "expectedSpend",
  "lifetimeValue",
  "cycleDays",
]);
export const flagScores = z.enum(["churnRisk", "hasPotential"]);

const wordCondition = z.strictObject({ kind: z.literal("word"), field: segmentWords, ...wordTest }).refine(oneTest, {
  params: { code: "invalid_value" },
});
const customCondition = z
  .strictObject({
    kind: z.literal("custom"),
    field: slug,
    in: values(z.union([word, z.boolean(), z.int()])).optional(),
    known: z.boolean().optional(),
    ...range,
  })
  .refine((node) => Number(node.in !== undefined) + Number(node.known !== undefined) + Number(hasLimit(node)) === 1, {
    params: { code: "invalid_value" },
  });

const leaves = [
  z.strictObject({ kind: z.literal("everyone") }),
  wordCondition,
  customCondition,
  z.strictObject({ kind: z.literal("number"), field: segmentNumbers, ...range }).refine(hasLimit, needsLimit),
  /** Whether the member has told an identity of a kind. */
  z.strictObject({ kind: z.literal("identity"), type: z.enum(["phone", "email", "line", "card"]) }),
  z.strictObject({ kind: z.literal("consent"), to: slug, given: z.boolean() }),
  z.strictObject({ kind: z.literal("tag"), in: values(slug) }),
  /** Null stands for no tier. */
  z.strictObject({ kind: z.literal("tier"), in: values(slug.nullable()) }),
  z
    .strictObject({
      kind: z.literal("balance"),
      currency: slug,
      account: z.enum(["available", "pending", "held"]),
      ...range,
    })
    .refine(hasLimit, needsLimit),
  /** Over the orders that count: how many, on how many days, money kept, its mean by order, units. No orders: 0; a mean of none holds never. */
  z
    .strictObject({
      kind: z.literal("orders"),
      measure: z.enum(["orders", "days", "spend", "average", "quantity"]),
      where: orderFilter.optional(),
      window: window.optional(),
      ...range,
    })
    .refine(hasLimit, needsLimit),
  /** Days since the first or the last such order; never, without one. */
  z
    .strictObject({
      kind: z.literal("orderAge"),
      which: z.enum(["first", "last"]),
      where: orderFilter.optional(),
      ...range,
    })
    .refine(hasLimit, needsLimit),
  /** Events beside orders that were not taken back. */
  z
    .strictObject({
      kind: z.literal("events"),
      type: slug,
      storeIds: values(slug).optional(),
      window: window.optional(),
      ...range,
    })
    .refine(hasLimit, needsLimit),
  z
    .strictObject({ kind: z.literal("eventAge"), type: slug, which: z.enum(["first", "last"]), ...range })
    .refine(hasLimit, needsLimit),
  z.strictObject({ kind: z.literal("scoreIs"), score: namedScores, in: values(word) }),
  z.strictObject({ kind: z.literal("score"), score: numberScores, ...range }).refine(hasLimit, needsLimit),
  z.strictObject({ kind: z.literal("flag"), flag: flagScores }),
  /** Days until the predicted next order, or until a product or category is needed again; negative when overdue. */
  z
    .strictObject({
      kind: z.literal("predicted"),
      what: z.union([
        z.literal("nextOrder"),
        z.strictObject({ kind: z.enum(["sku", "category"]), refs: values(word).optional() }),
      ]),
      ...range,
    })
    .refine(hasLimit, needsLimit),
  z
    .strictObject({
      kind: z.literal("messages"),
      measure: z.enum(["sent", "opened", "clicked"]),
      channels: values(slug).optional(),
      campaignIds: values(slug).optional(),
      window: window.optional(),
      ...range,
    })
    .refine(hasLimit, needsLimit),
  /** Whoever the other segment's last build has stored. */
  z.strictObject({ kind: z.literal("segment"), segmentId: slug }),
  /** Members whose bucket of chance, of CHANCE_BUCKETS, is at or above `from` and below `until`; each `salt` deals anew. */
  z.strictObject({
    kind: z.literal("chance"),
    salt: word,
    from: z.int().min(0).max(CHANCE_BUCKETS),
    until: z.int().min(0).max(CHANCE_BUCKETS),
  }),
  z.strictObject({ kind: z.literal("list"), listId: slug }),
] as const;

export type SegmentLeaf = z.output<(typeof leaves)[number]>;
export type SegmentNode =
  | SegmentLeaf
  | { readonly kind: "and" | "or"; readonly nodes: readonly SegmentNode[] }
  | { readonly kind: "not"; readonly node: SegmentNode };

/** Checked from the leaves up; how many there are and how deep is checked of the whole (`segmentDefinition`). */
export const segmentNode: z.ZodType<SegmentNode> = z.lazy(() =>
  z.discriminatedUnion("kind", [
    ...leaves,
    z.strictObject({ kind: z.enum(["and", "or"]), nodes: z.array(segmentNode).min(1).max(SEGMENT_CONDITIONS_MAX) }),
    z.strictObject({ kind: z.literal("not"), node: segmentNode }),
  ]),
);

export type SegmentWindow = z.output<typeof window>;
export type OrderFilter = z.output<typeof orderFilter>;

export const segmentDefinition = segmentNode.refine(isWithinLimits, { params: { code: "too_many_items" } });

/** The tag of whoever is in the segment; it stays so many days after leaving. */
export const autoTag = z.strictObject({ tag: slug, daysAfterLeaving: z.int().min(0).max(3660) });

export const segmentRequest = z.strictObject({
  name: text(),
  definition: segmentDefinition,
  /** Conditions of the program see it as `member.segments`. */
  atCheckout: z.boolean().default(false),
  autoTag: autoTag.nullable().default(null),
  /** Of the members before: a build that changes a larger share is held until it is released. */
  breakerPercent: z.int().min(1).max(100_000).default(BREAKER_PERCENT_DEFAULT),
});

/** `building`: a version is being worked out. `held`: it changed more than expected, see `releaseSegment`. */
export const segmentState = z.enum(["building", "ready", "held", "failed"]);

export const segmentAnswer = z.strictObject({
  id: slug,
  version: z.int(),
  ...segmentRequest.shape,
  state: segmentState,
  /** The version whose members are stored; null before the first build. */
  builtVersion: z.int().nullable(),
  builtAt: instant.nullable(),
  buildMilliseconds: z.int().nullable(),
  error: z.string().nullable(),
  members: z.int(),
  createdAt: instant,
});

export const segmentPreview = z.strictObject({
  /** How many members are in it now, and how many members there are. */
  members: z.int(),
  of: z.int(),
  /** True when only a part of the members was looked at, since all would take too long: `members` is projected from it. */
  estimated: z.boolean(),
  sample: z.array(z.strictObject({ memberId, name: z.string().nullable() })),
  milliseconds: z.int(),
});

/** Why one condition holds or not: what was found, beside what was asked. */
export const segmentReason = z.strictObject({
  /** The path of the condition in the definition, such as `and.1.not`. */
  path: z.string(),
  condition: segmentNode,
  holds: z.boolean(),
  /** What the member has; null when there is nothing. */
  found: z.union([z.string(), z.number(), z.boolean(), z.null()]),
  /** In the asker's language. */
  text: z.string(),
});

export const segmentExplanation = z.strictObject({
  segmentId: slug,
  version: z.int(),
  memberId,
  /** By the definition now, and by the last build. */
  holds: z.boolean(),
  stored: z.boolean(),
  since: instant.nullable(),
  reasons: z.array(segmentReason),
});

export type SegmentRequest = z.output<typeof segmentRequest>;
export type SegmentAnswer = z.output<typeof segmentAnswer>;
export type SegmentPreview = z.output<typeof segmentPreview>;
export type SegmentReason = z.output<typeof segmentReason>;
export type SegmentExplanation = z.output<typeof segmentExplanation>;

/** Every segment that a definition names. */
export function segmentsNamed(node: SegmentNode): string[] {
  if (node.kind === "and" || node.kind === "or") return node.nodes.flatMap(segmentsNamed);
  if (node.kind === "not") return segmentsNamed(node.node);
  return node.kind === "segment" ? [node.segmentId] : [];
}

function isWithinLimits(node: SegmentNode): boolean {
  let conditions = 0;
  const depthOf = (one: SegmentNode): number => {
    conditions += 1;
    if (one.kind === "and" || one.kind === "or") return 1 + Math.max(...one.nodes.map(depthOf));
    return one.kind === "not" ? 1 + depthOf(one.node) : 1;
  };
  return depthOf(node) <= SEGMENT_DEPTH_MAX && conditions <= SEGMENT_CONDITIONS_MAX;
}
