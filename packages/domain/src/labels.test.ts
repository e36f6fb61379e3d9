// Labels of people and of segmentation on one member: whose each is, how many fit, and what rules see of it.
import type { LifeActs, MemberInsights } from "@regulars/contracts/acts-life";
import { LABELS_MAX } from "@regulars/contracts/limits";
import fc from "fast-check";
import { expect, test } from "vitest";
import { memberFacts } from "./facts.ts";
import { decideLabels, decideLabelsSync, leftOut } from "./labels.ts";
import { makeOrder, MemoryLedger, TIME_ZONE } from "./memory-ledger.ts";
import { decideMerge } from "./merging.ts";

const NOW = Date.parse("2026-03-01T04:00:00Z");
const active: MemberInsights = { stage: "active", band: "high", churnRisk: false };

test("segmentation's labels stand beside those of people, and only they go again", () => {
  const ledger = make();
  setByHand(ledger, ["vip"]);
  sync(ledger, { tags: ["big", "new"], segments: ["spenders"] });
  expect(ledger.state).toMatchObject({ tags: ["big", "new", "vip"], segments: ["spenders"] });
  sync(ledger, { tags: ["new"] });
  expect(ledger.state).toMatchObject({ tags: ["new", "vip"], segments: [] });
  sync(ledger, {});
  expect(ledger.state).toMatchObject({ tags: ["vip"], segments: [] });
});

test("a label that a person set stays when segmentation wants it no more", () => {
  const ledger = make();
  setByHand(ledger, ["vip"]);
  sync(ledger, { tags: ["vip", "x"] });
  sync(ledger, {});
  expect(ledger.state.tags).toEqual(["vip"]);
});

test("a label that a person took away and gave again is theirs", () => {
  const ledger = make();
  sync(ledger, { tags: ["auto", "other"] });
  setByHand(ledger, ["other"]);
  setByHand(ledger, ["auto", "other"]);
  sync(ledger, {});
  expect(ledger.state.tags).toEqual(["auto"]);
});

test("what changes nothing writes nothing", () => {
  const ledger = make();
  const ask = { tags: ["b", "a", "a"], segments: ["s"], insights: active };
  sync(ledger, ask);
  expect(ledger.state.tags).toEqual(["a", "b"]);
  expect(sync(ledger, ask)).toBe("nothing");
  expect(sync(ledger, { ...ask, insights: { ...active, churnRisk: true } })).toBe("written");
  expect(sync(ledger, { ...ask, insights: null })).toBe("written");
  expect(sync(ledger, { ...ask, insights: null })).toBe("nothing");
});

test("of more labels than a member may have, the first by name fit beside those of people", () => {
  const ledger = make();
  const byHand = Array.from({ length: LABELS_MAX - 2 }, (_, place) => `hand-${place}`);
  setByHand(ledger, byHand);
  const wanted = ["c", "a", "b", "hand-0"];
  sync(ledger, { tags: wanted });
  expect(ledger.state.tags).toHaveLength(LABELS_MAX);
  expect(ledger.state.tags).toEqual(expect.arrayContaining([...byHand, "a", "b"]));
  expect(leftOut(wanted, ledger.state.tags)).toEqual(["c"]);
});

test("after any words in any order the member carries what people set and what the last word wants", () => {
  const label = fc.constantFrom("a", "b", "c", "d");
  const labels = fc.uniqueArray(label);
  const word = fc.oneof(fc.record({ hand: labels }), fc.record({ tags: labels }));
  fc.assert(
    fc.property(fc.array(word, { maxLength: 12 }), (words) => {
      const ledger = make();
      let [own, byHand] = [new Set<string>(), new Set<string>()];
      for (const one of words) {
        if ("hand" in one) {
          setByHand(ledger, one.hand);
          own = new Set(one.hand.filter((tag) => own.has(tag)));
          byHand = new Set(one.hand.filter((tag) => !own.has(tag)));
        } else {
          const before = ledger.state.tags;
          const outcome = sync(ledger, one);
          own = new Set(one.tags.filter((tag) => !byHand.has(tag)));
          expect(outcome === "nothing").toBe(String(before) === String(ledger.state.tags));
        }
        expect(ledger.state.tags).toEqual([...byHand, ...own].sort());
      }
    }),
  );
});

test("rules see what segmentation knows, an order keeps it, and nothing is kept of what is unknown", () => {
  const ledger = make();
  expect(factsOf(ledger)).not.toHaveProperty("stage");
  sync(ledger, { insights: { ...active, churnRisk: true } });
  expect(factsOf(ledger)).toMatchObject({ stage: "active", band: "high", churnRisk: true });
  const order = makeOrder(NOW, { orderId: "A" });
  ledger.call({ do: "order", version: 1, order }, NOW);
  expect(ledger.orders.get("A")).toMatchObject({ earned: [{ rule: "kept", points: 7 }], facts: { stage: "active" } });
  sync(ledger, { insights: null });
  expect(factsOf(ledger)).not.toHaveProperty("stage");
  // Half of it comes back: what stays still earns by what was known then.
  const refund = { orderId: "A", refundId: "1", lines: [{ lineId: "1", quantity: 1 }] };
  ledger.call({ do: "refund", version: 1, refund }, NOW);
  expect(ledger.orders.get("A")?.earned[0]).toMatchObject({ points: 7, reversed: 0 });
});

test("a merge carries tags of people, not those that follow what the merged profile did", () => {
  const ledger = make();
  setByHand(ledger, ["vip"]);
  sync(ledger, { tags: ["auto"] });
  const merge = decideMerge(ledger.state, { from: "mbr_a", into: "mbr_b", hashes: [] }, NOW);
  expect(merge).toMatchObject({ body: { transfer: { merge: { tags: ["vip"] } } } });
});

const make = () =>
  new MemoryLedger(
    [
      {
        currencies: [{ id: "points" }],
        earning: [
          {
            id: "kept",
            currency: "points",
            type: "fixed",
            points: 7,
            when: "member.churnRisk && member.band == 'high'",
          },
        ],
      },
    ],
    NOW,
  );

const factsOf = ({ state }: MemoryLedger) => memberFacts(state, undefined, NOW, TIME_ZONE);

function setByHand(ledger: MemoryLedger, tags: readonly string[]) {
  ledger.decide((state, _, now) => decideLabels(state, { tags }, now), NOW);
}

function sync(ledger: MemoryLedger, ask: Partial<LifeActs["labels.sync"]["ask"]>) {
  const decided = decideLabelsSync(ledger.state, { tags: [], segments: [], insights: null, ...ask }, NOW);
  if (decided === null) return "nothing";
  ledger.decide(() => decided, NOW);
  return "written";
}
