// Writes events of one tenant into PostgreSQL: one statement in one round trip.
import type { MemberEvent } from "@regulars/contracts/events";
import { withTenant, type Database } from "@regulars/schema/connection";
import { sql } from "drizzle-orm";
import { identityOf } from "./message.ts";
import { type Shadow, sightsOf } from "./shadow.ts";

/** Stores all of the events or none, with what the shadow makes of them; returns a test of which were stored before. */
export async function storeEvents(
  database: Database,
  tenantId: string,
  events: readonly MemberEvent[],
  shadow: Shadow | null = null,
): Promise<(event: MemberEvent) => boolean> {
  const lines = events.map(({ memberId, epoch, sequence, at, testTime, key, body }) =>
    JSON.stringify({ memberId, epoch, sequence, at, testTime, key, body }),
  );
  const documents = JSON.stringify(events.flatMap(documentOf));
  const arriving = sql`${lines.join("\n")}::text, ${documents}::jsonb`;
  const sights = shadow === null ? [] : sightsOf(shadow, events);
  const projected =
    shadow === null || sights.length === 0
      ? sql`project_events(${arriving})`
      : sql`project_shadowed(${arriving}, ${shadow.shadowId}, ${JSON.stringify(sights)}::jsonb)`;
  const statement = database.execute<{ repeated: [string, number, number][] }>(sql`select ${projected} as repeated`);
  const [{ rows }] = await withTenant(database, tenantId, [statement]);
  const [row] = rows;
  if (row === undefined || row.repeated.length === 0) return () => false;
  const repeated = new Set(
    row.repeated.map(([memberId, epoch, sequence]) => identityOf({ tenantId, memberId, epoch, sequence })),
  );
  return (event) => repeated.has(identityOf(event));
}

// Only an erasure may take a document away: an event sent without one leaves what is there.
function documentOf({ memberId, epoch, sequence, at, body, member }: MemberEvent) {
  const isErased = body.kind === "member.erased";
  if (!isErased && (member === undefined || member === null)) return [];
  return [{ memberId, epoch, sequence, at, member: isErased ? null : member }];
}
