// A real PostgreSQL behind the gateway, and the statements of segmentation run on it with the driver of production.
import type { SegmentNode } from "@regulars/contracts/segments";
import type pg from "pg";
import { startGateway } from "../../infra/local/gateway.ts";
import { anyFreePort } from "../../infra/local/ports.ts";
import { type Database, openDatabase, withTenant } from "../../packages/schema/src/connection.ts";
import { joiningTouched, type Scene, touchMembers } from "../../workers/segmentation/src/scene.ts";
import { judgedMembers, matchingMembers } from "../../workers/segmentation/src/segment-members.ts";
import { startDatabase } from "../e2e/postgres-database.ts";

export interface SegmentsDatabase {
  readonly owner: pg.Client;
  readonly database: Database;
  /** What a Worker has of its database. */
  readonly env: { readonly DATABASE_URL: string; readonly NEON_FETCH_ENDPOINT: string };
  close(): Promise<void>;
}

export async function openSegments(): Promise<SegmentsDatabase> {
  const postgres = await startDatabase();
  const gateway = await startGateway(await anyFreePort());
  const { user = "", password = "", host, port, database: name = "" } = postgres.application;
  const databaseUrl = `postgres://${user}:${encodeURIComponent(password ?? "")}@${host}:${port}/${name}`;
  const env = { DATABASE_URL: databaseUrl, NEON_FETCH_ENDPOINT: gateway.endpoint };
  return {
    owner: postgres.owner,
    database: openDatabase({ databaseUrl, fetchEndpoint: env.NEON_FETCH_ENDPOINT }),
    env,
    close: async () => {
      await gateway.close();
      await postgres.stop();
    },
  };
}

type Judged = ReadonlyMap<string, { readonly holds: boolean; readonly flipsAt: number | null }>;

export interface Judgement {
  /** By the statement for listed members, those whom no segment may have left out. */
  readonly judged: Judged;
  /** The same by the statement for everybody of a stretch of ids. */
  readonly stretched: Judged;
  /** By the statement for everybody, in the order of their ids. */
  readonly matching: readonly string[];
}

/** What the statements say of a definition at several moments, in one round trip. */
export async function judge(
  { database }: SegmentsDatabase,
  memberIds: readonly string[],
  definition: SegmentNode,
  scenes: readonly Scene[],
): Promise<Judgement[]> {
  const [{ tenantId } = { tenantId: "" }] = scenes;
  const judging = (scene: Scene) => database.execute<JudgedRow>(judgedMembers(definition, scene));
  const stretch = { after: "", upTo: LAST_ID, members: memberIds.length };
  const listed = scenes.flatMap((scene) => [
    judging(scene),
    database.execute<JudgedRow>(matchingMembers(definition, scene)),
  ]);
  const stretched = scenes.map((scene) => judging({ ...scene, stretch }));
  const [, ...results] = await withTenant(database, tenantId, [
    touchMembers(database, memberIds),
    ...listed,
    ...joiningTouched(database, { stretch }, stretched),
  ]);
  // Every statement but those that only set something answers with such rows.
  const answers = results as { readonly rows: JudgedRow[] }[];
  const inStretch = answers.slice(listed.length + 1);
  return scenes.map((_, index) => ({
    judged: judgedOf(rowsOf(answers[index * 2])),
    stretched: judgedOf(rowsOf(inStretch[index])),
    matching: rowsOf(answers[index * 2 + 1])
      .map(({ member_id }) => member_id)
      .toSorted(),
  }));
}

/** After every id. */
const LAST_ID = "~";

function judgedOf(rows: readonly JudgedRow[]): Judged {
  const entries = rows.map(({ member_id, holds, flips_at }) => {
    const flipsAt = flips_at === null ? null : Date.parse(flips_at);
    return [member_id, { holds, flipsAt }] as const;
  });
  return new Map(entries.toSorted());
}

type JudgedRow = Record<"member_id", string> & { readonly holds: boolean; readonly flips_at: string | null };

const rowsOf = (answer: { readonly rows: JudgedRow[] } | undefined): JudgedRow[] => answer?.rows ?? [];
