// Reads the databases of the members' objects of a running system: what the truth says of itself, without asking a Worker.
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import type { MemberEvent } from "@regulars/contracts/events";

export interface LedgerFile {
  readonly tenantId: string;
  readonly memberId: string;
  readonly events: readonly Pick<MemberEvent, "at" | "body">[];
  /** Kinds of the duties and intents that are open. */
  readonly open: readonly string[];
}

/** Every member, pool, cause and coin account; `folder` is the system's. */
export function readLedgers(folder: string): LedgerFile[] {
  return filesOf(folder).flatMap((path) => withDatabase(path, readLedger) ?? []);
}

/** Kinds of all duties and intents that are open anywhere. */
export function openDuties(folder: string): string[] {
  return filesOf(folder).flatMap((path) => withDatabase(path, openIn));
}

/** Points of a currency by account, over all events of these objects. */
export function sumEntries(ledgers: readonly LedgerFile[], currency: string): Record<string, number> {
  const sums: Record<string, number> = {};
  for (const { events } of ledgers) {
    for (const { body } of events) {
      for (const { entries } of "transactions" in body ? body.transactions : []) {
        for (const one of entries) {
          if (one.currency === currency) sums[one.account] = (sums[one.account] ?? 0) + one.points;
        }
      }
    }
  }
  return sums;
}

/** Where the coins of a member are, as the member's own events name it; undefined: there is no such account yet. */
export function coinLedger(ledgers: readonly LedgerFile[], of: string, network: string): LedgerFile | undefined {
  const own = ledgers.find(({ memberId }) => memberId === of)?.events ?? [];
  const named = own.flatMap(({ body }) => ("facts" in body ? (body.facts?.[`network/${network}`] ?? []) : []));
  // The guarantee of the cast: only the decisions of the domain write this fact.
  const { memberId: account } = (named.at(-1) ?? {}) as { memberId?: string };
  return ledgers.find(({ memberId }) => memberId === account);
}

function filesOf(folder: string): string[] {
  const objects = join(folder, "workerd/do/point-ledger-MemberLedger");
  return readdirSync(objects)
    .filter((name) => /^[0-9a-f]{64}\.sqlite$/.test(name))
    .map((name) => join(objects, name));
}

function withDatabase<Value>(path: string, read: (database: DatabaseSync) => Value): Value {
  const database = new DatabaseSync(path, { readOnly: true });
  try {
    return read(database);
  } finally {
    database.close();
  }
}

// An object that was only asked about has no tables.
const isEmpty = (database: DatabaseSync) =>
  database.prepare("SELECT 1 FROM sqlite_master WHERE name = 'event'").get() === undefined;

function readLedger(database: DatabaseSync): LedgerFile | null {
  if (isEmpty(database)) return null;
  const owner = database.prepare("SELECT value FROM fact WHERE name = 'owner'").get();
  // The guarantee of both casts: only the object itself writes its database.
  const { tenantId, memberId } = JSON.parse(String(owner?.["value"])) as Pick<MemberEvent, "tenantId" | "memberId">;
  const rows = database.prepare("SELECT at, body FROM event ORDER BY sequence").all();
  const events = rows.map(({ at, body }) => ({
    at: Number(at),
    body: JSON.parse(String(body)) as MemberEvent["body"],
  }));
  return { tenantId, memberId, events, open: openIn(database) };
}

function openIn(database: DatabaseSync): string[] {
  if (isEmpty(database)) return [];
  return database
    .prepare("SELECT kind FROM duty ORDER BY place")
    .all()
    .map(({ kind }) => String(kind));
}
