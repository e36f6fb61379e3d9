import type { EventBody } from "@regulars/contracts/events";
import type { OrderRecord } from "@regulars/contracts/events-orders";
import { describe, expect, test } from "vitest";
import type { Prepared } from "./moment.ts";
import { codesCounted, giveUpAsk, settlePending, type Pending } from "./needs.ts";
import type { Decision } from "./refuse.ts";

const used = (claim: string, state: "used" | "returned" = "used") => ({ code: { campaign: "flyer", claim }, state });

// Only what is looked at; the rest of an order's event does not matter here.
const paid = (order: object, more: object = {}): Decision => ({
  ok: true,
  body: { kind: "order.paid", order: { earned: [], ...order }, ...more } as unknown as EventBody,
});

const pending = (more: Partial<Pending>): Pending => ({ intent: "prep_1_1", takes: [], claims: [], ...more });
const dutiesOf = (decision: Decision) => (decision.ok && "duties" in decision.body ? decision.body.duties : undefined);
const settle = (decision: Decision, prepared: Pick<Prepared, "pending" | "codeUses">, counter = 0) =>
  settlePending(decision, prepared, () => counter);

describe("what was taken and not given goes back", () => {
  const take = { name: "budget/launch/all", granted: 100, rule: "launch" };

  test.each([
    ["all of it was given", [{ rule: "launch", points: 100 }], []],
    ["a part was given", [{ rule: "launch", points: 30 }], [{ name: take.name, key: "prep_1_1", unused: 70 }]],
    ["another rule won", [{ rule: "base", points: 100 }], [{ name: take.name, key: "prep_1_1", unused: 100 }]],
  ])("%s", (_, earned, takes) => {
    const settled = settle(paid({ earned }), { pending: [pending({ takes: [take] })] });
    const settles = { intent: "prep_1_1", must: true };
    expect(dutiesOf(settled)).toEqual([
      { id: "prep_1_1", kind: "prepared.settle", ask: { takes, claims: [] }, settles },
    ]);
  });

  test("duties of the decision itself stay first", () => {
    const own = { id: "own", kind: "transfer.deliver", ask: null };
    const settled = settle(paid({}, { duties: [own] }), { pending: [pending({})] });
    expect(dutiesOf(settled)?.map(({ id }) => id)).toEqual(["own", "prep_1_1"]);
  });

  test("an order that was prepared for nothing is left as it is, and so is a refusal", () => {
    const decision = paid({});
    expect(settle(decision, {})).toBe(decision);
    const refused: Decision = { ok: false, refusal: { code: "insufficient_points" } };
    expect(settle(refused, { pending: [pending({ takes: [take] })] })).toBe(refused);
  });
});

test("claims of codes that the order does not use are let go", () => {
  const claims = ["a", "b", "c"].map((claim) => ({ campaign: "flyer", claim }));
  const settled = settle(paid({ vouchers: [used("a"), used("b", "returned")] }), { pending: [pending({ claims })] });
  expect(dutiesOf(settled)?.[0]?.ask).toEqual({ takes: [], claims: claims.slice(1) });
});

describe("a campaign's limit for one member", () => {
  const uses = (by: number) => paid({}, { counters: [{ name: "code/flyer", by, until: null }] });

  test.each([
    ["the last use passes", 1, 1, true],
    ["one more is refused", 1, 2, false],
    ["what a refund takes back always passes", -1, 5, true],
  ])("%s", (_, by, counter, passes) => {
    expect(settle(uses(by), { codeUses: { "code/flyer": 2 } }, counter).ok).toBe(passes);
  });

  test("a code counts while it is used", () => {
    const vouchers: unknown = [used("a"), used("b", "returned"), { state: "used" }];
    expect(codesCounted({ vouchers } as Pick<OrderRecord, "vouchers">)).toEqual([
      { name: "code/flyer", by: 1, until: null },
    ]);
  });
});

test("an intent that nobody settled gives back whatever was granted under it", () => {
  expect(giveUpAsk("prep_1_1", ["stock/tea"], [])).toEqual({
    takes: [{ name: "stock/tea", key: "prep_1_1", unused: Number.MAX_SAFE_INTEGER }],
    claims: [],
  });
});
