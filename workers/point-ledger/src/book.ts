// A member's open book: the state in memory, folded from rows at wake-up, and the one way to append an event to both.
import type { EventBody, MemberEvent } from "@regulars/contracts/events";
import { readSnapshot, writeSnapshot } from "@regulars/domain/snapshot";
import type { CompiledProgram } from "@regulars/domain/program";
import { policyOf, type LifePolicy } from "@regulars/domain/life-policy";
import type { BirthdayNote, TimeScene } from "@regulars/domain/moment";
import { nextDueAt, settleNext } from "@regulars/domain/settle";
import { applyEvent, emptyState, type MemberState } from "@regulars/domain/state";
import { DutyRows, type Intent } from "./duty-rows.ts";
import { hasTables, migrate } from "./migrate.ts";
import { Store, type KeyedRequest, type Owner, type Person } from "./store.ts";

// Waking up folds at most this many events, or an eighth of the open lots if that is more: a snapshot of many lots is dear.
const EVENTS_BETWEEN_SNAPSHOTS = 64;
const FOLD_PAGE = 500;
/** What is due but cannot be done, because the program cannot be had, is tried again then and not at every tick. */
const STUCK_RETRY_MS = 3_600_000;

export interface AppendContext {
  readonly now: number;
  readonly testTime: boolean;
}

const UNKEYED: KeyedRequest = { key: null, requestHash: null, subject: null };

export class Book {
  readonly store: Store;
  readonly duties: DutyRows;
  readonly #sql: SqlStorage;
  readonly #rearm: () => void;
  state: MemberState = emptyState();
  person: Person | null = null;
  /** The program in force now, and the tenant's zone: what time does goes by them. Set before each call. */
  current: { readonly program: CompiledProgram | null; readonly timeZone: string } = { program: null, timeZone: "UTC" };
  /** False until something was written: a look at an unknown member creates no tables. */
  exists: boolean;
  #snapshotSequence = 0;
  #comparedAt = 0;
  #policy: LifePolicy | null = null;
  #birthdayNote: BirthdayNote | null = null;
  #stuckUntil = 0;

  /** `rearm` is called when an intent was written, which the alarm must look after from then on. */
  constructor(sql: SqlStorage, rearm: () => void = () => {}) {
    this.#sql = sql;
    this.#rearm = rearm;
    this.store = new Store(sql);
    this.duties = new DutyRows(sql);
    this.exists = hasTables(sql);
    if (this.exists) {
      migrate(sql);
      this.#load();
    }
  }

  /** Makes the tables and names the owner; the first write of an object. */
  create(owner: Owner): void {
    migrate(this.#sql);
    if (this.store.owner() === null) this.store.setOwner(owner);
    this.state.epoch = owner.epoch;
    this.exists = true;
  }

  /** Throws when storage knows another last event than memory; looks no more often than every `ageMs`. */
  compareWithStorage(ageMs: number): void {
    const now = Date.now();
    if (ageMs > 0 && now - this.#comparedAt < ageMs) return;
    if (this.store.lastSequence() !== this.state.sequence) throw new Error("memory and storage differ");
    this.#comparedAt = now;
  }

  /** The member's own time: never before what has already happened. */
  timeOf(context: AppendContext): number {
    return Math.max(context.now, this.state.at);
  }

  /** Writes the next event and applies it. `request` carries the caller's key. */
  append(body: EventBody, context: AppendContext, request: KeyedRequest = UNKEYED): MemberEvent {
    const owner = this.store.owner();
    if (owner === null) throw new Error("a book without an owner");
    const at = this.timeOf(context);
    const sequence = this.state.sequence + 1;
    const event = { ...owner, sequence, at, testTime: context.testTime, key: request.key, body };
    this.store.insertEvent(event, request);
    if ("duties" in body && body.duties !== undefined) this.duties.accept(body.duties, event);
    applyEvent(this.state, event);
    if (sequence - this.#snapshotSequence >= Math.max(EVENTS_BETWEEN_SNAPSHOTS, this.state.lots.size / 8)) {
      this.store.writeSnapshot(sequence, writeSnapshot(this.state));
      this.#snapshotSequence = sequence;
    }
    return event;
  }

  /** Writes what time has made due, so that what follows decides on the state of now. */
  settle(context: AppendContext): MemberEvent[] {
    const events: MemberEvent[] = [];
    const now = this.timeOf(context);
    this.#keepPolicy();
    const birthday = this.person?.profile.birthday ?? null;
    const scene: TimeScene = { ...this.current, birthday, birthdayNote: this.#birthdayNote };
    for (let body = settleNext(this.state, now, scene); body !== null; body = settleNext(this.state, now, scene)) {
      const subject = "hold" in body ? body.hold.id : null;
      events.push(this.append(body, context, { ...UNKEYED, subject }));
    }
    if (this.dueAt(now) <= now) this.#stuckUntil = now + STUCK_RETRY_MS;
    return events;
  }

  /** When time next has work to do (Unix ms), or Infinity. */
  dueAt(now: number): number {
    const birthday = this.person?.profile.birthday ?? null;
    const due = nextDueAt(this.state, { policy: this.#policy, birthday, note: this.#birthdayNote, now });
    return due <= now ? Math.max(due, this.#stuckUntil) : due;
  }

  /** Writes down what will be undone unless an event settles it within so many milliseconds. */
  intend(intent: Intent, context: AppendContext, milliseconds: number): void {
    this.duties.intend(intent, { at: this.timeOf(context), testTime: context.testTime }, milliseconds);
    this.#rearm();
  }

  /** `at`: from when on the birthday is this one. */
  setPerson(person: Person | null, at = this.state.at): void {
    const note = noteOf(this.#birthdayNote, this.person, person, at);
    this.store.setPerson(person);
    this.person = person;
    if (note !== this.#birthdayNote && note !== null) this.store.setBirthdayNote(note);
    this.#birthdayNote = note;
    this.#keepPolicy();
  }

  /** The state as the stored events alone give it, from the first on. */
  refold(): MemberState {
    const state = emptyState(this.state.epoch);
    this.#fold(state, this.state.sequence);
    return state;
  }

  // An object that sleeps must know when to wake up for the program's sake: a fact about the program, not about the member.
  #keepPolicy(): void {
    const { program, timeZone } = this.current;
    const policy = policyOf(program, timeZone);
    if (program === null || !this.exists || JSON.stringify(policy) === JSON.stringify(this.#policy)) return;
    this.store.setLifePolicy(policy);
    this.#policy = policy;
  }

  #load(): void {
    const snapshot = this.store.snapshot();
    this.state = snapshot === null ? emptyState(this.store.owner()?.epoch) : readSnapshot(snapshot);
    this.#snapshotSequence = this.state.sequence;
    this.#fold(this.state, Infinity);
    this.person = this.store.person();
    this.#birthdayNote = this.store.birthdayNote();
    this.#policy = this.store.lifePolicy();
  }

  #fold(state: MemberState, upTo: number): void {
    while (state.sequence < upTo) {
      const page = this.store.eventsAfter(state.sequence, FOLD_PAGE);
      if (page.length === 0) return;
      for (const event of page) applyEvent(state, event);
    }
  }
}

/** The first birthday that a member gives is no edit; every other one is, also one that was removed in between. */
function noteOf(
  known: BirthdayNote | null,
  before: Person | null,
  after: Person | null,
  at: number,
): BirthdayNote | null {
  const birthday = after?.profile.birthday;
  if (after === null) return null;
  if (birthday === undefined || birthday === before?.profile.birthday) return known;
  return { setAt: at, edited: known !== null };
}
