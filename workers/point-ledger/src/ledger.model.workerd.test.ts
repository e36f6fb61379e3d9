// The naive model of the ledger against the real object, with sleep, crashes, lost alarms and repeated requests.
import { abortAllDurableObjects, evictDurableObject, runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { NaiveLedger } from "@regulars/domain/ledger-model";
import { PromiseKeeper } from "@regulars/domain/ledger-promises";
import { wishes, type WishedCall } from "@regulars/domain/ledger-wishes";
import type { LedgerCall } from "@regulars/domain/memory-ledger";
import { modelPrograms } from "@regulars/domain/naive-programs";
import { NO_TIME_SCENE } from "@regulars/domain/moment";
import { nextDueAt, settleNext } from "@regulars/domain/settle";
import { readSnapshot, writeSnapshot } from "@regulars/domain/snapshot";
import { applyEvent } from "@regulars/domain/state";
import fc from "fast-check";
import { afterEach, beforeAll, expect, test, vi } from "vitest";
import { eventsIn, makeMember, publishPrograms, refusalOf, tenantId, valueOf, writing } from "./make-member.ts";
import { orderKey, refundKey } from "./order-calls.ts";

// Ahead of the real clock, so that no alarm rings but by a command.
const START = Math.ceil(Date.now() / 1000) * 1000 + 400 * 86_400_000;
const COMMANDS_MIN = 1_500;
/** About 15 s on two idle cores. */
const TIMEOUT_MS = 180_000;

let clock = START;
let commands = 0;
let histories = 0;

beforeAll(() => publishPrograms(tenantId, modelPrograms));
afterEach(() => vi.restoreAllMocks());

class Real {
  readonly #member: Awaited<ReturnType<typeof makeMember>>;
  readonly #keeper = new PromiseKeeper();
  readonly #prefix = `h${(histories += 1)}-`;
  readonly #holdIds: string[] = [];
  readonly #usedKeys = new Set<string>();
  #serial = 0;
  #alarmLost = false;
  #confirmed = new Set<number>();
  #confirmedKept = 0;

  private constructor(member: Awaited<ReturnType<typeof makeMember>>) {
    this.#member = member;
  }

  static async open(): Promise<Real> {
    clock = START;
    return new Real(await makeMember(0, START));
  }

  /** One request, then perhaps the same again, and the same key with another body. */
  async call(
    model: NaiveLedger,
    { call, hold }: WishedCall,
    again: { times: number; asleep: boolean; reuse: boolean },
  ) {
    const named = this.#named(call, hold);
    const key = this.#keyOf(named);
    const reused = this.#usedKeys.has(key);
    const hash = `hash-${(this.#serial += 1)}`;
    const expected = reused ? "idempotency_key_reused" : model.call(call, model.now, hold);
    const reply = await this.#send(named, model.now, key, hash);
    expect(refusalOf(reply)).toBe(expected);
    if (reply.ok && call.do !== "undo") this.#usedKeys.add(key);
    for (let time = 0; time < again.times; time += 1) {
      if (again.asleep) await this.sleep(time % 2 === 0);
      const repeated = await this.#send(named, model.now, key, hash);
      expect(repeated.events).toEqual([]);
      expect({ ...repeated, events: [] }).toEqual({ ...reply, events: [] });
    }
    // A refused order may come again with another basket; all else is bound to its body.
    const bound = call.do !== "undo" && (reply.ok || call.do !== "order");
    if (again.reuse && bound)
      expect(refusalOf(await this.#send(named, model.now, key, "other"))).toBe("idempotency_key_reused");
  }

  async sleep(gently: boolean): Promise<void> {
    if (gently) await evictDurableObject(this.#member.ledger());
    else await abortAllDurableObjects();
    this.#confirmed = new Set();
    this.#alarmLost = false;
  }

  async ring(): Promise<void> {
    if (!(await runDurableObjectAlarm(this.#member.ledger()))) return;
    this.#alarmLost = false;
    await this.#readKept();
  }

  // What the object wrote down of its confirmations is what it knows after a sleep.
  async #readKept(): Promise<void> {
    const kept = await runInDurableObject(this.#member.ledger(), (_, { storage: { sql } }) =>
      sql.exec<{ value: string }>("SELECT value FROM fact WHERE name = 'confirmed'").toArray(),
    );
    this.#confirmedKept = Number(kept[0]?.value ?? 0);
  }

  async loseAlarm(): Promise<void> {
    await runInDurableObject(this.#member.ledger(), (_, { storage }) => storage.deleteAlarm());
    this.#alarmLost = true;
  }

  async confirm(share: number): Promise<void> {
    const last = this.#keeper.folded.sequence;
    const some = Array.from({ length: last }, (_, n) => n + 1).filter((sequence) => (sequence * 7919 + share) % 3 > 0);
    for (const sequence of some.toReversed()) this.#confirmed.add(sequence);
    expect(await this.#member.ledger().confirm(this.#member.memberId, 1, [...some, last + 5])).toBe(this.#mark());
    expect(await this.#member.ledger().confirm(this.#member.memberId, 2, [last]), "another epoch").toBe(this.#mark());
    await this.#readKept();
  }

  /** The object's rows, its memory and its alarm against the model. */
  async compare(model: NaiveLedger): Promise<void> {
    const at = { ...this.#member.at, now: model.now };
    const { balances, events, audit, alarm } = await runInDurableObject(
      this.#member.ledger(),
      async (object, { storage }) => ({
        balances: valueOf(await object.balances(at)).balances,
        events: eventsIn(storage, this.#keeper.folded.sequence),
        audit: await object.audit(at),
        alarm: await storage.getAlarm(),
      }),
    );
    for (const event of events) {
      this.#keeper.observe(event);
      const placed =
        "placedHolds" in event.body
          ? event.body.placedHolds
          : event.body.kind === "hold.placed"
            ? [event.body.hold]
            : [];
      this.#holdIds.push(...placed.map(({ id }) => id));
    }
    expect(audit).toMatchObject({
      foldEqual: true,
      sequence: this.#keeper.folded.sequence,
      confirmedSequence: this.#mark(),
    });
    expect(audit.entrySums.toSorted(byCurrency)).toEqual(
      audit.balances.filter((one) => hasMoved(one, audit.entrySums)).toSorted(byCurrency),
    );
    const due = Math.min(nextDueAt(this.#keeper.folded), this.#mark() < audit.sequence ? clock + 600_000 : Infinity);
    if (!this.#alarmLost && due < Infinity)
      expect(alarm ?? Infinity, "armed in time").toBeLessThanOrEqual(Math.max(due, clock + 50) + 1_000);
    const settled = this.#settledAt(model.now);
    this.#keeper.compare(this.#keeper.folded, model, settled);
    for (const { currency, available, pending, held } of balances) {
      const {
        available: a,
        pending: p,
        held: h,
      } = settled.currencies.get(currency) ?? { available: 0, pending: 0, held: 0 };
      expect({ currency, available, pending, held }).toEqual({ currency, available: a, pending: p, held: h });
    }
  }

  #settledAt(now: number) {
    const state = readSnapshot(writeSnapshot(this.#keeper.folded));
    for (
      let body = settleNext(state, now, NO_TIME_SCENE);
      body !== null;
      body = settleNext(state, now, NO_TIME_SCENE)
    ) {
      applyEvent(state, { sequence: state.sequence + 1, at: now, testTime: false, body });
    }
    return state;
  }

  #mark(): number {
    let mark = this.#confirmedKept;
    while (this.#confirmed.has(mark + 1)) mark += 1;
    return mark;
  }

  #named(call: LedgerCall, hold: number): LedgerCall {
    if ("holdId" in call) return { ...call, holdId: this.#holdIds[hold] ?? "hld_0_0" };
    if (call.do === "order") return { ...call, order: { ...call.order, orderId: this.#prefix + call.order.orderId } };
    if (call.do === "refund")
      return { ...call, refund: { ...call.refund, orderId: this.#prefix + call.refund.orderId } };
    return call.do === "undo" ? { ...call, orderId: this.#prefix + call.orderId } : call;
  }

  #keyOf(call: LedgerCall): string {
    if (call.do === "order") return orderKey(call.order.orderId, call.order.state);
    return call.do === "refund" ? refundKey(call.refund.orderId, call.refund.refundId) : `k/${this.#serial}`;
  }

  #send(call: LedgerCall, now: number, key: string, hash: string) {
    const ledger = this.#member.ledger();
    const at = { ...this.#member.at, now, programVersion: call.version };
    const write = writing(at, key, hash);
    switch (call.do) {
      case "order":
        return ledger.putOrder(write, call.order);
      case "refund":
        return ledger.refundOrder(write, call.refund);
      case "undo":
        return ledger.undoOrder(at, call.orderId);
      case "adjust":
        return ledger.adjust(write, call.wish);
      case "hold":
        return ledger.placeHold(write, call.wish);
      case "capture":
        return ledger.captureHold(write, call.holdId, call.points);
      case "void":
        return ledger.voidHold(write, call.holdId);
    }
  }
}

type Command = fc.AsyncCommand<NaiveLedger, Real>;

function command(name: string, run: (model: NaiveLedger, real: Real) => Promise<void>): Command {
  return {
    check: () => true,
    run: async (model, real) => {
      commands += 1;
      await run(model, real);
      await real.compare(model);
    },
    toString: () => name,
  };
}

const again = fc.record({ times: fc.constantFrom(0, 0, 0, 1, 2), asleep: fc.boolean(), reuse: fc.boolean() });

const call = fc.tuple(wishes, again).map(([{ version, wish }, repeats]): Command => {
  if (typeof wish === "function") {
    return command(`${String(wish)} under ${version}`, (model, real) =>
      real.call(model, wish(model, version, commands), repeats),
    );
  }
  return command(`${wish.ms} ms pass`, async (model) => {
    model.passTime(model.now + wish.ms);
    clock = model.now;
  });
});

const sleep = fc.boolean().map((gently) => command(gently ? "sleep" : "crash", (_, real) => real.sleep(gently)));
const ring = fc.constant(command("ring", (_, real) => real.ring()));
const loseAlarm = fc.constant(command("lose the alarm", (_, real) => real.loseAlarm()));
const confirm = fc.nat(2).map((share) => command(`confirm ${share}`, (_, real) => real.confirm(share)));

test(
  `the object keeps the eight promises through ${COMMANDS_MIN} commands, asleep, crashed, or without its alarm`,
  async () => {
    vi.spyOn(Date, "now").mockImplementation(() => clock);
    const history = fc.commands([call, call, call, call, call, call, sleep, ring, loseAlarm, confirm], {
      maxCommands: 80,
      size: "max",
    });
    const property = fc.asyncProperty(history, (steps) =>
      fc.asyncModelRun(async () => ({ model: new NaiveLedger(START), real: await Real.open() }), steps),
    );
    while (commands < COMMANDS_MIN) await fc.assert(property, { numRuns: 10, endOnFailure: commands > COMMANDS_MIN });
    console.log(`object model: ${commands} commands in ${histories} histories`);
    expect(commands).toBeGreaterThanOrEqual(COMMANDS_MIN);
  },
  TIMEOUT_MS,
);

const byCurrency = (one: { currency: string }, other: { currency: string }) => (one.currency < other.currency ? -1 : 1);

const hasMoved = ({ currency }: { currency: string }, sums: readonly { currency: string }[]) =>
  sums.some((sum) => sum.currency === currency);
