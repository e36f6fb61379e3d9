// For crash tests: lets an object die between any two steps of a saga, and wakes it up again by its alarm.
import { env } from "cloudflare:workers";
import { evictDurableObject, runInDurableObject } from "cloudflare:test";
import { vi } from "vitest";
import { eventsIn } from "./make-member.ts";
import type { MemberLedger } from "./member-ledger.ts";
import type { ledgerOf } from "./objects.ts";

/**
 * How a life of the object ends: it dies before its call leaves; after the other side has acted, before the answer comes;
 * when it writes what follows from the answer, or that the duty is done; or not at all.
 */
export type Fate = "before the call" | "after the call" | "at the follow-up" | "at the end" | "lives";
const FATES: readonly Fate[] = ["before the call", "after the call", "at the follow-up", "at the end", "lives"];

/** Every way in which two lives can end one after the other; without follow-ups there is one less. */
export function pairsOfFates({ followUps }: { readonly followUps: boolean }): [Fate, Fate][] {
  const fates = FATES.filter((fate) => followUps || fate !== "at the follow-up");
  return fates.flatMap((first) => fates.map((second): [Fate, Fate] => [first, second]));
}

type Ledger = () => ReturnType<typeof ledgerOf>;

/** One life: does some work, tells its duties as far as its fate allows, and is dropped from memory. */
export async function live(ledger: Ledger, fate: Fate, work?: (object: MemberLedger) => Promise<unknown>) {
  await runInDurableObject(ledger(), async (object, { storage }) => {
    // The object reads its bindings from `env` at each use, so a test may stand in for the others.
    const inner = object as unknown as { env: unknown };
    const real = inner.env;
    inner.env = { ...env, MEMBER_LEDGER: fated(fate) };
    const mend = breakWrites(storage.sql, fate);
    await work?.(object).catch((error: unknown) => {
      if (!String(error).includes("killed")) throw error;
    });
    await object.alarm();
    mend();
    inner.env = real;
  });
  await evictDurableObject(ledger());
}

/** Lets the clock go on by more than any back-off, and the object live on undisturbed. */
export async function wake(ledger: Ledger) {
  later();
  await live(ledger, "lives");
}

let now = 0;

/** Stops the clock at a time; `later` moves it on by an hour. */
export function stopClock(at: number) {
  now = at;
  vi.spyOn(Date, "now").mockImplementation(() => now);
}
export function later() {
  now += 3_600_000;
}

/** Points of a currency over all these accounts, also those on their way between them. */
export async function pointsIn(ledgers: readonly Ledger[], currency = "points") {
  let sum = 0;
  for (const ledger of ledgers) {
    for (const { body } of await eventsOf(ledger)) {
      for (const { entries } of "transactions" in body ? body.transactions : []) {
        for (const entry of entries) if (entry.currency === currency && OWNED.has(entry.account)) sum += entry.points;
      }
    }
  }
  return sum;
}

/** The events of an account, which may not exist. */
export function eventsOf(ledger: Ledger) {
  return runInDurableObject(ledger(), (_, { storage }) => (hasEvents(storage) ? eventsIn(storage) : []));
}

/** Kinds of the events of an account. */
export async function kindsOf(ledger: Ledger) {
  return (await eventsOf(ledger)).map(({ body }) => body.kind);
}

/** How many duties and intents are open. */
export function openDuties(ledger: Ledger) {
  return runInDurableObject(ledger(), (_, { storage: { sql } }) =>
    Number(sql.exec("SELECT count(*) AS open FROM duty").one()["open"]),
  );
}

const OWNED = new Set(["available", "pending", "held", "transit"]);

const hasEvents = ({ sql }: DurableObjectStorage) =>
  sql.exec("SELECT 1 FROM sqlite_master WHERE name = 'event'").toArray().length > 0;

function fated(fate: Fate) {
  const { MEMBER_LEDGER } = env;
  const get = (id: DurableObjectId, options?: DurableObjectNamespaceGetDurableObjectOptions) => {
    const stub = MEMBER_LEDGER.get(id, options);
    const act = async (...call: Parameters<MemberLedger["act"]>) => {
      if (fate === "before the call") throw new Error("killed before the call");
      // The guarantee of the cast: the stub is of this very class.
      const reply = await (stub as unknown as MemberLedger).act(...call);
      if (fate === "after the call") throw new Error("killed after the call");
      return reply;
    };
    return { act };
  };
  return { idFromName: (name: string) => MEMBER_LEDGER.idFromName(name), get };
}

function breakWrites(sql: SqlStorage, fate: Fate): () => void {
  const exec = (text: string, ...bindings: SqlStorageValue[]) => {
    const isEnd = fate === "at the end" && text.startsWith("DELETE FROM duty");
    const isEvent = text.startsWith("INSERT INTO event") && String(bindings[1]).startsWith("f/");
    if (isEnd || (fate === "at the follow-up" && isEvent)) throw new Error(`killed ${fate}`);
    return Object.getPrototypeOf(sql).exec.call(sql, text, ...bindings) as unknown;
  };
  Object.defineProperty(sql, "exec", { value: exec, configurable: true });
  return () => void Reflect.deleteProperty(sql, "exec");
}
