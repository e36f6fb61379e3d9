// The peer's process: Hono on Node with a pool of 16, the same requests, checks and answers, another ledger behind.
import { createHash } from "node:crypto";
import { serve } from "@hono/node-server";
import { putOrder, quoteRequest, type PutOrder, type QuoteRequest } from "@regulars/contracts/orders";
import { captureRequest, holdRequest } from "@regulars/contracts/points";
import { Hono } from "hono";
import pg from "pg";
import { program } from "../requests.ts";
import { forUpdateLedger } from "./for-update.ts";
import type { Figures } from "./ledger.ts";
import { tunedLedger } from "./tuned.ts";

const POOL_MAX = 16;
const KEY_FRESH_MS = 5_000;
const DAY_MS = 86_400_000;
const CURRENCY = "points";

const [kind = "", connectionString = ""] = process.argv.slice(2);
const pool = new pg.Pool({ connectionString, max: POOL_MAX });
const ledger = kind === "tuned" ? tunedLedger(pool) : forUpdateLedger(pool);
const app = new Hono();

let keys: { readonly hashes: Set<string>; readonly until: number } = { hashes: new Set(), until: 0 };

app.use(async (c, next) => {
  const secret = c.req.header("authorization")?.replace(/^Bearer /, "") ?? "";
  if (Date.now() >= keys.until) {
    const { rows } = await pool.query<{ secret_hash: string }>("select secret_hash from api_keys");
    keys = { hashes: new Set(rows.map((row) => row.secret_hash)), until: Date.now() + KEY_FRESH_MS };
  }
  if (!keys.hashes.has(hashOf(secret))) return c.json({ code: "key_invalid" }, 401);
  return next();
});

app.put("/v1/orders/:id", async (c) => {
  const text = await c.req.text();
  const parsed = read(putOrder, text);
  const memberId = parsed?.member.id;
  if (parsed === null || memberId === undefined) return c.json({ code: "invalid" }, 400);
  const { gross, net } = totalsOf(parsed);
  const redeemed = parsed.redeem?.[0]?.points ?? 0;
  const earned = earnedBy(net - redeemed * program.tender.valuePerPoint);
  const expiresAt = new Date(Date.parse(parsed.placedAt) + program.currencies[0].expiry.days * DAY_MS).toISOString();
  const order = { id: c.req.param("id"), ...parsed, gross, net };
  const answered = await ledger.putOrder({
    orderId: order.id,
    memberId,
    bodyHash: hashOf(text),
    placedAt: parsed.placedAt,
    expiresAt,
    document: order,
    earned,
    redeemed,
  });
  if (answered === null) return c.json({ code: "idempotency_key_reused" }, 422);
  return c.json({ order, earned, redeemed: parsed.redeem ?? [], balances: [balanceOf(answered)], programVersion: 1 });
});

app.post("/v1/checkout/quote", async (c) => {
  const parsed = read(quoteRequest, await c.req.text());
  if (parsed === null) return c.json({ code: "invalid" }, 400);
  const found = await findBalance(parsed.member.id ?? "");
  if (found === null) return c.json({ code: "member_not_found" }, 404);
  const { gross, net } = totalsOf(parsed);
  const { valuePerPoint, stepPoints, maxShareOfOrder } = program.tender;
  const most = Math.min(found.available, Math.floor((net * maxShareOfOrder) / valuePerPoint));
  const maxPoints = most - (most % stepPoints);
  const redeemable = [{ currency: CURRENCY, maxPoints, value: maxPoints * valuePerPoint }];
  const payable = net - (parsed.redeem?.[0]?.points ?? 0) * valuePerPoint;
  return c.json({ earn: earnedBy(payable), redeemable, gross, net, payable, balances: [found], programVersion: 1 });
});

app.post("/v1/members/:id/holds", async (c) => {
  const text = await c.req.text();
  const parsed = read(holdRequest, text);
  const key = c.req.header("idempotency-key");
  if (parsed === null || key === undefined) return c.json({ code: "invalid" }, 400);
  const { points, ttlSeconds } = parsed;
  const wish = { key, memberId: c.req.param("id"), bodyHash: hashOf(text), points, ttlSeconds };
  const answered = await ledger.placeHold(wish);
  if (answered === null) return c.json({ code: "idempotency_key_reused" }, 422);
  const { holdId, lapsesAt } = answered;
  const hold = { id: `hld_${holdId}`, currency: CURRENCY, points, capturedPoints: 0, state: "held", lapsesAt };
  return c.json({ hold, balances: [balanceOf(answered)] }, 201);
});

app.post("/v1/members/:id/holds/:hold/capture", async (c) => {
  const text = await c.req.text();
  const key = c.req.header("idempotency-key");
  if (read(captureRequest, text) === null || key === undefined) return c.json({ code: "invalid" }, 400);
  const holdId = c.req.param("hold").slice("hld_".length);
  const answered = await ledger.captureHold({
    key,
    memberId: c.req.param("id"),
    bodyHash: hashOf(text + holdId),
    holdId,
  });
  if (answered === null) return c.json({ code: "idempotency_key_reused" }, 422);
  const { points } = answered;
  const hold = { id: `hld_${holdId}`, currency: CURRENCY, points, capturedPoints: points, state: "captured" };
  return c.json({ hold, balances: [balanceOf(answered)] });
});

app.get("/v1/members/:id/balances", async (c) => {
  const found = await findBalance(c.req.param("id"));
  return found === null ? c.json({ code: "member_not_found" }, 404) : c.json({ balances: [found] });
});

serve({ fetch: app.fetch, port: 0, hostname: "127.0.0.1" }, ({ port }) => process.send?.({ port }));
process.once("disconnect", () => process.exit(0));

interface Schema<Body> {
  safeParse(value: unknown): { success: true; data: Body } | { success: false };
}

function read<Body>(schema: Schema<Body>, text: string): Body | null {
  const parsed = schema.safeParse(JSON.parse(text));
  return parsed.success ? parsed.data : null;
}

function hashOf(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

function totalsOf({ lines }: PutOrder | QuoteRequest): { gross: number; net: number } {
  const gross = lines.reduce((sum, line) => sum + line.quantity * line.unitPrice, 0);
  return { gross, net: lines.reduce((left, line) => left - (line.discount ?? 0), gross) };
}

/** The benchmark's two rules by hand: the peer has no engine of rules. */
function earnedBy(net: number): { rule: string; points: number }[] {
  const [base, large] = program.earning;
  const earned: { rule: string; points: number }[] = [{ rule: base.id, points: Math.floor(net / base.per) }];
  if (net > 100_000) earned.push({ rule: large.id, points: Math.floor(net / large.per) });
  return earned;
}

async function findBalance(memberId: string) {
  const { rows } = await pool.query<{
    available: string;
    held: string;
    expires_at: Date | null;
    remaining: string | null;
  }>({
    name: "balance",
    text: `select available, held, expires_at, remaining from members left join lateral (
      select expires_at, remaining from lots
      where lots.member_id = members.id and remaining > 0 order by expires_at, lots.id limit 1
    ) as next on true where members.id = $1`,
    values: [memberId],
  });
  const [row] = rows;
  if (row === undefined) return null;
  const expiringNext = row.expires_at && { points: Number(row.remaining), at: row.expires_at.toISOString() };
  return { ...balanceOf({ available: Number(row.available), held: Number(row.held) }), expiringNext };
}

function balanceOf({ available, held }: Figures) {
  return { currency: CURRENCY, available, pending: 0, held };
}
