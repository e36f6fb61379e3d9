// Random definitions of segments: every kind of condition, nested, over the few names that the members of segments-world.ts have.
import type { OrderFilter, SegmentLeaf, SegmentNode, SegmentWindow } from "@regulars/contracts/segments";
import fc from "fast-check";

export const BASE_DAY = "2026-03-08";
export const NAMES = {
  stores: ["s1", "s2", "s3"],
  regions: ["north", "south"],
  channels: ["pos", "web"],
  skus: ["oolong", "puer", "cake"],
  categories: ["tea", "food"],
  tags: ["vip", "staff", "vegan"],
  tiers: ["silver", "gold"],
  currencies: ["points", "coins"],
  events: ["check-in", "review"],
  messageChannels: ["line", "email"],
  campaigns: ["spring", "autumn"],
  lists: ["guests", "press"],
  segments: ["stored-a", "stored-b"],
  purposes: ["email", "sms"],
  words: ["Mei 美麗", "İSTANBUL Σ", "50%_off", "mei", "ÉCLAIR", "黃"],
  genders: ["female", "male", "other"],
  scores: ["Champions", "Lost", "active", "A", "high", "low"],
} as const;

export const dayNear = (days: number) =>
  fc
    .integer({ min: -days, max: days })
    .map((offset) => new Date(Date.parse(BASE_DAY) + offset * 86_400_000).toISOString().slice(0, 10));

const some = <Value>(values: readonly Value[]) => fc.subarray([...values], { minLength: 1 });
const maybe = <Value>(value: fc.Arbitrary<Value>) => fc.option(value, { nil: undefined, freq: 2 });

/** Leaves out what is undefined, as a JSON document does. */
const made = <Value extends object = object>(shape: Readonly<Record<string, fc.Arbitrary<unknown>>>) =>
  // Each caller names the fields of what it makes; the contract reads the result again in every test.
  fc.record(shape).map((value) => JSON.parse(JSON.stringify(value)) as Value);

const window: fc.Arbitrary<SegmentWindow> = fc.oneof(
  fc.record({ lastDays: fc.oneof(fc.integer({ min: 1, max: 45 }), fc.constantFrom(1, 2, 1830)) }),
  fc.tuple(dayNear(45), dayNear(45)).map(([from, until]) => ({ from, until })),
  fc.constant({ from: "0000-01-01", until: "9999-12-31" }),
);

const limits = (min: number, max: number, isWhole = true) => {
  const limit = isWhole
    ? fc.oneof(
        { weight: 4, arbitrary: fc.integer({ min, max }) },
        fc.integer({ min, max: max * 2 }).map((x) => x / 2),
      )
    : fc.double({ min, max, noNaN: true });
  return fc.oneof(
    fc.record({ atLeast: limit }),
    fc.record({ atMost: limit }),
    fc.record({ atLeast: limit, atMost: limit }),
    fc.record({ atLeast: fc.constantFrom(-1e15, 1e15, 40_000) }),
  );
};

const withLimits = (leaf: fc.Arbitrary<object>, range: fc.Arbitrary<object>) =>
  fc.tuple(leaf, range).map(([one, limit]) => ({ ...one, ...limit }));

const where: fc.Arbitrary<OrderFilter> = made<OrderFilter>({
  storeIds: maybe(some(NAMES.stores)),
  regionIds: maybe(some(NAMES.regions)),
  channels: maybe(some(NAMES.channels)),
  skus: maybe(some(NAMES.skus)),
  categories: maybe(some(NAMES.categories)),
});

const kind = <Kind extends string>(name: Kind) => fc.constant(name);
const wordField = fc.constantFrom("gender", "locale", "company", "name", "homeStoreId", "regionId", "source");
const wordsAsked = [...NAMES.words, ...NAMES.stores, ...NAMES.regions, ...NAMES.genders, "zh-TW"];

