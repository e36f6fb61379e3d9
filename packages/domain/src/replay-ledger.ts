// One member's past under a candidate: the real history up to a moment, and from there on both what happened and what the
// candidate would have made of the same baskets.
import type { EventBody, MemberEvent } from "@regulars/contracts/events";
import type { ActivityRecord } from "@regulars/contracts/events-more";
import type { HoldRecord, MemberFacts, OrderRecord } from "@regulars/contracts/events-orders";
import { decideActivity, decideReversal } from "./activities.ts";
import { decideAdjustment } from "./adjustments.ts";
import { memberFacts } from "./facts.ts";
import { decideDelivery } from "./life-acts.ts";
import { decideCapture, decideHold, decideVoid } from "./holds.ts";
import { NOTHING_PREPARED, type OrderMoment } from "./moment.ts";
import { decideOrder, decideUndo } from "./orders.ts";
import type { CompiledProgram } from "./program.ts";
import { decideRefund } from "./refunds.ts";
import type { Decision } from "./refuse.ts";
import { commandOf, cancellationOf } from "./replay-baskets.ts";
import { budgetsLeft, drawBudgets } from "./replay-budgets.ts";
import { ReplayComparison } from "./replay-comparison.ts";
import { addExpired, emptyTally, tallyEvent, tallyOutstanding, type Tally } from "./replay-figures.ts";
import { giveAgain, imposeEffects, rememberImposed, takeAgain, type Imposed } from "./replay-movements.ts";
import { settleNext } from "./settle.ts";
import { readSnapshot, writeSnapshot } from "./snapshot.ts";
import { applyEvent, emptyState, type MemberState } from "./state.ts";

/** The version that stands for the candidate: published ones begin at 1. */
export const CANDIDATE_VERSION = 0;

export interface ReplayScene {
  readonly candidate: CompiledProgram;
  /** In force at `to`: what was due by then and nobody had looked at goes by it. */
  readonly present: CompiledProgram | null;
  /** Published versions, which decide what was placed before `from`. */
  readonly programOf: (version: number) => CompiledProgram;
  /** Unix ms: orders placed from `from` on, in events before `to`, are decided by the candidate. */
  readonly from: number;
  readonly to: number;
  readonly timeZone: string;
  /** Points that the candidate's budgets have given so far, by their names: every order adds its part. */
  readonly budgets: Record<string, number>;
}

export interface MemberReplay {
  /** Whether anything happened in the window at all. */
  readonly active: boolean;
  readonly now: Tally;
  readonly candidate: Tally;
  readonly tierNow: string | null;
  readonly tierCandidate: string | null;
  readonly noticed: Readonly<ReplayComparison>;
}

export class ReplayLedger {
  readonly #scene: ReplayScene;
  readonly #real: MemberState = emptyState();
  #candidate: MemberState | null = null;
  readonly #orders = new Map<string, OrderRecord>();
  readonly #activities = new Map<string, ActivityRecord>();
  readonly #holds = new Map<string, HoldRecord>();
  readonly #expired = new Map<string, number>();
  readonly #imposed: Imposed = { spends: new Map(), given: new Map() };
  readonly #now = emptyTally();
  readonly #then = emptyTally();
  readonly #noticed = new ReplayComparison();

  constructor(scene: ReplayScene) {
    this.#scene = scene;
  }

