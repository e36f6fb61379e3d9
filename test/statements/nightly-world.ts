// A tenant with members and orders in a real PostgreSQL, and the scope that nightly steps work with, for their tests.
import { readInsightSettings } from "@regulars/contracts/insights-settings";
import { dayText } from "@regulars/insights/days";
import { type Gateway, startGateway } from "../../infra/local/gateway.ts";
import { type Database, openDatabase, withTenant } from "../../packages/schema/src/connection.ts";
import type { NightScope } from "../../workers/segmentation/src/night-scope.ts";
import { sceneOf, touchMembers } from "../../workers/segmentation/src/scene.ts";
import { startDatabase, type TestDatabase } from "../e2e/postgres-database.ts";

export const TIME_ZONE = "Asia/Taipei";
/** Noon in Taipei of the day on which nights are tested. */
export const NOW = Date.UTC(2026, 10, 28, 4);
export const TODAY = "2026-11-28";

export interface NightWorld {
  readonly owner: TestDatabase["owner"];
  readonly database: Database;
  readonly env: Env;
  scope(tenantId: string, options?: { readonly now?: number; readonly settings?: object }): NightScope;
  stop(): Promise<void>;
}

export async function startNightWorld(): Promise<NightWorld> {
  const postgres = await startDatabase();
  const gateway: Gateway = await startGateway(0);
  const { user, password, host, port, database: name } = postgres.application;
  const databaseUrl = `postgres://${user}:${password}@${host}:${port}/${name}`;
  const database = openDatabase({ databaseUrl, fetchEndpoint: gateway.endpoint });
  // The guarantee of the cast: steps of the night open the database with these two alone.
  const env = { DATABASE_URL: databaseUrl, NEON_FETCH_ENDPOINT: gateway.endpoint } as unknown as Env;
  return {
    owner: postgres.owner,
    database,
    env,
    scope: (tenantId, { now = NOW, settings = {} } = {}) => ({
      env,
      database,
      scene: sceneOf({ tenantId, timeZone: TIME_ZONE, now }),
      keep: () => database.execute("select keep_lease('night', 60)"),
      settings: readInsightSettings(settings),
    }),
    stop: async () => {
      await gateway.close();
      await postgres.stop();
    },
  };
}

/** A tenant whose lease is the one that the scopes of tests keep. */
export async function makeTenant({ owner }: NightWorld, tenantId: string): Promise<void> {
  await owner.query(
    `insert into tenants (tenant_id, name, sandbox, time_zone, phone_region, currency, locale)
     values ($1, $1, false, $2, 'TW', 'TWD', 'zh-TW')`,
    [tenantId, TIME_ZONE],
  );
  await owner.query(
    "insert into regions (tenant_id, region_id, name) values ($1, 'north', 'north'), ($1, 'south', 'south')",
    [tenantId],
  );
  await owner.query("insert into owners (tenant_id, owner_id, name, kind) values ($1, 'head', 'head', 'head_office')", [
    tenantId,
  ]);
  await owner.query(
    "insert into insight_states (tenant_id, lease_token, lease_until) values ($1, 'night', now() + interval '1 hour')",
    [tenantId],
  );
}

export interface MadeMember {
  readonly memberId: string;
  readonly enrolledOn?: string | null;
  readonly erased?: boolean;
  readonly homeStoreId?: string | null;
  readonly profile?: object;
  readonly consent?: object;
  readonly identities?: Readonly<Record<string, string>>;
}

export async function makeMembers({ owner }: NightWorld, tenantId: string, members: readonly MadeMember[]) {
  const rows = members.map(({ enrolledOn = "2024-01-01", erased = false, homeStoreId = null, ...rest }) => {
    const enrolledAt = enrolledOn === null ? null : noonOf(enrolledOn);
    return { enrolledAt, erasedAt: erased ? noonOf(TODAY) : null, homeStoreId, ...rest };
  });
  await owner.query(
    `insert into members (tenant_id, member_id, epoch, events, last_sequence, enrolled_at, erased_at, home_store_id,
       profile, consent)
     select $1, m."memberId", 1, 1, 1, m."enrolledAt", m."erasedAt", m."homeStoreId", m.profile, m.consent
     from jsonb_to_recordset($2) as m("memberId" text, "enrolledAt" timestamptz, "erasedAt" timestamptz,
       "homeStoreId" text, profile jsonb, consent jsonb)`,
    [tenantId, JSON.stringify(rows)],
  );
  const identities = rows.flatMap(({ memberId, identities: own = {} }) =>
    Object.entries(own).map(([type, value]) => ({ memberId, type, value })),
  );
  await owner.query(
    `insert into identities select $1, i."memberId", i.type, i.value
     from jsonb_to_recordset($2) as i("memberId" text, type text, value text)`,
    [tenantId, JSON.stringify(identities)],
  );
}