/** One arbitrary for each kind of condition, by its name: none may be missing. */
const LEAVES: { readonly [Kind in SegmentLeaf["kind"]]: fc.Arbitrary<object> } = {
  everyone: fc.record({ kind: kind("everyone") }),
  word: fc.oneof(
    fc.record({ kind: kind("word"), field: wordField, in: some(wordsAsked) }),
    fc.record({
      kind: kind("word"),
      field: wordField,
      contains: fc.constantFrom("mei", "MEI", "i", "%", "_", "麗", "σ", "ς", "é", "e", "S", "ist", "\\"),
    }),
    fc.record({ kind: kind("word"), field: wordField, known: fc.boolean() }),
  ),
  custom: fc.oneof(
    fc.record({
      kind: kind("custom"),
      field: fc.constantFrom("size", "pets"),
      in: some(["1", 1, true, "L", 0, false]),
    }),
    fc.record({ kind: kind("custom"), field: fc.constantFrom("size", "pets"), known: fc.boolean() }),
    withLimits(fc.record({ kind: kind("custom"), field: fc.constantFrom("size", "pets") }), limits(-2, 3)),
  ),
  number: fc.oneof(
    withLimits(fc.record({ kind: kind("number"), field: kind("age") }), limits(-1, 60)),
    withLimits(fc.record({ kind: kind("number"), field: kind("enrolledDays") }), limits(-5, 60)),
    withLimits(fc.record({ kind: kind("number"), field: kind("birthdayInDays") }), limits(-3, 370)),
    withLimits(fc.record({ kind: kind("number"), field: kind("birthMonth") }), limits(1, 12)),
  ),
  identity: fc.record({ kind: kind("identity"), type: fc.constantFrom("phone", "email", "line", "card") }),
  consent: fc.record({ kind: kind("consent"), to: fc.constantFrom(...NAMES.purposes), given: fc.boolean() }),
  tag: fc.record({ kind: kind("tag"), in: some(NAMES.tags) }),
  tier: fc.record({ kind: kind("tier"), in: some([...NAMES.tiers, null]) }),
  balance: withLimits(
    fc.record({
      kind: kind("balance"),
      currency: fc.constantFrom(...NAMES.currencies),
      account: fc.constantFrom("available", "pending", "held"),
    }),
    limits(-5, 20),
  ),
  orders: fc.oneof(
    withLimits(
      made({
        kind: kind("orders"),
        measure: fc.constantFrom("orders", "days", "quantity"),
        where: maybe(where),
        window: maybe(window),
      }),
      limits(0, 5),
    ),
    withLimits(
      made({
        kind: kind("orders"),
        measure: fc.constantFrom("spend", "average"),
        where: maybe(where),
        window: maybe(window),
      }),
      fc.oneof(limits(0, 900), limits(0, 900, false)),
    ),
  ),
  orderAge: withLimits(
    made({ kind: kind("orderAge"), which: fc.constantFrom("first", "last"), where: maybe(where) }),
    limits(-2, 50),
  ),
  events: withLimits(
    made({
      kind: kind("events"),
      type: fc.constantFrom(...NAMES.events),
      storeIds: maybe(some(NAMES.stores)),
      window: maybe(window),
    }),
    limits(0, 3),
  ),
  eventAge: withLimits(
    fc.record({
      kind: kind("eventAge"),
      type: fc.constantFrom(...NAMES.events),
      which: fc.constantFrom("first", "last"),
    }),
    limits(-2, 50),
  ),
  scoreIs: fc.record({
    kind: kind("scoreIs"),
    score: fc.constantFrom("rfmSegment", "rfmGroup", "stage", "label", "band", "profitGroup"),
    in: some(NAMES.scores),
  }),
  score: withLimits(
    fc.record({
      kind: kind("score"),
      score: fc.constantFrom(
        "recency",
        "frequency",
        "monetary",
        "engagement",
        "alive",
        "expectedOrders",
        "expectedSpend",
        "lifetimeValue",
        "cycleDays",
      ),
    }),
    fc.oneof(limits(0, 5), limits(0, 1, false)),
  ),
  flag: fc.record({ kind: kind("flag"), flag: fc.constantFrom("churnRisk", "hasPotential") }),
  predicted: withLimits(
    fc.record({
      kind: kind("predicted"),
      what: fc.oneof(
        kind("nextOrder"),
        made({ kind: kind("sku"), refs: maybe(some(NAMES.skus)) }),
        made({ kind: kind("category"), refs: maybe(some(NAMES.categories)) }),
      ),
    }),
    limits(-30, 30),
  ),
  messages: withLimits(
    made({
      kind: kind("messages"),
      measure: fc.constantFrom("sent", "opened", "clicked"),
      channels: maybe(some(NAMES.messageChannels)),
      campaignIds: maybe(some(NAMES.campaigns)),
      window: maybe(window),
    }),
    limits(0, 3),
  ),
  segment: fc.record({ kind: kind("segment"), segmentId: fc.constantFrom(...NAMES.segments, "nobody") }),
  chance: fc.record({
    kind: kind("chance"),
    salt: fc.constantFrom("a", "鹽", "b:c"),
    from: fc.integer({ min: 0, max: 10_000 }),
    until: fc.integer({ min: 0, max: 10_000 }),
  }),
  list: fc.record({ kind: kind("list"), listId: fc.constantFrom(...NAMES.lists, "nobody") }),
};

/** Conditions of one kind; the test that uses them checks that the contract reads each as it is. */
export const leafOf = (name: SegmentLeaf["kind"]) => LEAVES[name] as fc.Arbitrary<SegmentLeaf>;

export const LEAF_KINDS = Object.keys(LEAVES) as readonly SegmentLeaf["kind"][];

const anyLeaf = fc.oneof(...LEAF_KINDS.map(leafOf));

/** Small ones are as likely as nested ones. */
export const definition: fc.Arbitrary<SegmentNode> = fc.letrec<{ node: SegmentNode }>((tie) => ({
  node: fc.oneof(
    { maxDepth: 3, depthSize: "small" },
    anyLeaf,
    fc.record({ kind: kind("not"), node: tie("node") }),
    fc.record({
      kind: fc.constantFrom("and" as const, "or" as const),
      nodes: fc.array(tie("node"), { minLength: 1, maxLength: 4 }),
    }),
  ),
})).node;