  /** Takes the member's next event; those from `to` on change nothing. */
  add(event: Pick<MemberEvent, "sequence" | "at" | "testTime" | "body">): void {
    const { from, to } = this.#scene;
    if (event.at >= to) return;
    if (event.at >= from) this.#candidate ??= readSnapshot(writeSnapshot(this.#real));
    applyEvent(this.#real, event);
    if (this.#candidate === null) {
      this.#remember(event.body);
      rememberImposed(this.#imposed, event.body);
      addExpired(this.#expired, event);
      return;
    }
    tallyEvent(this.#now, event);
    this.#follow(this.#candidate, event);
  }

  /** What it came to at `to`. */
  close(): MemberReplay {
    const { to } = this.#scene;
    const real = this.#real;
    this.#settleReal(Math.max(to, real.at));
    if (this.#candidate !== null) this.#passTime(this.#candidate, Math.max(to, this.#candidate.at));
    const candidate = this.#candidate ?? real;
    tallyOutstanding(this.#now, real);
    tallyOutstanding(this.#then, candidate);
    return {
      active: this.#candidate !== null,
      now: this.#now,
      candidate: this.#then,
      tierNow: real.tier?.tier ?? null,
      tierCandidate: candidate.tier?.tier ?? null,
      noticed: this.#noticed,
    };
  }

  #follow(state: MemberState, event: Pick<MemberEvent, "at" | "body">): void {
    const now = this.#passTime(state, Math.max(event.at, state.at));
    const { body } = event;
    if (body.kind === "order.authorized" || body.kind === "order.paid") return this.#place(state, body.order, now);
    const decision = this.#decide(state, body, now);
    if (decision === null) return;
    if (decision.ok) {
      this.#append(state, decision.body, now);
      const placed = decision.body;
      if (body.kind === "hold.placed" && placed.kind === "hold.placed") this.#holds.set(body.hold.id, placed.hold);
    } else this.#noticed.refuse(decision.refusal.code);
  }

  // What was authorized before `from` stays with the version that it was authorized under, as its own order would.
  #place(state: MemberState, real: OrderRecord, now: number): void {
    const known = this.#orders.get(real.orderId) ?? null;
    const isCandidates =
      real.placedAt >= this.#scene.from && (known === null || known.programVersion === CANDIDATE_VERSION);
    const program = isCandidates ? this.#scene.candidate : this.#programFor(real.programVersion);
    const command = commandOf(state, program, real, { known, keepsVouchers: known !== null && !isCandidates });
    const decided = decideOrder(state, program, known, command, this.#moment(state, real, now, program));
    if (real.state === "paid") this.#noticed.orders += 1;
    if (!decided.ok) return this.#noticed.refuse(decided.refusal.code);
    this.#append(state, decided.body, now);
    const candidate = this.#orders.get(real.orderId);
    if (candidate === undefined || real.state !== "paid") return;
    if (isCandidates) drawBudgets(this.#scene, candidate.earned, candidate.placedAt);
    this.#noticed.compare(real, candidate);
  }

  #decide(state: MemberState, body: EventBody, now: number): Decision | null {
    const { candidate, timeZone } = this.#scene;
    switch (body.kind) {
      case "member.enrolled":
      case "member.changed":
      case "member.erased":
        return { ok: true, body };
      case "order.refunded":
      case "order.cancelled":
      case "order.undone":
        return this.#giveBack(state, body, now);
      case "activity.recorded":
        return this.#record(state, body.record, now);
      case "activity.reversed": {
        const known = this.#activities.get(nameOf(body.record));
        if (known === undefined || known.reversedAt !== null) return null;
        const program = this.#programFor(known.programVersion);
        const moment = this.#moment(state, { facts: known.facts, placedAt: known.at }, now, program);
        return decideReversal(state, program, known, moment);
      }
      case "points.available": {
        const delivered = this.#orders.get(body.delivered ?? "");
        return delivered === undefined ? null : decideDelivery(state, delivered, now);
      }
      case "points.adjusted":
        return decideAdjustment(state, candidate, body.adjustment, { now, timeZone });
      case "hold.placed": {
        const { currency, points, lapsesAt } = body.hold;
        return decideHold(state, candidate, { currency, points, ttlSeconds: Math.ceil((lapsesAt - now) / 1000) }, now);
      }
      case "hold.captured":
      case "hold.voided": {
        const hold = this.#openHold(state, body.hold);
        if (hold === undefined) return null;
        const points = Math.min(body.hold.capturedPoints, hold.points);
        return body.kind === "hold.voided"
          ? decideVoid(state, candidate, hold, now)
          : decideCapture(state, candidate, hold, points, now);
      }
      default:
        return this.#carryOver(state, body, now);
    }
  }

  #record(state: MemberState, real: ActivityRecord, now: number): Decision {
    const { candidate } = this.#scene;
    const moment = this.#moment(state, { facts: real.facts, placedAt: real.at }, now, candidate);
    const decided = decideActivity(state, candidate, real, moment);
    if (decided.body.kind === "activity.recorded") drawBudgets(this.#scene, decided.body.record.earned, real.at);
    return decided;
  }

  #giveBack(state: MemberState, body: Extract<EventBody, { order: OrderRecord }>, now: number): Decision | null {
    const known = this.#orders.get(body.order.orderId);
    if (known === undefined) return null;
    const program = this.#programFor(known.programVersion);
    const moment = this.#moment(state, known, now, program);
    if (body.kind === "order.undone") return decideUndo(state, program, known, moment);
    if (body.kind === "order.cancelled") return decideOrder(state, program, known, cancellationOf(known), moment);
    if (body.kind !== "order.refunded") return null;
    const { refundId, lines } = body.refund;
    return decideRefund(state, program, known, { orderId: known.orderId, refundId, lines }, moment);
  }

  // What time does, the candidate's own time does; what others did to the member happens again.
  #carryOver(state: MemberState, body: EventBody, now: number): Decision | null {
    const carried =
      giveAgain(state, this.#scene, this.#imposed, body, now) ??
      takeAgain(state, this.#imposed, body, now) ??
      imposeEffects(state, body, now);
    if (carried === "by time") return null;
    if (carried === null) {
      this.#noticed.leaveOut(body.kind);
      return null;
    }
    return { ok: true, body: carried };
  }

  #openHold(state: MemberState, real: HoldRecord): HoldRecord | undefined {
    const mine = this.#holds.get(real.id);
    return mine === undefined ? state.holds.get(real.id) : state.holds.get(mine.id);
  }

  // What was due by the end counts, though nobody had looked at the member since.
  #settleReal(now: number): void {
    const { present: program, timeZone } = this.#scene;
    const next = () => settleNext(this.#real, now, { program, timeZone, birthday: null });
    for (let body = next(); body !== null; body = next()) {
      const event = { sequence: this.#real.sequence + 1, at: now, testTime: false, body };
      applyEvent(this.#real, event);
      if (this.#candidate !== null) tallyEvent(this.#now, event);
    }
  }

  #passTime(state: MemberState, now: number): number {
    const { candidate: program, timeZone } = this.#scene;
    const time = { program, timeZone, birthday: null };
    for (let body = settleNext(state, now, time); body !== null; body = settleNext(state, now, time)) {
      this.#append(state, body, now);
    }
    return now;
  }

  #append(state: MemberState, body: EventBody, at: number): void {
    const event = { sequence: state.sequence + 1, at, testTime: false, body };
    applyEvent(state, event);
    tallyEvent(this.#then, event);
    addExpired(this.#expired, event);
    this.#remember(body);
  }

  #remember(body: EventBody): void {
    if ("order" in body) this.#orders.set(body.order.orderId, body.order);
    if (body.kind === "activity.recorded") this.#activities.set(nameOf(body.record), body.record);
  }

  #programFor(version: number): CompiledProgram {
    return version === CANDIDATE_VERSION ? this.#scene.candidate : this.#scene.programOf(version);
  }

  // Whether it was the member's birthday is known only from what was stored.
  #moment(
    state: MemberState,
    { facts: stored, placedAt }: { readonly facts: MemberFacts; readonly placedAt: number },
    now: number,
    program: CompiledProgram,
  ): OrderMoment {
    const { timeZone } = this.#scene;
    const { birthdayMonth, birthday } = stored;
    const facts = memberFacts(state, undefined, placedAt, timeZone, program);
    return {
      now,
      timeZone,
      facts: { ...facts, birthdayMonth, ...(birthday !== undefined && { birthday }) },
      expiredOf: (lot) => this.#expired.get(lot) ?? 0,
      prepared: { ...NOTHING_PREPARED, grants: budgetsLeft(this.#scene, placedAt) },
    };
  }
}

const nameOf = ({ type, key }: ActivityRecord) => `${type}/${key}`;
