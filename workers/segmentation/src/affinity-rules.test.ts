import { basketTable } from "@regulars/insights/baskets";
import { seededRandom } from "@regulars/insights/seeded-random";
import { expect, test } from "vitest";
import { ruleFound, usefulRules } from "./affinity-rules.ts";

/** Whoever takes a takes b, mostly; everybody takes a few things by chance. */
function baskets(count: number, items: number) {
  const random = seededRandom(7);
  return Array.from({ length: count }, () => {
    const basket = Array.from({ length: 6 }, () => `i${Math.floor(random() ** 2 * items)}`);
    return random() < 0.1 ? [...basket, "a", ...(random() < 0.8 ? ["b"] : [])] : basket;
  });
}

test("rules that hold are found, none of them worse than chance, with a tenth of the buyers behind each", () => {
  const rules = usefulRules(basketTable(baskets(2000, 300)));
  const best = rules.find(({ antecedent, consequent }) => antecedent.join() === "a" && consequent === "b");
  expect(best?.confidence).toBeGreaterThan(0.7);
  expect(best?.lift).toBeGreaterThan(8);
  expect(rules.every(({ lift, confidence, count }) => lift >= 1 && confidence >= 0.1 && count >= 10)).toBe(true);
});

test("where too many rules hold the support is raised until those that are left can be stored", () => {
  const table = basketTable(baskets(5000, 30));
  const all = usefulRules(table, 100_000);
  const few = usefulRules(table, 200);
  expect(all.length).toBeGreaterThan(1000);
  expect(few.length).toBeGreaterThan(0);
  expect(few.length).toBeLessThanOrEqual(200);
  const least = Math.min(...few.map(({ support }) => support));
  const wanted = all.filter(({ support, antecedent }) => support >= least && antecedent.length === 1);
  expect(few.filter(({ antecedent }) => antecedent.length === 1)).toEqual(wanted);
});

test("a handful of baskets makes no rule", () => {
  expect(usefulRules(basketTable([]))).toEqual([]);
  expect(usefulRules(basketTable(Array.from({ length: 9 }, () => ["a", "b"])))).toEqual([]);
  expect(usefulRules(basketTable(Array.from({ length: 20 }, () => ["a", "b"]))).map(ruleFound)).toMatchObject([
    { antecedent: ["a"], consequent: "b", confidence: 1, conviction: null },
    { antecedent: ["b"], consequent: "a", confidence: 1, conviction: null },
  ]);
});
