// Reads what is known of members, as the domain decides conditions by it.
import type { SegmentNode } from "@regulars/contracts/segments";
import type { SegmentFacts } from "@regulars/domain/segment-facts";
import { type Database, withTenant } from "@regulars/schema/connection";
import { type SQL, sql } from "drizzle-orm";
import { isInPopulation } from "./segment-members.ts";
import { isAmong } from "./segment-sql.ts";

/** What is read only where a condition asks for it: a member may have a hundred thousand orders. */
export interface FactsWanted {
  readonly orders: boolean;
  readonly lines: boolean;
  readonly events: boolean;
  readonly messages: boolean;
}

export function factsWanted(definition: SegmentNode): FactsWanted {
  const leaves = leavesOf(definition);
  const has = (...kinds: readonly SegmentNode["kind"][]) => leaves.some(({ kind }) => kinds.includes(kind));
  const needsLines = leaves.some(
    (leaf) =>
      (leaf.kind === "orders" && leaf.measure === "quantity") ||
      ((leaf.kind === "orders" || leaf.kind === "orderAge") &&
        (leaf.where?.skus !== undefined || leaf.where?.categories !== undefined)),
  );
  return {
    orders: has("orders", "orderAge"),
    lines: needsLines,
    events: has("events", "eventAge"),
    messages: has("messages"),
  };
}

/** Of those among the members who may be in segments: the others are left out. */
export async function readFacts(
  database: Database,
  tenantId: string,
  { memberIds, wanted }: { readonly memberIds: readonly string[]; readonly wanted: FactsWanted },
): Promise<SegmentFacts[]> {
  const facts = sql`json_build_object(
    'memberId', m.member_id, 'profile', coalesce(m.profile, '{}'), 'consent', coalesce(m.consent, '{}'),
    'homeStoreId', m.home_store_id, 'source', m.source, 'enrolledAt', ${milliseconds(sql`m.enrolled_at`)},
    'regionId', (select x.region_id from stores as x where x.tenant_id = ${tenantId} and x.store_id = m.home_store_id),
    'tier', (select x.tier from member_tiers as x where ${ofMember(tenantId)}),
    'tags', coalesce((select x.value from member_labels as x where ${ofMember(tenantId)} and x.name = 'tags'), '[]'),
    'identities', ${list(sql`distinct x.type`, sql`identities as x where ${ofMember(tenantId)}`)},
    'balances', ${list(
      sql`json_build_object('currency', x.currency, 'available', x.available, 'pending', x.pending, 'held', x.held)`,
      sql`balances as x where ${ofMember(tenantId)}`,
    )},
    'segments', ${list(sql`x.segment_id`, sql`segment_members as x where ${ofMember(tenantId)} and x.until is null`)},
    'lists', ${list(sql`x.list_id`, sql`member_lists as x where ${ofMember(tenantId)}`)},
    'repurchases', ${list(
      sql`json_build_object('kind', x.kind, 'ref', x.ref, 'dueOn', x.due_on)`,
      sql`repurchases as x where ${ofMember(tenantId)}`,
    )},
    'scores', (select ${scores} from member_scores as x where ${ofMember(tenantId)}),
    'orders', ${ordersOf(tenantId, wanted)}, 'events', ${eventsOf(tenantId, wanted)},
    'messages', ${messagesOf(tenantId, wanted)}
  )`;
  const [{ rows }] = await withTenant(database, tenantId, [
    database.execute<{ facts: SegmentFacts }>(sql`select ${facts} as facts from members as m
      where m.tenant_id = ${tenantId} and ${isAmong(sql`m.member_id`, memberIds)} and ${isInPopulation}
      order by m.member_id`),
  ]);
  return rows.map((row) => row.facts);
}

const scores = sql`json_build_object(
  'recency', x.recency, 'frequency', x.frequency, 'monetary', x.monetary, 'engagement', x.engagement,
  'rfmSegment', x.rfm_segment, 'rfmGroup', x.rfm_group, 'stage', x.stage, 'label', x.label, 'band', x.band,
  'profitGroup', x.profit_group, 'hasPotential', x.has_potential, 'churnRisk', x.churn_risk,
  'nextOrderOn', x.next_order_on, 'cycleDays', x.cycle_days, 'alive', x.alive, 'expectedOrders', x.expected_orders,
  'expectedSpend', x.expected_spend, 'lifetimeValue', x.lifetime_value)`;

/** Paid orders that nobody has undone. */
function ordersOf(tenantId: string, wanted: FactsWanted): SQL {
  const lines = list(
    sql`json_build_object('sku', l.sku, 'category', l.category, 'quantity', l.quantity, 'returned', l.returned,
      'unitPrice', l.unit_price, 'discount', l.discount)`,
    sql`order_lines as l where ${wanted.lines}::boolean and l.tenant_id = ${tenantId}
      and l.member_id = x.member_id and l.order_id = x.order_id`,
  );
  return list(
    sql`json_build_object('placedAt', ${milliseconds(sql`x.placed_at`)}, 'storeId', x.store_id, 'regionId', x.region_id,
      'channel', x.channel, 'payable', x.payable, 'refunded', x.refunded, 'lines', ${lines})`,
    sql`orders as x where ${wanted.orders}::boolean and ${ofMember(tenantId)} and x.state = 'paid' and x.undone is null`,
  );
}

function eventsOf(tenantId: string, wanted: FactsWanted): SQL {
  return list(
    sql`json_build_object('type', x.type, 'at', ${milliseconds(sql`x.at`)}, 'storeId', x.store_id)`,
    sql`activities as x where ${wanted.events}::boolean and ${ofMember(tenantId)} and x.reversed_at is null`,
  );
}

function messagesOf(tenantId: string, wanted: FactsWanted): SQL {
  return list(
    sql`json_build_object('channel', x.channel, 'campaignId', x.campaign_id, 'sentAt', ${milliseconds(sql`x.sent_at`)},
      'openedAt', ${milliseconds(sql`x.opened_at`)}, 'clickedAt', ${milliseconds(sql`x.clicked_at`)})`,
    sql`message_history as x where ${wanted.messages}::boolean and ${ofMember(tenantId)}`,
  );
}

const ofMember = (tenantId: string) => sql`x.tenant_id = ${tenantId} and x.member_id = m.member_id`;
const list = (value: SQL, rows: SQL) => sql`coalesce((select json_agg(${value}) from ${rows}), '[]')`;
const milliseconds = (instant: SQL) => sql`floor(extract(epoch from ${instant}) * 1000)::bigint`;

function leavesOf(node: SegmentNode): SegmentNode[] {
  if (node.kind === "and" || node.kind === "or") return node.nodes.flatMap(leavesOf);
  return node.kind === "not" ? leavesOf(node.node) : [node];
}
