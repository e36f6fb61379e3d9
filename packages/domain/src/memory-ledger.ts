// A member's ledger in memory, for tests: decides and applies as the member's object does, without storage and keys.
import type { MemberEvent } from "@regulars/contracts/events";
import type { HoldRecord, OrderRecord } from "@regulars/contracts/events-orders";
import { program as programSchema, type ProgramInput } from "@regulars/contracts/program";
import type { OrderCommand, RefundCommand } from "@regulars/contracts/rpc";
import type { RefusalCode } from "@regulars/contracts/refusals";
import { decideAdjustment, type AdjustmentWish } from "./adjustments.ts";
import { memberFacts } from "./facts.ts";
import { decideCapture, decideHold, decideVoid } from "./holds.ts";
import { NOTHING_PREPARED, type BirthdayNote, type Prepared, type TimeScene } from "./moment.ts";
import { decideOrder, decideUndo } from "./orders.ts";
import { compileProgram, type CompiledProgram } from "./program.ts";
import { decideRefund } from "./refunds.ts";
import { refuse, type Decision } from "./refuse.ts";
import { settleNext } from "./settle.ts";
import { readSnapshot, writeSnapshot } from "./snapshot.ts";
import { applyEvent, emptyState, type MemberState } from "./state.ts";

export interface HoldWish {
  readonly currency: string;
  readonly points: number;
  readonly ttlSeconds: number;
}

/** One request to a ledger. `version` is the program in force for it. */
export type LedgerCall =
  | { readonly do: "order"; readonly version: number; readonly order: OrderCommand }
  | { readonly do: "refund"; readonly version: number; readonly refund: RefundCommand }
  | { readonly do: "undo"; readonly version: number; readonly orderId: string }
  | { readonly do: "adjust"; readonly version: number; readonly wish: AdjustmentWish }
  | { readonly do: "hold"; readonly version: number; readonly wish: HoldWish }
  | { readonly do: "capture"; readonly version: number; readonly holdId: string; readonly points: number | null }
  | { readonly do: "void"; readonly version: number; readonly holdId: string };

/** What a call came to: the event it wrote, or the code of its refusal. */
export type LedgerOutcome = { readonly event: MemberEvent } | { readonly refused: RefusalCode };

export const TIME_ZONE = "Asia/Taipei";

export class MemoryLedger {
  state: MemberState = emptyState();
  readonly events: MemberEvent[] = [];
  readonly orders = new Map<string, OrderRecord>();
  /** The member's birthday, which no event carries. */
  birthday: string | null = null;
  birthdayNote: BirthdayNote | null = null;
  /** What other objects grant the orders that follow. */
  prepared: Prepared = NOTHING_PREPARED;
  readonly #holds = new Map<string, HoldRecord>();
  readonly #programs: ReadonlyMap<number, CompiledProgram>;

  constructor(programs: readonly ProgramInput[], now: number) {
    this.#programs = new Map(programs.map((input, index) => [index + 1, makeProgram(input, index + 1)]));
    this.#append({ kind: "member.enrolled", homeStoreId: "s1", source: null }, now);
  }

