// Affinity against published counts, against counting by hand, and against the clock.
import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { array, assert, constantFrom, double, integer, property, record, uniqueArray } from "fast-check";
import { expect, test } from "vitest";
import { affinityRules, indexRules, recommend } from "./affinity.ts";
import type { AffinityRule } from "./affinity.ts";
import { BasketBuilder, basketCount, basketTable } from "./baskets.ts";
import { frequentItemSets } from "./item-sets.ts";
import { seededRandom } from "./seeded-random.ts";

const path = fileURLToPath(new URL("../../../../shared/fixtures/groceries/groceries.basket.tsv", import.meta.url));
const without = !existsSync(path);
const absent = `${path} is not there`;

test("Groceries at support .001 and confidence .5 give the 5,668 rules of arules", ({ skip }) => {
  skip(without, absent);
  const table = groceries();
  expect([basketCount(table), table.items.length]).toEqual([9835, 169]);
  expect(table.items).toContain("cream cheese ");
  const found = affinityRules(table, { support: 0.001, confidence: 0.5 });
  const rules = found.ok ? found.rules : [];
  expect(rules).toHaveLength(5668);
  const byLength = [2, 3, 4, 5, 6].map((length) => rules.filter((one) => one.antecedent.length + 1 === length).length);
  expect(byLength).toEqual([11, 1461, 3211, 939, 46]);
  // The rule with the greatest lift, as inspect(head(sort(rules, by = "lift"))) prints it.
  expect(rules[0]).toMatchObject({ consequent: "hamburger meat", count: 12 });
  expect(rules[0]?.antecedent.toSorted()).toEqual(["Instant food products", "soda"]);
  expect(rules[0]?.support).toBeCloseTo(0.001220132, 9);
  expect(rules[0]?.confidence).toBeCloseTo(0.6315789, 7);
  expect(rules[0]?.lift).toBeCloseTo(18.99565, 5);
});

test("Groceries give arules' counts at other supports too, and a reason with every offer", ({ skip }) => {
  skip(without, absent);
  const table = groceries();
  // apriori(Groceries, support = .01, confidence = .5): 15 rules; eclat at support .01: 333 sets; at .001: 13,492.
  const few = affinityRules(table, { support: 0.01, confidence: 0.5 });
  expect(few.ok && few.rules.length).toBe(15);
  expect(countOf(frequentItemSets(table, { support: 0.01 }))).toBe(333);
  expect(countOf(frequentItemSets(table, { support: 0.001 }))).toBe(13_492);
  const offers = recommend(indexRules(few.ok ? few.rules : []), ["butter", "other vegetables"]);
  expect(offers.map(({ item }) => item)).toEqual(["whole milk"]);
  expect(offers[0]?.reason.antecedent.toSorted()).toEqual(["butter", "other vegetables"]);
  expect(offers[0]?.reason.confidence).toBeCloseTo(0.5736041, 7);
});

const smallBaskets = array(uniqueArray(constantFrom("a", "b", "c", "d", "e", "f"), { maxLength: 6 }), {
  maxLength: 70,
});

test("rules over any subset of baskets are those that counting by hand finds", () => {
  const agreement = property(
    smallBaskets,
    record({
      support: double({ min: 0.02, max: 0.9, noNaN: true }),
      confidence: double({ min: 0, max: 1, noNaN: true }),
    }),
    integer({ min: 1, max: 4 }),
    integer({ min: 1, max: 6 }),
    (baskets, { support, confidence }, stride, maxLength) => {
      const subset = baskets.flatMap((_, index) => (index % stride === 0 ? [index] : []));
      const chosen = subset.map((index) => baskets[index] ?? []);
      const found = affinityRules(basketTable(baskets), { support, confidence, subset, maxLength, minLength: 1 });
      const expected = chosen.length === 0 ? [] : byHand(chosen, { support, confidence, maxLength });
      expect(found.ok && found.rules.map(textOf).toSorted()).toEqual(expected.toSorted());
    },
  );
  assert(agreement, { numRuns: 300, seed: 4 });
});

test("a support or a confidence so low that nobody could read the answer is refused", () => {
  const table = basketTable([["a", "b", "c", "d", "e"]]);
  expect(frequentItemSets(table, { support: 1, maxSets: 30 })).toMatchObject({
    ok: false,
    reason: "support_too_low",
    maxSets: 30,
  });
  expect(countOf(frequentItemSets(table, { support: 1, maxSets: 31 }))).toBe(31);
  expect(affinityRules(table, { support: 1, confidence: 0, maxSets: 3 }).ok).toBe(false);
  const few = { support: 1, confidence: 0, maxLength: 2, maxRules: 19 };
  expect(affinityRules(table, few)).toEqual({ ok: false, reason: "confidence_too_low", maxRules: 19 });
  expect(affinityRules(table, { ...few, maxRules: 20 }).ok).toBe(true);
});

