// Worked examples of a shadow: one order, what it gave, and what the candidate would have given.
import { describe, expect, test } from "vitest";
import { makeOrder, makeProgram, MemoryLedger, TIME_ZONE } from "./memory-ledger.ts";
import { explainSight, sightOf } from "./shadow.ts";

const AT = Date.UTC(2026, 10, 2, 17);
const base = { id: "base", currency: "points", per: 1000, points: 1 };
const present = { currencies: [{ id: "points" }], earning: [base], tender: { currency: "points", valuePerPoint: 100 } };

function paid(program: Parameters<typeof makeProgram>[0] = present, redeem = 0) {
  const ledger = new MemoryLedger([program], AT);
  ledger.call({ do: "adjust", version: 1, wish: { currency: "points", points: 100, reason: "", storeId: null } }, AT);
  const wish = redeem === 0 ? [] : [{ currency: "points", points: redeem }];
  const outcome = ledger.call({ do: "order", version: 1, order: makeOrder(AT, { redeem: wish }) }, AT);
  if (!("event" in outcome) || outcome.event.body.kind !== "order.paid") throw new Error("not paid");
  return outcome.event.body.order;
}

describe("an order of NT$375 that gave 37 points", () => {
  test("under twice the points gives 74, on the local day of the tenant", () => {
    const candidate = makeProgram({ ...present, earning: [{ ...base, points: 2 }] });
    expect(sightOf(candidate, paid(), TIME_ZONE)).toEqual({
      day: "2026-11-03",
      rules: [{ rule: "base", currency: "points", now: 37, candidate: 74 }],
      differs: true,
    });
    expect(explainSight(candidate, paid(), TIME_ZONE)).toMatchObject([{ rule: "base", points: 74, base: 37_500 }]);
  });

  test("under another rule is told by both rules", () => {
    const candidate = makeProgram({ ...present, earning: [{ ...base, id: "new", per: 37_500 }] });
    expect(sightOf(candidate, paid(), TIME_ZONE).rules).toEqual([
      { rule: "base", currency: "points", now: 37, candidate: 0 },
      { rule: "new", currency: "points", now: 0, candidate: 1 },
    ]);
  });

  test("under the present program differs in nothing, also where points paid", () => {
    expect(sightOf(makeProgram(present), paid(), TIME_ZONE).differs).toBe(false);
    expect(sightOf(makeProgram(present), paid(present, 75), TIME_ZONE)).toMatchObject({
      rules: [{ now: 30, candidate: 30 }],
      differs: false,
    });
  });

  test("a cap has the room that it had", () => {
    const capped = { ...present, earning: [{ ...base, caps: [{ period: "day" as const, points: 10 }] }] };
    expect(sightOf(makeProgram(capped), paid(capped), TIME_ZONE)).toMatchObject({
      rules: [{ now: 10, candidate: 10 }],
      differs: false,
    });
  });
});