  /** Settles what is due at `now`, decides, and applies. */
  call(call: LedgerCall, now: number): LedgerOutcome {
    const at = this.passTime(now);
    const decision = this.#decide(call, at);
    return decision.ok ? { event: this.#append(decision.body, at) } : { refused: decision.refusal.code };
  }

  /** Any other decision, such as those of the acts of a member's object. */
  decide(decide: (state: MemberState, program: CompiledProgram, now: number) => Decision, now: number): LedgerOutcome {
    const at = this.passTime(now);
    const decision = decide(this.state, this.program(this.#programs.size), at);
    return decision.ok ? { event: this.#append(decision.body, at) } : { refused: decision.refusal.code };
  }

  /** Lets time do its work; returns the member's own time, which never runs backwards. */
  passTime(now: number): number {
    const at = Math.max(now, this.state.at);
    for (
      let body = settleNext(this.state, at, this.#time());
      body !== null;
      body = settleNext(this.state, at, this.#time())
    )
      this.#append(body, at);
    return at;
  }

  /** Goes on from the text of a snapshot, as an object does that wakes up. */
  sleep(): void {
    this.state = readSnapshot(writeSnapshot(this.state));
  }

  program(version: number): CompiledProgram {
    const program = this.#programs.get(version);
    if (program === undefined) throw new Error(`no program ${version}`);
    return program;
  }

  #decide(call: LedgerCall, now: number): Decision {
    const program = this.program(call.version);
    switch (call.do) {
      case "order": {
        const known = this.orders.get(call.order.orderId) ?? null;
        const deciding = known === null ? program : this.program(known.programVersion);
        return decideOrder(this.state, deciding, known, call.order, this.moment(now, call.order.placedAt));
      }
      case "refund":
      case "undo": {
        const known = this.orders.get(call.do === "undo" ? call.orderId : call.refund.orderId);
        if (known === undefined) return refuse("order_not_found");
        const deciding = this.program(known.programVersion);
        const moment = this.moment(now, known.placedAt);
        return call.do === "undo"
          ? decideUndo(this.state, deciding, known, moment)
          : decideRefund(this.state, deciding, known, call.refund, moment);
      }
      case "adjust":
        return decideAdjustment(this.state, program, call.wish, { now, timeZone: TIME_ZONE });
      case "hold":
        return decideHold(this.state, program, call.wish, now);
      case "capture":
        return this.#withHold(call.holdId, (hold) => decideCapture(this.state, program, hold, call.points, now));
      case "void":
        return this.#withHold(call.holdId, (hold) => decideVoid(this.state, program, hold, now));
    }
  }

  // Time goes by the newest program: tests publish all versions at once.
  #time(): TimeScene {
    const { birthday, birthdayNote } = this;
    return { program: this.program(this.#programs.size), timeZone: TIME_ZONE, birthday, birthdayNote };
  }

  #withHold(holdId: string, decide: (hold: HoldRecord) => Decision): Decision {
    const open = this.state.holds.get(holdId);
    if (open !== undefined) return open.orderId === null ? decide(open) : refuse("hold_belongs_to_order");
    const resolved = {
      captured: "hold_already_captured",
      voided: "hold_already_voided",
      lapsed: "hold_lapsed",
    } as const;
    const state = this.#holds.get(holdId)?.state ?? "held";
    return refuse(state === "held" ? "hold_not_found" : resolved[state]);
  }

  #append(body: MemberEvent["body"], at: number): MemberEvent {
    const sequence = this.state.sequence + 1;
    const event = { tenantId: "ten_t", memberId: "mbr_t", epoch: 1, sequence, at, testTime: false, key: null, body };
    applyEvent(this.state, event);
    this.events.push(event);
    if ("order" in body) this.orders.set(body.order.orderId, body.order);
    if ("hold" in body) this.#holds.set(body.hold.id, body.hold);
    return event;
  }

  /** What a decision at `now` about something of `placedAt` knows of the member. */
  moment(now: number, placedAt: number) {
    const { prepared, birthday } = this;
    const facts = memberFacts(
      this.state,
      birthday ?? undefined,
      placedAt,
      TIME_ZONE,
      this.program(this.#programs.size),
    );
    return { now, timeZone: TIME_ZONE, facts, prepared, expiredOf: (lot: string) => this.#expiredOf(lot) };
  }

  #expiredOf(lot: string): number {
    return this.events
      .flatMap(({ body }) => ("transactions" in body ? body.transactions : []))
      .flatMap(({ entries }) => entries)
      .filter((entry) => entry.account === "expired" && entry.lot === lot)
      .reduce((sum, { points }) => sum + points, 0);
  }
}

/** A compiled program with the contract's defaults. */
export function makeProgram(input: ProgramInput, version = 1): CompiledProgram {
  return compileProgram(version, programSchema.parse(input));
}

/** A paid order of two teas at 187.50, placed at `placedAt`, unless told otherwise. */
export function makeOrder(placedAt: number, more: Partial<OrderCommand> = {}): OrderCommand {
  return {
    orderId: "A",
    state: "paid",
    storeId: "s1",
    regionId: "r1",
    ownerId: "o1",
    currency: "TWD",
    channel: null,
    placedAt,
    redeem: null,
    lines: [makeLine()],
    ...more,
  };
}

/** A line of two teas at 187.50. */
export function makeLine(more: Partial<OrderCommand["lines"][number]> = {}): OrderCommand["lines"][number] {
  return { lineId: "1", sku: "tea", category: null, quantity: 2, unitPrice: 18_750, discount: 0, ...more };
}
