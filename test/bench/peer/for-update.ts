// The ledger that a team writes first: a transaction that locks the member's row, statement by statement.
import type pg from "pg";
import type { Answered, Figures, PeerLedger } from "./ledger.ts";

/** The ledger over a pool; every write locks the member with SELECT … FOR UPDATE. */
export function forUpdateLedger(pool: pg.Pool): PeerLedger {
  return {
    putOrder: (wish) => inTransaction(pool, (client) => putOrder(client, wish)),
    placeHold: (wish) => inTransaction(pool, (client) => placeHold(client, wish)),
    captureHold: (wish) => inTransaction(pool, (client) => captureHold(client, wish)),
  };
}

type Wish<Call extends keyof PeerLedger> = Parameters<PeerLedger[Call]>[0];

async function putOrder(client: pg.PoolClient, wish: Wish<"putOrder">) {
  const { orderId, memberId, bodyHash, placedAt, expiresAt, document, earned, redeemed } = wish;
  const member = await lockMember(client, memberId);
  const known = await one(client, "select body_hash, available_after, held_after from orders where id = $1", [orderId]);
  if (known !== undefined) return replay(known, bodyHash);
  if (redeemed > 0) await takeLots(client, memberId, redeemed, orderId, "redeemed");
  const lots = earned.map((_, place) => `($1, $${place * 2 + 3}, $${place * 2 + 4}, $${place * 2 + 4}, $2)`);
  const opened = await client.query<{ id: string; points: string }>(
    `insert into lots (member_id, rule, points, remaining, expires_at) values ${lots.join(", ")} returning id, points`,
    [memberId, expiresAt, ...earned.flatMap(({ rule, points }) => [rule, points])],
  );
  const entries = opened.rows.flatMap(({ id, points }) => [
    { account: "issued", points: -Number(points), lot: id },
    { account: "available", points: Number(points), lot: id },
  ]);
  await insertEntries(client, memberId, orderId, entries);
  const earnedPoints = earned.reduce((sum, { points }) => sum + points, 0);
  const after = { available: member.available + earnedPoints - redeemed, held: member.held };
  await client.query("insert into orders values ($1, $2, $3, $4, $5, $6, $7, $8, $9)", [
    orderId,
    memberId,
    bodyHash,
    placedAt,
    document,
    earnedPoints,
    redeemed,
    after.available,
    after.held,
  ]);
  await updateMember(client, memberId, after);
  return after;
}

async function placeHold(client: pg.PoolClient, wish: Wish<"placeHold">) {
  const { key, memberId, bodyHash, points, ttlSeconds } = wish;
  const member = await lockMember(client, memberId);
  const known = await one(client, "select * from requests where key = $1", [key]);
  if (known !== undefined) return withHold(replay(known, bodyHash), String(known["hold_id"]), "");
  const lotIds = await takeLots(client, memberId, points, key, "held");
  const lapsesAt = new Date(Date.now() + ttlSeconds * 1000).toISOString();
  const hold = await one(
    client,
    "insert into holds (member_id, points, state, lapses_at, lot_ids) values ($1, $2, 'held', $3, $4) returning id",
    [memberId, points, lapsesAt, lotIds],
  );
  const after = { available: member.available - points, held: member.held + points };
  await updateMember(client, memberId, after);
  const holdId = String(hold?.["id"]);
  await insertRequest(client, [key, bodyHash, holdId, after.available, after.held]);
  return { ...after, holdId, lapsesAt };
}

async function captureHold(client: pg.PoolClient, wish: Wish<"captureHold">) {
  const { key, memberId, bodyHash, holdId } = wish;
  const member = await lockMember(client, memberId);
  const known = await one(client, "select * from requests where key = $1", [key]);
  const hold = await one(client, "select points, state from holds where id = $1 and member_id = $2", [
    holdId,
    memberId,
  ]);
  const points = Number(hold?.["points"]);
  if (known !== undefined) {
    const before = replay(known, bodyHash);
    return before && { ...before, points };
  }
  if (hold?.["state"] !== "held") throw new Error("hold is not open");
  await client.query("update holds set state = 'captured' where id = $1", [holdId]);
  await insertEntries(client, memberId, key, [
    { account: "held", points: -points, lot: null },
    { account: "redeemed", points, lot: null },
  ]);
  const after = { available: member.available, held: member.held - points };
  await updateMember(client, memberId, after);
  await insertRequest(client, [key, bodyHash, holdId, after.available, after.held]);
  return { ...after, points };
}

type Row = Record<string, unknown>;

async function inTransaction<Result>(pool: pg.Pool, work: (client: pg.PoolClient) => Promise<Result>): Promise<Result> {
  const client = await pool.connect();
  try {
    await client.query("begin");
    const result = await work(client);
    await client.query("commit");
    return result;
  } catch (error) {
    await client.query("rollback");
    throw error;
  } finally {
    client.release();
  }
}

async function one(client: pg.PoolClient, text: string, values: unknown[]): Promise<Row | undefined> {
  return (await client.query<Row>(text, values)).rows[0];
}

async function lockMember(client: pg.PoolClient, memberId: string): Promise<Figures> {
  const row = await one(client, "select available, held from members where id = $1 for update", [memberId]);
  if (row === undefined) throw new Error("member unknown");
  return { available: Number(row["available"]), held: Number(row["held"]) };
}

async function takeLots(client: pg.PoolClient, memberId: string, wanted: number, reference: string, account: string) {
  const open = await client.query<{ id: string; remaining: string }>(
    `select id, remaining from lots where member_id = $1 and remaining > 0 and expires_at > now()
     order by expires_at, id limit 100`,
    [memberId],
  );
  const entries: Entry[] = [];
  const lotIds: string[] = [];
  let left = wanted;
  for (const { id, remaining } of open.rows) {
    if (left === 0) break;
    const part = Math.min(Number(remaining), left);
    await client.query("update lots set remaining = remaining - $2 where id = $1", [id, part]);
    entries.push({ account: "available", points: -part, lot: id }, { account, points: part, lot: id });
    lotIds.push(id);
    left -= part;
  }
  if (left > 0) throw new Error("insufficient points");
  await insertEntries(client, memberId, reference, entries);
  return lotIds;
}

interface Entry {
  readonly account: string;
  readonly points: number;
  readonly lot: string | null;
}

async function insertEntries(client: pg.PoolClient, memberId: string, reference: string, entries: readonly Entry[]) {
  const places = entries.map((_, index) => `($1, $2, $${index * 3 + 3}, $${index * 3 + 4}, $${index * 3 + 5})`);
  await client.query(
    `insert into entries (member_id, reference, account, points, lot_id) values ${places.join(", ")}`,
    [memberId, reference, ...entries.flatMap(({ account, points, lot }) => [account, points, lot])],
  );
}

async function updateMember(client: pg.PoolClient, memberId: string, { available, held }: Figures) {
  await client.query("update members set available = $2, held = $3 where id = $1", [memberId, available, held]);
}

async function insertRequest(client: pg.PoolClient, values: unknown[]) {
  await client.query("insert into requests values ($1, $2, $3, $4, $5)", values);
}

function replay(known: Row, bodyHash: string): Answered {
  if (known["body_hash"] !== bodyHash) return null;
  return { available: Number(known["available_after"]), held: Number(known["held_after"]) };
}

function withHold(answered: Answered, holdId: string, lapsesAt: string) {
  return answered && { ...answered, holdId, lapsesAt };
}
