import type { SegmentNode } from "@regulars/contracts/segments";
import { describe, expect, test } from "vitest";
import { listsNamed, refusalsOfNames } from "./segment-references.ts";

const segment = (segmentId: string): SegmentNode => ({ kind: "segment", segmentId });
const list = (listId: string): SegmentNode => ({ kind: "list", listId });
const and = (...nodes: SegmentNode[]): SegmentNode => ({ kind: "and", nodes });
const not = (node: SegmentNode): SegmentNode => ({ kind: "not", node });

/** `b` names `a`, and `c` names `b`. */
const there = {
  segments: new Map([
    ["a", []],
    ["b", ["a"]],
    ["c", ["b", "a"]],
  ]),
  lists: new Set(["friends"]),
};

describe("a definition", () => {
  test("may name segments and lists that are there", () => {
    const definition = and(segment("c"), not(segment("a")), list("friends"));
    expect(refusalsOfNames(definition, "d", there)).toEqual([]);
    expect(refusalsOfNames(definition, null, there)).toEqual([]);
  });

  test("is told each name that is not there, with its place", () => {
    expect(refusalsOfNames(and(segment("x"), not(list("y")), segment("x")), "d", there)).toEqual([
      { code: "segment_unknown", field: "definition.nodes[0].segmentId", facts: { segmentId: "x" } },
      { code: "list_not_found", field: "definition.nodes[1].node.listId", facts: { listId: "y" } },
      { code: "segment_unknown", field: "definition.nodes[2].segmentId", facts: { segmentId: "x" } },
    ]);
  });

  test("may not name its own segment, whether that is there yet or not", () => {
    for (const id of ["a", "d"]) {
      expect(refusalsOfNames(not(segment(id)), id, there)).toEqual([
        { code: "segment_cycle", field: "definition.node.segmentId", facts: { path: `${id} → ${id}` } },
      ]);
    }
  });

  test("may not reach its own segment through others, and is told the way", () => {
    expect(refusalsOfNames(and(list("friends"), segment("c")), "a", there)).toMatchObject([
      { code: "segment_cycle", field: "definition.nodes[1].segmentId", facts: { path: "a → c → a" } },
    ]);
    expect(refusalsOfNames(segment("c"), "b", there)).toMatchObject([
      { code: "segment_cycle", field: "definition.segmentId", facts: { path: "b → c → b" } },
    ]);
  });

  test("of a segment that names another may come to name none of those before", () => {
    expect(refusalsOfNames({ kind: "everyone" }, "b", there)).toEqual([]);
    expect(refusalsOfNames(segment("a"), "c", there)).toEqual([]);
  });
});

test("the lists of a definition are each found once, however deep", () => {
  expect(listsNamed(and(list("a"), not(and(list("b"), list("a"))), segment("c")))).toEqual(["a", "b"]);
});
