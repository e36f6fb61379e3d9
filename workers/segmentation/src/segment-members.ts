// Who of some members, or of all, fulfils a definition: the queries that membership, builds and previews are made of.
import type { SegmentNode } from "@regulars/contracts/segments";
import { type SQL, sql } from "drizzle-orm";
import { touchedRows, type Scene } from "./scene.ts";
import { compileSegments, type NamedDefinition } from "./segment-compile.ts";
import { startOfDayIn } from "./segment-sql.ts";

/** Nobody else is in any segment: members who have enrolled, were not erased, and are people, not accounts of a network. */
export const isInPopulation = sql`m.is_person`;

/** `member_id, holds, flips_at` of the touched members who may be in segments: the last is when `holds` may change by time alone. */
export function judgedMembers(definition: SegmentNode, scene: Scene): SQL {
  return sql`select j.member_id, j.holds[1] as holds, j.flips_at
    from (${judgedByAll([{ segmentId: null, definition }], scene)}) as j`;
}

/** The same by several definitions at once: `holds` is a list in their order. Each sees those that it names and that come before it. */
export function judgedByAll(named: readonly NamedDefinition[], scene: Scene): SQL {
  const { holds, changesInDays, joins } = compileSegments(named, scene, "touched");
  return sql`select x.member_id, x.holds, ${startOfDayIn(sql`x.changes_in_days`, scene)} as flips_at
    from (
      select m.member_id, array[${sql.join([...holds], sql`, `)}] as holds, ${changesInDays} as changes_in_days
      from ${touchedRows(sql`members`, sql`m`, scene)} ${joins}
      where ${isInPopulation}
    ) as x`;
}

/** `member_id` of all members who fulfil it. */
export function matchingMembers(definition: SegmentNode, scene: Scene): SQL {
  const { holds, joins } = compileSegments([{ segmentId: null, definition }], scene, "everyone");
  return sql`select m.member_id from members as m ${joins}
    where m.tenant_id = ${scene.tenantId}::text and ${isInPopulation} and ${sql.join([...holds], sql` and `)}`;
}
