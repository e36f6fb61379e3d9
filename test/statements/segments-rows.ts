// Puts rows of members and segments into PostgreSQL, table by table.
import type pg from "pg";

export const WORLD_TENANT = "segment-world";
/** Tables that a world fills, in the order in which their rows may come. */
const TABLES = [
  "tenants",
  "regions",
  "owners",
  "stores",
  "members",
  "identities",
  "member_labels",
  "member_tiers",
  "balances",
  "orders",
  "order_lines",
  "activities",
  "message_history",
  "member_scores",
  "repurchases",
  "segments",
  "segment_versions",
  "segment_members",
  "member_lists",
] as const;

export type Rows = Partial<Record<(typeof TABLES)[number], object[]>>;

export async function storeWorld(owner: pg.Client, rows: Rows): Promise<void> {
  for (const table of TABLES) {
    const own = (rows[table] ?? []).map((row) => ({ tenant_id: WORLD_TENANT, ...row }));
    // What no row names is left to the table: a default, or what follows from the others.
    const columns = [...new Set(own.flatMap((row) => Object.keys(row)))].join(", ");
    if (own.length === 0) continue;
    await owner.query(
      `insert into ${table} (${columns}) select ${columns} from jsonb_populate_recordset(null::${table}, $1)`,
      [JSON.stringify(own)],
    );
  }
}

export async function emptyWorld(owner: pg.Client): Promise<void> {
  await owner.query(
    `truncate ${[...TABLES, "member_changes", "segment_flips", "insight_events", "alerts"].join(", ")} cascade`,
  );
}

/** A row of `segments` that is being built for the first time. */
export function makeSegmentRow(segment_id: string, changes: object = {}) {
  return {
    tenant_id: WORLD_TENANT,
    segment_id,
    version: 1,
    name: segment_id,
    definition: { kind: "everyone" },
    at_checkout: false,
    state: "building",
    members: 0,
    created_at: "2026-01-01T00:00:00Z",
    ...changes,
  };
}
