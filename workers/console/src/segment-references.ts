// Decides whether a definition may name the segments and lists that it names: they are there, and it does not reach itself.
import type { Refusal } from "@regulars/contracts/refusals";
import type { SegmentNode } from "@regulars/contracts/segments";
import { orderByDependency } from "@regulars/domain/segment-order";
import { fieldPath } from "@regulars/edge/field-path";

/** What is there to be named: each live segment with those that its own definition names, and lists. */
export interface Nameable {
  readonly segments: ReadonlyMap<string, readonly string[]>;
  readonly lists: ReadonlySet<string>;
}

/** What is wrong with the names of a definition; `segmentId` is whose it is to be, null for nobody's. */
export function refusalsOfNames(definition: SegmentNode, segmentId: string | null, there: Nameable): Refusal[] {
  const cycle = segmentId === null ? [] : cycleOf(segmentId, definition, there);
  return namesIn(definition, ["definition"]).flatMap(({ kind, id, path }): Refusal[] => {
    const field = fieldPath(path);
    if (kind === "list") return there.lists.has(id) ? [] : [{ code: "list_not_found", field, facts: { listId: id } }];
    if (cycle.length > 0 && id === cycle[1]) {
      return [{ code: "segment_cycle", field, facts: { path: cycle.join(" → ") } }];
    }
    return there.segments.has(id) ? [] : [{ code: "segment_unknown", field, facts: { segmentId: id } }];
  });
}

/** Every list that a definition names. */
export function listsNamed(definition: SegmentNode): string[] {
  const lists = namesIn(definition, []).filter(({ kind }) => kind === "list");
  return [...new Set(lists.map(({ id }) => id))];
}

interface Name {
  readonly kind: "segment" | "list";
  readonly id: string;
  readonly path: readonly PropertyKey[];
}

function namesIn(node: SegmentNode, path: readonly PropertyKey[]): Name[] {
  if (node.kind === "and" || node.kind === "or") {
    return node.nodes.flatMap((inner, place) => namesIn(inner, [...path, "nodes", place]));
  }
  if (node.kind === "not") return namesIn(node.node, [...path, "node"]);
  if (node.kind === "segment") return [{ kind: "segment", id: node.segmentId, path: [...path, "segmentId"] }];
  return node.kind === "list" ? [{ kind: "list", id: node.listId, path: [...path, "listId"] }] : [];
}

/** The way from a segment back to itself, both ends included; empty when there is none. */
function cycleOf(segmentId: string, definition: SegmentNode, { segments }: Nameable): string[] {
  const others = [...segments].filter(([id]) => id !== segmentId);
  const all = others.map(([id, named]) => ({ segmentId: id, definition: naming(named) }));
  const order = orderByDependency([...all, { segmentId, definition }]);
  if (order.ok) return [];
  // Those that are stored are in order, so what closes the circle is the definition that is new.
  const start = order.cycle.indexOf(segmentId);
  return [...order.cycle.slice(start), ...order.cycle.slice(0, start), segmentId];
}

/** The order looks at names alone. */
const naming = (named: readonly string[]): SegmentNode =>
  named.length === 0
    ? { kind: "everyone" }
    : { kind: "or", nodes: named.map((segmentId) => ({ kind: "segment", segmentId })) };
