// In which order segments that name each other are worked out.
import type { SegmentNode } from "@regulars/contracts/segments";
import { expect, test } from "vitest";
import { orderByDependency, orderInForce } from "./segment-order.ts";

const makeSegment = (segmentId: string, ...names: string[]) => {
  const nodes: SegmentNode[] = names.map((name) => ({ kind: "segment", segmentId: name }));
  const definition: SegmentNode = { kind: "not", node: { kind: "and", nodes: [{ kind: "everyone" }, ...nodes] } };
  return { segmentId, definition };
};

const idsOf = (...segments: ReturnType<typeof makeSegment>[]) => {
  const ordered = orderByDependency(segments);
  return ordered.ok ? ordered.segments.map(({ segmentId }) => segmentId) : ordered;
};

test("a segment comes after those that it names, and otherwise by its id", () => {
  expect(idsOf(makeSegment("c"), makeSegment("a", "c", "b"), makeSegment("b", "d"), makeSegment("d"))).toEqual([
    "d",
    "b",
    "c",
    "a",
  ]);
});

test("a name without a segment does not matter", () => {
  expect(idsOf(makeSegment("b"), makeSegment("a", "gone"))).toEqual(["a", "b"]);
});

test("segments that depend on each other are refused, with the way from one to itself", () => {
  expect(idsOf(makeSegment("a", "b"), makeSegment("b", "c"), makeSegment("c", "b"))).toEqual({
    ok: false,
    cycle: ["b", "c"],
  });
  expect(idsOf(makeSegment("a", "a"))).toEqual({ ok: false, cycle: ["a"] });
});

test("a chain as long as a tenant may have is put in order", () => {
  const chain = Array.from({ length: 300 }, (_, index) => makeSegment(`s${index}`, `s${index + 1}`));
  expect(idsOf(...chain)).toEqual(chain.map(({ segmentId }) => segmentId).toReversed());
});

test("versions in force that go round in a circle are all decided, and whatever is no part of it in order", () => {
  const segments = [makeSegment("a", "b"), makeSegment("b", "c"), makeSegment("c", "b", "d"), makeSegment("d")];
  expect(orderInForce(segments).map(({ segmentId }) => segmentId)).toEqual(["d", "c", "b", "a"]);
});
