// The same ledger as one PL/pgSQL call a request: what a team arrives at once the round trips hurt.
import type pg from "pg";
import type { Figures, PeerLedger } from "./ledger.ts";

/** The ledger over a pool; every write is one statement, prepared once a connection. */
export function tunedLedger(pool: pg.Pool): PeerLedger {
  const call = async (name: string, values: unknown[]): Promise<Row> => {
    const places = values.map((_, index) => `$${index + 1}`).join(", ");
    const { rows } = await pool.query<Row>({ name, text: `select * from ${name}(${places})`, values });
    if (rows[0] === undefined) throw new Error(`${name} answered nothing`);
    return rows[0];
  };
  return {
    putOrder: async ({ orderId, memberId, bodyHash, placedAt, expiresAt, document, earned, redeemed }) => {
      const rules = earned.map(({ rule }) => rule);
      const points = earned.map((one) => one.points);
      const values = [orderId, memberId, bodyHash, placedAt, expiresAt, document, rules, points, redeemed];
      const row = await call("put_order", values);
      return row.known_hash === bodyHash ? figures(row) : null;
    },
    placeHold: async ({ key, memberId, bodyHash, points, ttlSeconds }) => {
      const row = await call("place_hold", [key, memberId, bodyHash, points, ttlSeconds]);
      if (row.known_hash !== bodyHash) return null;
      return { ...figures(row), holdId: row.hold ?? "", lapsesAt: row.lapses?.toISOString() ?? "" };
    },
    captureHold: async ({ key, memberId, bodyHash, holdId }) => {
      const row = await call("capture_hold", [key, memberId, bodyHash, holdId]);
      return row.known_hash === bodyHash ? { ...figures(row), points: Number(row.captured) } : null;
    },
  };
}

/** The functions of functions.sql answer one row of these. */
interface Row {
  readonly available: string;
  readonly held: string;
  readonly known_hash: string;
  readonly hold?: string;
  readonly lapses?: Date;
  readonly captured?: string;
}

function figures({ available, held }: Row): Figures {
  return { available: Number(available), held: Number(held) };
}