test("no basket, an empty basket and an item twice in a basket are no trouble", () => {
  expect(affinityRules(basketTable([]), { support: 0.1, confidence: 0 })).toEqual({ ok: true, baskets: 0, rules: [] });
  expect(countOf(frequentItemSets(basketTable([[]]), { support: 0.1 }))).toBe(0);
  const twice = frequentItemSets(basketTable([["a", "a", "b"], ["a"]]), { support: 1 });
  expect(twice.ok && twice.sets).toEqual([{ items: [0], count: 2 }]);
});

test("an offer never names what is held, excluded or bought less often than by chance", () => {
  const rules = [
    rule(["a"], "b", 0.5, 2),
    rule(["a", "c"], "b", 0.8, 3),
    rule(["a"], "d", 0.6, 2),
    rule(["a"], "e", 0.9, 0.9),
    rule(["a"], "c", 0.9, 4),
    rule(["x"], "y", 1, 9),
    rule([], "z", 1, 1),
  ];
  const index = indexRules(rules);
  const offers = recommend(index, ["a", "c"]);
  expect(offers.map(({ item, rules: count }) => [item, count])).toEqual([
    ["b", 2],
    ["d", 1],
  ]);
  expect(offers[0]?.reason.antecedent).toEqual(["a", "c"]);
  expect(recommend(index, ["a"], { exclude: new Set(["c", "d"]), limit: 1 })[0]?.item).toBe("b");
});

test("a million baskets are read in seconds, and the pair that was planted is found", async ({ annotate }) => {
  const random = seededRandom(9);
  const builder = new BasketBuilder();
  const count = 1_000_000;
  for (let row = 0; row < count; row += 1) {
    const basket = Array.from(
      { length: 1 + Math.floor(random() * 6) },
      () => `item ${Math.floor(random() ** 3 * 400)}`,
    );
    builder.add(random() < 0.004 ? [...basket, "beans", "filter"] : basket);
  }
  const before = performance.now();
  const found = affinityRules(builder.table(), { support: 0.001, confidence: 0.5 });
  const seconds = (performance.now() - before) / 1000;
  await annotate(`1,000,000 baskets of 400 items at support .001: ${seconds.toFixed(1)} s`);
  const rules = found.ok ? found.rules : [];
  const pairs = rules.filter(({ antecedent }) => antecedent.length === 1).map(textOf);
  expect(pairs.map((text) => text.split(" ").slice(0, 3).join(" ")).toSorted()).toEqual([
    "beans => filter",
    "filter => beans",
  ]);
  // Alone it takes two seconds; a busy machine may take many times that.
  expect(seconds).toBeLessThan(40);
});

function groceries() {
  const lines = readFileSync(path, "utf8").split("\n");
  return basketTable(lines.filter((line) => line !== "").map((line) => line.split("\t")));
}

function countOf(found: ReturnType<typeof frequentItemSets>): number | null {
  return found.ok ? found.sets.length : null;
}

function rule(antecedent: string[], consequent: string, confidence: number, lift: number): AffinityRule {
  return { antecedent, consequent, count: 10, support: 0.1, confidence, lift, leverage: 0.1, conviction: 2 };
}

function textOf({ antecedent, consequent, ...measures }: AffinityRule): string {
  const { count, support, confidence, lift, leverage, conviction } = measures;
  const numbers = [count, support, confidence, lift, leverage, conviction].map((value) => value.toPrecision(9));
  return `${antecedent.toSorted().join("+")} => ${consequent} ${numbers.join(" ")}`;
}

type Asked = { support: number; confidence: number; maxLength: number };

/** Every subset of the items against every basket. */
function byHand(baskets: readonly (readonly string[])[], { support, confidence, maxLength }: Asked): string[] {
  const items = ["a", "b", "c", "d", "e", "f"];
  const shareOf = (set: readonly string[]) =>
    baskets.filter((basket) => set.every((item) => basket.includes(item))).length / baskets.length;
  const rules: string[] = [];
  for (let mask = 1; mask < 64; mask += 1) {
    const set = items.filter((_, bit) => (mask >> bit) % 2 === 1);
    const both = shareOf(set);
    if (set.length > maxLength || both === 0 || both < support - 1e-12) continue;
    for (const consequent of set) {
      const antecedent = set.filter((item) => item !== consequent);
      const [ofAntecedent, ofConsequent] = [shareOf(antecedent), shareOf([consequent])];
      const count = Math.round(both * baskets.length);
      const sure = count / Math.round(ofAntecedent * baskets.length);
      if (sure < confidence) continue;
      const lift = sure / ofConsequent;
      const leverage = both - ofAntecedent * ofConsequent;
      const conviction = sure === 1 ? Number.POSITIVE_INFINITY : (1 - ofConsequent) / (1 - sure);
      rules.push(
        textOf({ antecedent, consequent, count, support: both, confidence: sure, lift, leverage, conviction }),
      );
    }
  }
  return rules;
}