export interface MadeLine {
  readonly sku: string;
  readonly category?: string | null;
  readonly quantity?: number;
  readonly returned?: number;
}

export interface MadeOrder {
  readonly memberId: string;
  readonly orderId: string;
  /** A local day, or its number. */
  readonly day: string | number;
  readonly storeId?: string;
  readonly state?: string;
  readonly undone?: string | null;
  readonly net?: number;
  readonly payable?: number;
  readonly refunded?: number;
  readonly lines?: readonly MadeLine[];
}

export async function makeOrders({ owner }: NightWorld, tenantId: string, orders: readonly MadeOrder[]) {
  const rows = orders.map((order) => {
    const { state = "paid", undone = null, payable = 1000, refunded = 0, storeId = "main", day } = order;
    const placedAt = noonOf(typeof day === "number" ? dayText(day) : day);
    const { net = payable, lines = [], ...rest } = order;
    return { ...rest, state, undone, payable, refunded, storeId, net, lines, placedAt };
  });
  await owner.query(
    `insert into orders (tenant_id, member_id, order_id, sequence, state, store_id, region_id, owner_id, currency,
       placed_at, program_version, gross, net, payable, refunded, undone)
     select $1, o."memberId", o."orderId", 1, o.state, o."storeId", 'north', 'head', 'TWD', o."placedAt", 1, o.net,
       o.net, o.payable, o.refunded, o.undone
     from jsonb_to_recordset($2) as o("memberId" text, "orderId" text, state text, "storeId" text,
       "placedAt" timestamptz, net bigint, payable bigint, refunded bigint, undone text)`,
    [tenantId, JSON.stringify(rows)],
  );
  const lines = rows.flatMap(({ memberId, orderId, lines: own }) =>
    own.map(({ category = null, quantity = 1, returned = 0, sku }, at) => {
      return { memberId, orderId, lineId: `l${at}`, sku, category, quantity, returned };
    }),
  );
  await owner.query(
    `insert into order_lines (tenant_id, member_id, order_id, line_id, sku, category, quantity, returned, unit_price,
       discount)
     select $1, l."memberId", l."orderId", l."lineId", l.sku, l.category, l.quantity, l.returned, 100, 0
     from jsonb_to_recordset($2) as l("memberId" text, "orderId" text, "lineId" text, sku text, category text,
       quantity int, returned int)`,
    [tenantId, JSON.stringify(lines)],
  );
}

/** Figures that steps of the night read: who bought, from when until when, on how many days. */
export async function makeFigures({ owner }: NightWorld, tenantId: string): Promise<void> {
  await owner.query("delete from member_figures where tenant_id = $1", [tenantId]);
  await owner.query(
    `insert into member_figures (tenant_id, member_id, figured_on, orders, order_days, spend, first_day_spend,
       first_day, last_day, gap_logs, engagement)
     select $1, member_id, $2, count(*), count(distinct day), sum(kept), 0, min(day), max(day), 0, 0
     from (
       select member_id, payable - refunded as kept, (placed_at at time zone $3)::date as day from orders
       where tenant_id = $1 and state = 'paid' and undone is null and (refunded < payable or payable = 0)
     ) as o where day <= $2 group by member_id`,
    [tenantId, TODAY, TIME_ZONE],
  );
}

/** Runs statements as a run does: in one transaction, about these members. */
export async function runTouching<Items extends readonly Parameters<typeof withTenant>[2][number][]>(
  { database, scene }: NightScope,
  memberIds: readonly string[],
  items: Items,
): Promise<void> {
  await withTenant(database, scene.tenantId, [touchMembers(database, memberIds), ...items]);
}

function noonOf(day: string): string {
  return `${day}T04:00:00.000Z`;
}
