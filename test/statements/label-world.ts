// Members with segments in a real PostgreSQL and their objects in memory, for tests of what objects are told to carry.
import type { LifeActs } from "@regulars/contracts/acts-life";
import type { WriteContext } from "@regulars/contracts/rpc";
import { decideLabels, decideLabelsSync, leftOut } from "@regulars/domain/labels";
import { MemoryLedger } from "@regulars/domain/memory-ledger";
import { ledgerName } from "@regulars/domain/naming";
import { type Gateway, startGateway } from "../../infra/local/gateway.ts";
import { withTenant } from "../../packages/schema/src/connection.ts";
import { autoTagStatements, type TaggingSegment } from "../../workers/segmentation/src/auto-tags.ts";
import { labelStatements } from "../../workers/segmentation/src/labels.ts";
import { databaseOf, sceneOf, touchMembers } from "../../workers/segmentation/src/scene.ts";
import { startDatabase, type TestDatabase } from "../e2e/postgres-database.ts";

export const TENANT = "ten_labels";
const TIME_ZONE = "Asia/Taipei";

export interface LabelWorld {
  readonly database: TestDatabase;
  readonly env: Env;
  readonly objects: Map<string, LabelObject>;
  /** Messages that went to the queue of insight events. */
  readonly sent: unknown[];
  stop(): Promise<void>;
}

export async function startLabelWorld(): Promise<LabelWorld> {
  const database = await startDatabase();
  const gateway: Gateway = await startGateway(0);
  const objects = new Map<string, LabelObject>();
  const sent: unknown[] = [];
  const url = database.application;
  const namespace = {
    idFromName: (name: string) => name,
    get: (name: string) => objectOf(objects, name),
  };
  const env = {
    DATABASE_URL: `postgres://${url.user}:${url.password}@${url.host}:${url.port}/${url.database}`,
    NEON_FETCH_ENDPOINT: gateway.endpoint,
    DIRECTORY: { get: () => Promise.resolve(null) },
    MEMBER_LEDGER: namespace,
    POINT_LEDGER: { relay: () => Promise.resolve() },
    INSIGHT_EVENTS: {
      sendBatch: (messages: readonly { body: unknown }[]) => {
        sent.push(...messages.map(({ body }) => body));
        return Promise.resolve();
      },
    },
  };
  return {
    database,
    // What these functions use of the bindings is there.
    env: env as unknown as Env,
    objects,
    sent,
    stop: async () => {
      await gateway.close();
      await database.stop();
    },
  };
}

/** A member's object as far as labels go: keys are remembered, and each change is an event. */
export class LabelObject {
  readonly ledger = new MemoryLedger([{ currencies: [{ id: "points" }] }], 0);
  /** The calls that reach it fail. */
  broken = false;
  /** It refuses everything for this reason. */
  refusal: "member_merged" | null = null;
  /** What changed by segmentation's word: its number, and the labels before and after. */
  readonly changes: { readonly version: number; readonly before: string; readonly after: string }[] = [];
  #newest = 0;
  readonly #answers = new Map<string, { readonly hash: string; readonly reply: unknown }>();

  act(context: WriteContext, _name: "labels.sync", ask: LifeActs["labels.sync"]["ask"]): Promise<unknown> {
    if (this.broken) return Promise.reject(new Error("not reachable"));
    if (this.refusal !== null) return Promise.resolve({ ok: false, refusal: { code: this.refusal }, events: [] });
    const known = this.#answers.get(context.key);
    if (known !== undefined) {
      if (known.hash !== context.requestHash) throw new Error(`the key ${context.key} came with two bodies`);
      return Promise.resolve(known.reply);
    }
    const before = this.carried;
    const decided = ask.version > this.#newest ? decideLabelsSync(this.ledger.state, ask, 0) : null;
    this.#newest = Math.max(this.#newest, ask.version);
    if (decided !== null) {
      this.ledger.decide(() => decided, 0);
      this.changes.push({ version: ask.version, before, after: this.carried });
    }
    const { tags, segments, sequence } = this.ledger.state;
    const left = { tags: leftOut(ask.tags, tags), segments: leftOut(ask.segments, segments) };
    const reply = { ok: true, value: { tags, segments, leftOut: left, sequence }, events: [] };
    if (decided !== null) this.#answers.set(context.key, { hash: context.requestHash, reply });
    return Promise.resolve(reply);
  }

  setByHand(tags: readonly string[]): void {
    this.ledger.decide((state) => decideLabels(state, { tags }, 0), 0);
  }

  /** Tags and segments, as one text. */
  get carried(): string {
    const { tags, segments } = this.ledger.state;
    return [...tags, ...segments].join(" ");
  }
}

function objectOf(objects: Map<string, LabelObject>, name: string): LabelObject {
  const object = objects.get(name) ?? new LabelObject();
  objects.set(name, object);
  return object;
}

export const objectFor = ({ objects }: LabelWorld, memberId: string) => objectOf(objects, ledgerName(TENANT, memberId));

export const sceneAt = (instant: string) =>
  sceneOf({ tenantId: TENANT, timeZone: TIME_ZONE, now: Date.parse(instant) });

/** What a run does of tags and labels once memberships stand. */
export async function derive({ env }: LabelWorld, at: string, segments: readonly TaggingSegment[], ids: string[]) {
  const database = databaseOf(env);
  const scene = sceneAt(at);
  await withTenant(database, TENANT, [
    touchMembers(database, ids),
    ...autoTagStatements(database, scene, segments),
    ...labelStatements(database, scene),
  ]);
}

export async function makeMembers({ database: { owner } }: LabelWorld, ids: readonly string[]): Promise<void> {
  await owner.query(
    `insert into members (tenant_id, member_id, epoch, events, last_sequence, enrolled_at)
     select $1, id, 1, 1, 1, '2026-01-01' from unnest($2::text[]) as id`,
    [TENANT, ids],
  );
}

export async function makeSegment({ database: { owner } }: LabelWorld, id: string, atCheckout: boolean): Promise<void> {
  await owner.query(
    `insert into segments (tenant_id, segment_id, version, name, definition, at_checkout, state, created_at)
     values ($1, $2, 1, $2, '{"kind":"everyone"}', $3, 'ready', '2026-01-01')`,
    [TENANT, id, atCheckout],
  );
}

export async function enter({ database: { owner } }: LabelWorld, segmentId: string, memberId: string, at: string) {
  await owner.query(
    `insert into segment_members (tenant_id, segment_id, member_id, since, version) values ($1, $2, $3, $4, 1)`,
    [TENANT, segmentId, memberId, at],
  );
}

export async function leave({ database: { owner } }: LabelWorld, segmentId: string, memberId: string, at: string) {
  await owner.query(
    `update segment_members set until = $4
     where tenant_id = $1 and segment_id = $2 and member_id = $3 and until is null`,
    [TENANT, segmentId, memberId, at],
  );
}

export async function rowsOf<Row extends Record<string, unknown>>(
  { database: { owner } }: LabelWorld,
  text: string,
  memberId: string,
): Promise<Row[]> {
  const { rows } = await owner.query<Row>(text, [TENANT, memberId]);
  return rows;
}
