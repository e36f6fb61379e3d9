// Measures what the search of members costs the projection: batches of events with its triggers and without, by turns.
import pg from "pg";
import type { MemberEvent } from "@regulars/contracts/events";
import { makeChanged, makeDocument, makeEnrolled, makePaid } from "../e2e/make-events.ts";
import { personOf } from "./search-people.ts";
import { quantile } from "./statistics.ts";

const EVENTS = 1000;
const ROUNDS = 15;
/** Of 1,000 events so many carry a document: half of new members, half of members whose profile changes. */
const SHARES = [0, 100, 1000];
const TRIGGERS = [
  ["members", "search_added"],
  ["members", "search_updated"],
  ["identities", "search_added"],
  ["identities", "search_removed"],
] as const;

export async function measureProjectionCost(
  urls: { readonly owner: string; readonly application: string },
  { tenantId, members, say }: { readonly tenantId: string; readonly members: number; say(line: string): void },
): Promise<void> {
  const owner = new pg.Client({ connectionString: urls.owner });
  const application = new pg.Client({ connectionString: urls.application });
  for (const client of [owner, application]) {
    client.on("error", () => {});
    await client.connect();
  }
  let next = members + 1;
  say(`\nproject_events, ${EVENTS} events, median of ${ROUNDS}: with what members are found by, without`);
  for (const documents of SHARES) {
    const times: Record<"enable" | "disable", number[]> = { enable: [], disable: [] };
    for (let round = 0; round < ROUNDS; round += 1) {
      for (const mode of round % 2 === 0 ? (["enable", "disable"] as const) : (["disable", "enable"] as const)) {
        for (const [table, trigger] of TRIGGERS) await owner.query(`alter table ${table} ${mode} trigger ${trigger}`);
        times[mode].push(
          await projectOnce(application, tenantId, eventsOf(tenantId, { first: next, members, documents })),
        );
        next += EVENTS;
      }
    }
    const [withTerms, without] = [times.enable, times.disable].map((values) =>
      quantile(
        values.toSorted((one, other) => one - other),
        0.5,
      ),
    );
    say(`${String(documents).padStart(5)} documents: ${withTerms?.toFixed(0)} ms, ${without?.toFixed(0)} ms`);
  }
  for (const [table, trigger] of TRIGGERS) await owner.query(`alter table ${table} enable trigger ${trigger}`);
  await Promise.all([owner.end(), application.end()]);
}

function eventsOf(
  tenantId: string,
  { first, members, documents }: { readonly first: number; readonly members: number; readonly documents: number },
): MemberEvent[] {
  return Array.from({ length: EVENTS }, (_, place) => {
    const isNew = place % 2 === 0;
    const number = isNew ? first + place : 1 + ((first * 7919 + place * 104_729) % members);
    const { memberId, name, phone } = personOf(number);
    const options = { tenantId, memberId, sequence: isNew ? 1 : first + place };
    if (place >= documents) return makePaid({ ...options, sequence: first + place, orderId: `o-${first}-${place}` });
    const member = makeDocument(isNew ? name : `${name}${place}`, phone);
    return isNew ? makeEnrolled({ ...options, member }) : makeChanged({ ...options, member });
  });
}

async function projectOnce(client: pg.Client, tenantId: string, events: readonly MemberEvent[]): Promise<number> {
  const lines = events.map(({ tenantId: _tenantId, member: _member, ...event }) => JSON.stringify(event));
  const documents = events.flatMap(({ memberId, epoch, sequence, at, member }) =>
    member === undefined ? [] : [{ memberId, epoch, sequence, at, member }],
  );
  const since = performance.now();
  await client.query("begin");
  await client.query("select set_config('app.tenant_id', $1, true)", [tenantId]);
  await client.query("select project_events($1, $2)", [lines.join("\n"), JSON.stringify(documents)]);
  await client.query("commit");
  return performance.now() - since;
}
