import { expect, test } from "vitest";
import { insightSettings, readInsightSettings } from "./insights-settings.ts";

test("a tenant that has told nothing is judged by the usual settings", () => {
  expect(readInsightSettings(null)).toEqual({
    rfm: { bins: 5 },
    engagement: { weights: {}, halfLifeDays: 90 },
    lifecycle: { atRiskFrom: 1.5, sleepingFrom: 2.5, lostFrom: 4, deepFrom: 8, matureOrders: 5, wonBackOrders: 2 },
    supposedCycleDays: 30,
    churnTimes: 2,
    bandShares: { high: 0.2, low: 0.5 },
    horizonDays: 365,
    discountPerYear: 0.1,
    repurchase: { leadDays: 3, quantityPower: 1, churnTimes: 2 },
    affinity: { days: 180, by: "sku" },
    scorecards: { days: 30, minOrders: 10 },
  });
});

test("one field may be told alone; the others of its part stay as usual", () => {
  const { lifecycle, repurchase } = readInsightSettings({
    lifecycle: { matureOrders: 8 },
    repurchase: { leadDays: 7 },
  });
  expect(lifecycle).toMatchObject({ atRiskFrom: 1.5, matureOrders: 8 });
  expect(repurchase).toEqual({ leadDays: 7, quantityPower: 1, churnTimes: 2 });
});

test("limits that contradict each other are refused", () => {
  const fixedCuts = { recencyDays: [10, 20], orders: [2, 3], amount: [100, 200] };
  const wrong = [
    { lifecycle: { atRiskFrom: 3, sleepingFrom: 2.5 } },
    { bandShares: { high: 0.6, low: 0.5 } },
    { rfm: { fixedCuts } },
    { rfm: { bins: 3, fixedCuts: { ...fixedCuts, orders: [3, 2] } } },
    { rfm: { bins: 3, fixedCuts: { ...fixedCuts, orders: [1, 2, 3] } } },
    { rfm: { bins: 2 } },
    { repurchase: { quantityPower: 1.5 } },
    { cycle: 30 },
  ];
  for (const one of wrong) expect(insightSettings.safeParse(one).success, JSON.stringify(one)).toBe(false);
  expect(insightSettings.parse({ rfm: { bins: 3, fixedCuts } }).rfm).toEqual({ bins: 3, fixedCuts });
});
