// What survives: a failure at any statement, a changed migration, a lost alarm, a queue that is away.
import { env } from "cloudflare:workers";
import { evictDurableObject, runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { gunzipSync } from "node:zlib";
import type { EventMessage } from "@regulars/contracts/events";
import { afterEach, beforeAll, expect, test, vi } from "vitest";
import { Book } from "./book.ts";
import {
  makeContext,
  makeMember,
  makeOrder,
  NOW,
  plainProgram,
  publishPrograms,
  storedText,
  tenantId,
  textOf,
  valueOf,
  writing,
  type Context,
} from "./make-member.ts";
import type { MemberLedger } from "./member-ledger.ts";
import { ledgerOf } from "./objects.ts";

const order = makeOrder({ redeem: [{ currency: "points", points: 60 }] });
const DAY_MS = 86_400_000;
// Ahead of the real clock, so that no alarm rings but by a test.
const LATER = Date.now() + 400 * DAY_MS;

beforeAll(() => publishPrograms(tenantId, [plainProgram]));
afterEach(() => vi.restoreAllMocks());

const person = { identities: [], profile: { name: "Mei" }, homeStoreId: "s1", source: null, consent: {} };
const changed = { identities: null, profile: { name: "Mei-Ling" }, homeStoreId: "s2", consent: null };
const yearLater = NOW + 366 * DAY_MS;

test.each([
  ["an order", 100, (ledger, at) => ledger.putOrder(writing(at, "o/A/paid"), order)],
  [
    "an order on the day when points end",
    100,
    (ledger, at) => ledger.putOrder(writing({ ...at, now: yearLater }, "o/A/paid"), makeOrder()),
  ],
  [
    "a refusal on the day when points end",
    100,
    (ledger, at) => ledger.putOrder(writing({ ...at, now: yearLater }, "o/A/paid"), order),
  ],
  ["a change of the member", 0, (ledger, at) => ledger.change(writing(at, "k/c"), changed)],
  ["an erasure", 0, (ledger, at) => ledger.erase(at)],
  ["an enrolment", null, (ledger, at) => ledger.enrol(writing(at, "k/enrol"), person)],
] as [string, number | null, Send][])(
  "a failure at any statement of %s leaves everything as it was, and the same request then passes",
  async (name, points, send) => {
    const member = points === null ? makeStranger(name) : await makeMember(points);
    const before = await storedText(member.ledger());
    let failing = 1;
    for (let failed = true; failed; failing += 1) {
      const outcome = await runInDurableObject(member.ledger(), async (object, { storage }) => {
        const { restore } = watch(storage.sql, (place) => {
          if (place === failing) throw new Error("disk");
        });
        const sent = await send(object, member.at).then(
          () => null,
          (error: unknown) => String(error),
        );
        restore();
        return { sent, audit: await object.audit(member.at), text: textOf(storage) };
      });
      expect(outcome.audit.foldEqual).toBe(true);
      failed = outcome.sent !== null;
      if (failed) expect(outcome).toMatchObject({ sent: "Error: disk", text: before });
      else expect(outcome.text).not.toBe(before);
    }
    expect(failing).toBeGreaterThan(4);
    expect(await alarmOf(member.ledger())).not.toBeNull();
  },
);

test("storage that fails for good is an error for the caller, never an answer from memory", async () => {
  const { ledger, at } = await makeMember(100);
  const before = await storedText(ledger());
  const failed = runInDurableObject(ledger(), (object, { storage }) => {
    watch(storage.sql, (place, statement) => {
      if (place > 1 || statement.startsWith("INSERT")) throw new Error("disk");
    });
    return object.putOrder(writing(at, "o/A/paid"), order);
  });
  await expect(failed).rejects.toThrow("disk");
  expect(valueOf(await ledger().balances(at)).balances[0]).toMatchObject({ available: 100 });
  expect(await storedText(ledger())).toBe(before);
});

test("an earn is one row and its key, with no DDL and no reading of old rows", async () => {
  const member = await makeMember(100);
  valueOf(await member.ledger().putOrder(writing(member.at, "o/A/paid"), makeOrder()));
  await evictDurableObject(member.ledger());
  const statements = await runInDurableObject(member.ledger(), async (object, { storage }) => {
    const { restore, log } = watch(storage.sql);
    valueOf(await object.putOrder(writing(member.at, "o/B/paid"), makeOrder({ orderId: "B" })));
    restore();
    return log();
  });
  const writes = statements.filter(({ written }) => written > 0);
  expect(writes.map(({ text }) => text.split(" (")[0])).toEqual(["INSERT INTO event"]);
  expect(writes[0]?.written).toBe(2);
  expect(statements.filter(({ text }) => /^(CREATE|ALTER|DROP|PRAGMA)/i.test(text))).toEqual([]);
  expect(Math.max(...statements.map(({ read }) => read))).toBeLessThanOrEqual(2);
  console.log(`an earn: ${statements.length} statements, ${writes[0]?.written} rows written (the event and its key)`);
});

test("an object that wakes up runs no DDL and writes nothing", async () => {
  const { ledger } = await makeMember(100);
  const statements = await runInDurableObject(ledger(), (_, { storage }) => {
    const { restore, log } = watch(storage.sql);
    expect(new Book(storage.sql).state.sequence).toBe(2);
    restore();
    return log();
  });
  expect(statements.filter(({ text, written }) => written > 0 || !text.startsWith("SELECT"))).toEqual([]);
});

test("a member nobody enrolled gets no tables, whatever is asked", async () => {
  const ledger = () => ledgerOf(env, tenantId, "mbr_nobody");
  const at = {
    tenantId,
    memberId: "mbr_nobody",
    now: NOW,
    testTime: false,
    timeZone: "Asia/Taipei",
    programVersion: 1,
  };
  const replies = [
    await ledger().quote(at, makeOrder()),
    await ledger().putOrder(writing(at, "o/A/paid"), makeOrder()),
    await ledger().refundOrder(writing(at, "o/A/r/1"), { orderId: "A", refundId: "1", lines: null }),
    await ledger().adjust(writing(at, "k/1"), { currency: "points", points: 1, reason: "test", storeId: null }),
    await ledger().statement(at, { limit: 1, before: null }),
    await ledger().member(at),
    await ledger().erase(at),
  ];
  for (const reply of replies) expect(reply).toMatchObject({ ok: false, refusal: { code: "member_not_found" } });
  expect(await ledger().audit(at)).toMatchObject({ exists: false, sequence: 0, foldEqual: true });
  expect(await storedText(ledger())).toBe("");
  expect(await alarmOf(ledger())).toBeNull();
});

test("an applied migration that was changed is refused when the object wakes up", async () => {
  const { ledger } = await makeMember(100);
  await runInDurableObject(ledger(), (_, { storage }) => {
    storage.sql.exec("UPDATE migration SET checksum = checksum + 1");
    expect(() => new Book(storage.sql)).toThrow("migration 1 was changed after it was applied");
    storage.sql.exec("UPDATE migration SET checksum = checksum - 1");
    expect(new Book(storage.sql).state.sequence).toBe(2);
  });
});

test("an alarm is armed for what nobody confirmed, and for what falls due", async () => {
  const { ledger, at, memberId } = await sleeper(100);
  expect(await alarmOf(ledger())).toBe(LATER + 30_000);
  await ledger().confirm(memberId, 1, [2, 1]);
  vi.spyOn(Date, "now").mockReturnValue(LATER + 30_000);
  await runDurableObjectAlarm(ledger());
  expect(await alarmOf(ledger())).toBe(LATER + 365 * DAY_MS);
  const then = { ...at, now: LATER + 30_000 };
  valueOf(await ledger().placeHold(writing(then, "k/h"), { currency: "points", points: 5, ttlSeconds: 2 }));
  expect(await alarmOf(ledger())).toBe(LATER + 32_000);
});

test("an alarm that was lost is set again when the object wakes up, and in an awake one once it is overdue", async () => {
  const { ledger, at } = await sleeper(100);
  await runInDurableObject(ledger(), (_, { storage }) => storage.deleteAlarm());
  await evictDurableObject(ledger());
  valueOf(await ledger().balances(at));
  expect(await alarmOf(ledger())).toBe(LATER + 30_000);
  await runInDurableObject(ledger(), (_, { storage }) => storage.deleteAlarm());
  vi.spyOn(Date, "now").mockReturnValue(LATER + 60_000);
  valueOf(await ledger().balances(at));
  expect(await alarmOf(ledger())).toBe(LATER + 60_050);
});

test("confirmations count in any order, survive sleep once written, and end the alarms", async () => {
  const { ledger, at, memberId } = await sleeper(100);
  valueOf(await ledger().putOrder(writing(at, "o/A/paid"), order));
  const confirm = (...sequences: number[]) => ledger().confirm(memberId, 1, sequences);
  expect([await confirm(3), await confirm(3, 3), await confirm(1), await confirm(9), await confirm(2)]).toEqual([
    0, 0, 1, 1, 3,
  ]);
  expect(await ledger().confirm(memberId, 2, [4])).toBe(3);
  vi.spyOn(Date, "now").mockReturnValue(LATER + 30_000);
  await runDurableObjectAlarm(ledger());
  await evictDurableObject(ledger());
  expect((await ledger().audit(at)).confirmedSequence).toBe(3);
});

test("an alarm that wakes the object publishes at once what nobody confirmed, and what it settled itself", async () => {
  const { ledger } = await sleeper(100);
  await evictDurableObject(ledger());
  vi.spyOn(Date, "now").mockReturnValue(LATER + 366 * DAY_MS);
  const sent = await ring(ledger());
  expect(sent).toEqual([
    [1, "member.enrolled"],
    [2, "points.adjusted"],
    [3, "points.expired"],
  ]);
});

test("a queue that is away costs no alarm: it rings again, later each time", async () => {
  vi.spyOn(console, "warn").mockImplementation(() => {});
  const { ledger } = await sleeper(100);
  const away: number[] = [];
  let now = LATER;
  vi.spyOn(Date, "now").mockImplementation(() => now);
  for (let attempt = 0; attempt < 8; attempt += 1) {
    const next = (await alarmOf(ledger()))!;
    away.push(next - now);
    now = next;
    await ring(ledger(), () => Promise.reject(new Error("away")));
  }
  expect(away).toEqual([30_000, 60_000, 120_000, 240_000, 480_000, 600_000, 600_000, 600_000]);
});

test("a profile leaves storage when the member is erased; the ledger stays, and says so", async () => {
  const { ledger, at } = await makeMember(100);
  const change = {
    identities: [{ type: "phone" as const, value: "+886911222333", hash: "h1" }],
    profile: { name: "王小明" },
    homeStoreId: null,
    consent: null,
  };
  valueOf(await ledger().change(writing(at, "k/c"), change));
  expect(await storedText(ledger())).toContain("王小明");
  const erased = valueOf(await ledger().erase(at));
  expect(valueOf(await ledger().erase(at))).toEqual(erased);
  expect(await storedText(ledger())).not.toMatch(/王小明|911222333/);
  expect(await ledger().balances(at)).toMatchObject({ ok: false, refusal: { code: "member_erased" } });
  expect(await ledger().putOrder(writing(at, "o/Z/paid"), makeOrder())).toMatchObject({
    refusal: { code: "member_erased" },
  });
  expect((await ledger().audit(at)).balances).toEqual([{ currency: "points", available: 100, pending: 0, held: 0 }]);
});

test("two hundred events wake up from a snapshot to the same state", async () => {
  const { ledger, at } = await makeMember(0);
  for (let n = 0; n < 200; n += 1) {
    valueOf(
      await ledger().adjust(writing(at, `k/${n}`), {
        currency: "points",
        points: 1 + (n % 3),
        reason: "test",
        storeId: null,
      }),
    );
  }
  const before = await ledger().audit(at);
  await evictDurableObject(ledger());
  const [rows, after] = await runInDurableObject(ledger(), async (object, { storage }) => {
    const found = storage.sql.exec<{ sequence: number }>("SELECT max(sequence) AS sequence FROM snapshot").one();
    return [found, await object.audit(at)] as const;
  });
  expect(after).toEqual(before);
  expect(after.foldEqual).toBe(true);
  expect(rows.sequence).toBeGreaterThan(100);
});

type Send = (ledger: MemberLedger, at: Context) => Promise<unknown>;

/** A member that nobody enrolled yet. */
function makeStranger(name: string) {
  const memberId = `mbr_${name.replaceAll(" ", "_")}`;
  return { ledger: () => ledgerOf(env, tenantId, memberId), at: makeContext(memberId) };
}

/** A member whose alarms are all ahead of the real clock. */
async function sleeper(points: number) {
  vi.spyOn(Date, "now").mockReturnValue(LATER);
  return makeMember(points, LATER);
}

const alarmOf = (ledger: ReturnType<typeof ledgerOf>) =>
  runInDurableObject(ledger, (_, { storage }) => storage.getAlarm());

/** Rings the alarm with a queue of our own; returns sequence and kind of what was sent. */
function ring(ledger: ReturnType<typeof ledgerOf>, send?: () => Promise<void>) {
  return runInDurableObject(ledger, async (object) => {
    const sent: [sequence: number, kind: string][] = [];
    const sendBatch = async (batch: readonly { body: Uint8Array }[]) => {
      await send?.();
      for (const { body } of batch) {
        const { events } = JSON.parse(gunzipSync(body).toString()) as EventMessage;
        sent.push(...events.map((event): [number, string] => [event.sequence, event.body.kind]));
      }
    };
    // The object reads its bindings from `env` at each use, so a test may stand in for the queue.
    const inner = object as unknown as { env: unknown };
    const real = inner.env;
    inner.env = { ...env, MEMBER_EVENTS: { sendBatch } };
    await object.alarm();
    inner.env = real;
    return sent;
  });
}

interface Watched {
  readonly text: string;
  readonly written: number;
  readonly read: number;
}

/** Lets a test see, or break, every statement that an object runs. */
function watch(sql: SqlStorage, before: (place: number, text: string) => void = () => {}) {
  const cursors: { text: string; cursor: SqlStorageCursor<Record<string, SqlStorageValue>> }[] = [];
  let place = 0;
  const exec = (text: string, ...bindings: SqlStorageValue[]) => {
    place += 1;
    before(place, text);
    const cursor = Object.getPrototypeOf(sql).exec.call(sql, text, ...bindings) as SqlStorageCursor<
      Record<string, SqlStorageValue>
    >;
    cursors.push({ text, cursor });
    return cursor;
  };
  Object.defineProperty(sql, "exec", { value: exec, configurable: true });
  return {
    restore: () => void Reflect.deleteProperty(sql, "exec"),
    count: () => place,
    log: (): Watched[] =>
      cursors.map(({ text, cursor }) => ({ text, written: cursor.rowsWritten, read: cursor.rowsRead })),
  };
}
