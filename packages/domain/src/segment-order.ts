// Puts segments in the order in which they are worked out: whatever a segment names comes before it.
import { type SegmentNode, segmentsNamed } from "@regulars/contracts/segments";

interface Named {
  readonly segmentId: string;
  readonly definition: SegmentNode;
}

export type Ordered<Segment> =
  | { readonly ok: true; readonly segments: readonly Segment[] }
  /** Each names the next, and the last the first. */
  | { readonly ok: false; readonly cycle: readonly string[] };

/**
 * Segments so that each comes after those that it names, and otherwise by id; or a cycle, which is refused when a definition is
 * saved: no order could decide it. A segment that does not exist has no members, and its name does not matter here.
 */
export function orderByDependency<Segment extends Named>(segments: readonly Segment[]): Ordered<Segment> {
  const { ordered, cycle } = walk(segments);
  return cycle === null ? { ok: true, segments: ordered } : { ok: false, cycle };
}

/**
 * The same for versions in force, which may go round in a circle although no saved ones do, while one of them is held: whichever name
 * closes it sees members as they were before. The build that ends this looks at everybody again.
 */
export function orderInForce<Segment extends Named>(segments: readonly Segment[]): readonly Segment[] {
  return walk(segments).ordered;
}

/** Every segment after those that it names, but for names that close a circle; and the first such circle. */
function walk<Segment extends Named>(segments: readonly Segment[]) {
  const byId = new Map(segments.map((segment) => [segment.segmentId, segment]));
  const ordered: Segment[] = [];
  const done = new Set<string>();
  let cycle: readonly string[] | null = null;
  // Walked without recursion: a chain may be as long as a tenant has segments.
  for (const start of [...byId.keys()].sort()) {
    const trail: { readonly id: string; readonly names: string[] }[] = [];
    const enter = (id: string) => trail.push({ id, names: namesOf(byId.get(id)).filter((name) => byId.has(name)) });
    if (!done.has(start)) enter(start);
    for (let top = trail.at(-1); top !== undefined; top = trail.at(-1)) {
      const next = top.names.shift();
      if (next === undefined) {
        trail.pop();
        done.add(top.id);
        const segment = byId.get(top.id);
        if (segment !== undefined) ordered.push(segment);
      } else if (!done.has(next)) {
        const from = trail.findIndex(({ id }) => id === next);
        if (from < 0) enter(next);
        else cycle ??= trail.slice(from).map(({ id }) => id);
      }
    }
  }
  return { ordered, cycle };
}

function namesOf(segment: Named | undefined): string[] {
  return segment === undefined ? [] : [...new Set(segmentsNamed(segment.definition))].sort();
}
