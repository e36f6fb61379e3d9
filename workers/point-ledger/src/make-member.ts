// Builders for tests in workerd: members of a tenant with a program, and calls that are valid by default.
import { env } from "cloudflare:workers";
import { runInDurableObject } from "cloudflare:test";
import { programPath, tenantPath, type TenantRecord } from "@regulars/contracts/directory";
import type { MemberEvent } from "@regulars/contracts/events";
import { program as programSchema, type ProgramInput } from "@regulars/contracts/program";
import type { OrderCommand, Reply } from "@regulars/contracts/rpc";
import { ledgerOf } from "./objects.ts";

export const tenantId = "ten_test";
export const NOW = Date.parse("2026-03-01T04:00:00Z");

/** A point for every 10.00, for a year; a point pays 1.00. */
export const plainProgram = {
  currencies: [{ id: "points", expiry: { type: "rolling", days: 365 } }],
  earning: [{ id: "base", currency: "points", per: 1000, points: 1 }],
  tender: { currency: "points", valuePerPoint: 100 },
} satisfies ProgramInput;

/** Publishes programs as versions 1, 2 and so on. */
export async function publishPrograms(tenant: string, programs: readonly ProgramInput[]): Promise<void> {
  for (const [index, input] of programs.entries()) {
    await env.DIRECTORY.put(programPath(tenant, index + 1), JSON.stringify(programSchema.parse(input)));
  }
}

let members = 0;

/** An enrolled member with so many points. `ledger()` is a fresh stub each time. */
export async function makeMember(points = 0, now = NOW) {
  const memberId = `mbr_${(members += 1)}`;
  const ledger = () => ledgerOf(env, tenantId, memberId);
  const at = makeContext(memberId, now);
  const person = { identities: [], profile: {}, homeStoreId: "s1", source: null, consent: {} };
  valueOf(await ledger().enrol(writing(at, "k/enrol"), person));
  if (points > 0) {
    const gift = { currency: "points", points, reason: "test", storeId: null };
    valueOf(await ledger().adjust(writing(at, "k/gift"), gift));
  }
  return { memberId, ledger, at };
}

export type Context = ReturnType<typeof makeContext>;

/** At `NOW`, which the real clock has left behind, time is the caller's: else alarms would settle what a test has yet to see. */
export function makeContext(memberId: string, now = NOW) {
  return { tenantId, memberId, now, testTime: now === NOW, timeZone: "Asia/Taipei", programVersion: 1 };
}

/** A context with a key; the body's hash is the key's own unless told. */
export const writing = (at: Context, key: string, requestHash = key) => ({ ...at, key, requestHash });

/** A paid order of two teas at 187.50. */
export function makeOrder(more: Partial<OrderCommand> = {}): OrderCommand {
  const line = { sku: "tea", category: null, unitPrice: 18_750, discount: 0 };
  return {
    orderId: "A",
    state: "paid",
    storeId: "s1",
    regionId: "r1",
    ownerId: "o1",
    currency: "TWD",
    channel: null,
    placedAt: NOW,
    redeem: null,
    lines: [{ ...line, lineId: "1", quantity: 2 }],
    ...more,
  };
}

/** The value of a reply that must not be a refusal. */
export function valueOf<Value>(reply: Reply<Value>): Value {
  if (!reply.ok) throw new Error(`refused: ${JSON.stringify(reply.refusal)}`);
  return reply.value;
}

/** The code of a refusal, or null. */
export const refusalOf = (reply: Reply<unknown>) => (reply.ok ? null : reply.refusal.code);

type LedgerStub = ReturnType<typeof ledgerOf>;

/** Events after a sequence as the object's own rows have them. */
export function storedEvents(ledger: LedgerStub, after = 0): Promise<MemberEvent[]> {
  return runInDurableObject(ledger, (_, { storage }) => eventsIn(storage, after));
}

export function eventsIn({ sql }: DurableObjectStorage, after = 0): MemberEvent[] {
  type Row = { sequence: number; at: number; key: string | null; body: string };
  return sql
    .exec<Row>("SELECT sequence, at, key, body FROM event WHERE sequence > ? ORDER BY sequence", after)
    .toArray()
    .map(({ body, ...row }) => ({
      tenantId,
      memberId: "",
      epoch: 1,
      testTime: false,
      ...row,
      body: JSON.parse(body) as MemberEvent["body"],
    }));
}

/** Everything the object has stored, as one text. */
export function storedText(ledger: LedgerStub): Promise<string> {
  return runInDurableObject(ledger, (_, { storage }) => textOf(storage));
}

export function textOf({ sql }: DurableObjectStorage): string {
  const tables = sql
    .exec<{ name: string }>(
      "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE '\\_cf%' ESCAPE '\\' ORDER BY name",
    )
    .toArray();
  return tables
    .map(({ name }) => `${name}: ${JSON.stringify(sql.exec(`SELECT * FROM "${name}" ORDER BY 1`).toArray())}`)
    .join("\n");
}

/** Publishes a tenant of Taipei with one program in force since ever, as objects find it by themselves. */
export async function publishTenant(tenant: string, program: ProgramInput): Promise<void> {
  await publishPrograms(tenant, [program]);
  const programs = [{ version: 1, effectiveFrom: 0 }];
  const place = { name: "Test", sandbox: false, timeZone: "Asia/Taipei", phoneRegion: "TW", currency: "TWD" };
  const record: TenantRecord = { tenantId: tenant, ...place, locale: "en", jurisdiction: null, stores: {}, programs };
  await env.DIRECTORY.put(tenantPath(tenant), JSON.stringify(record));
}
