// The SQL of open duties and intents: what other objects must still hear, and what would be undone if nobody came back.
import { KEEP_INTENT, type Duty } from "@regulars/contracts/events-effects";

/** A duty, or an intent, as it is stored until it is answered. */
export interface OpenDuty {
  readonly place: number;
  readonly id: string;
  readonly kind: string;
  readonly lane: string | null;
  readonly ask: unknown;
  /** The time of the event that demanded it, and whether the caller had set it. */
  readonly at: number;
  readonly testTime: boolean;
  readonly attempts: number;
  readonly nextAt: number;
}

/** What an intent becomes when nobody settled it in time. */
export interface Intent {
  readonly id: string;
  readonly becomes: Pick<Duty, "kind" | "ask" | "lane">;
}

/** The intent was given up before its order was decided: the order must be prepared anew. */
export class IntentLost extends Error {}

export const INTENT = "intent";

type Row = {
  place: number;
  id: string;
  kind: string;
  lane: string | null;
  ask: string;
  at: number;
  test_time: number;
  attempts: number;
  next_at: number;
};

/** A duty is told right after its commit; should the process die first, the alarm tells it after this. */
const FIRST_LOOK_MS = 5_000;

export class DutyRows {
  readonly #sql: SqlStorage;
  #nextAt: number | null | undefined;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
  }

  /** Takes in the duties of an event, within the event's own transaction. Throws IntentLost. */
  accept(duties: readonly Duty[], { at, testTime }: { at: number; testTime: boolean }): void {
    for (const { id, kind, ask, lane = null, settles } of duties) {
      if (kind === KEEP_INTENT) {
        const { milliseconds } = ask as { milliseconds: number };
        if (!this.#keep(settles?.intent ?? id, Date.now() + milliseconds)) throw new IntentLost(id);
        continue;
      }
      if (settles !== undefined && !this.#settle(settles.intent) && settles.must) throw new IntentLost(settles.intent);
      this.#insert({ id, kind, lane, ask, at, testTime }, Date.now() + FIRST_LOOK_MS);
    }
  }

  /** Writes down what must be undone unless an order settles it within so many milliseconds. */
  intend({ id, becomes }: Intent, { at, testTime }: { at: number; testTime: boolean }, milliseconds: number): void {
    this.#insert({ id, kind: INTENT, lane: null, ask: becomes, at, testTime }, Date.now() + milliseconds);
  }

  /** Intents that are still open. */
  intents(): readonly OpenDuty[] {
    return this.open().filter(({ kind }) => kind === INTENT);
  }

  /** Everything open, oldest first. */
  open(): readonly OpenDuty[] {
    if (this.nextAt() === null) return [];
    return this.#sql
      .exec<Row>("SELECT place, id, kind, lane, ask, at, test_time, attempts, next_at FROM duty ORDER BY place")
      .toArray()
      .map(({ ask, test_time: testTime, next_at: nextAt, ...row }) => ({
        ...row,
        ask: JSON.parse(ask) as unknown,
        testTime: testTime === 1,
        nextAt,
      }));
  }

  /** When the next of them is to be looked at (Unix ms), or null when none is open. */
  nextAt(): number | null {
    if (this.#nextAt === undefined) {
      this.#nextAt = this.#sql.exec<{ next: number | null }>("SELECT min(next_at) AS next FROM duty").one().next;
    }
    return this.#nextAt;
  }

  /** The next place: no two intents of one object ever have the same. */
  nextPlace(): number {
    type Last = { seq: number };
    const [last] = this.#sql.exec<Last>("SELECT seq FROM sqlite_sequence WHERE name = 'duty'").toArray();
    return (last?.seq ?? 0) + 1;
  }

  /** Turns an intent that nobody settled into the duty that undoes it; false when it was settled meanwhile. */
  giveUp({ place, ask }: OpenDuty): boolean {
    const { kind, ask: undo, lane = null } = ask as Intent["becomes"];
    const changed = this.#sql.exec(
      "UPDATE duty SET kind = ?, ask = ?, lane = ?, next_at = ? WHERE place = ? AND kind = ?",
      kind,
      JSON.stringify(undo),
      lane,
      Date.now(),
      place,
      INTENT,
    );
    return this.#changed(changed);
  }

  /** Forgets an intent under which nothing was done. */
  drop(intent: string): void {
    this.#settle(intent);
  }

  delete(place: number): void {
    this.#changed(this.#sql.exec("DELETE FROM duty WHERE place = ?", place));
  }

  postpone(place: number, attempts: number, nextAt: number): void {
    this.#changed(this.#sql.exec("UPDATE duty SET attempts = ?, next_at = ? WHERE place = ?", attempts, nextAt, place));
  }

  #settle(intent: string): boolean {
    return this.#changed(this.#sql.exec("DELETE FROM duty WHERE id = ? AND kind = ?", intent, INTENT));
  }

  #keep(intent: string, until: number): boolean {
    return this.#changed(
      this.#sql.exec("UPDATE duty SET next_at = ? WHERE id = ? AND kind = ?", until, intent, INTENT),
    );
  }

  #insert(duty: Omit<OpenDuty, "place" | "attempts" | "nextAt">, nextAt: number): void {
    const { id, kind, lane, ask, at, testTime } = duty;
    this.#sql.exec(
      "INSERT INTO duty (id, kind, lane, ask, at, test_time, next_at) VALUES (?, ?, ?, ?, ?, ?, ?)",
      id,
      kind,
      lane,
      JSON.stringify(ask),
      at,
      testTime ? 1 : 0,
      nextAt,
    );
    this.#nextAt = undefined;
  }

  #changed(cursor: SqlStorageCursor<Record<string, SqlStorageValue>>): boolean {
    this.#nextAt = undefined;
    return cursor.rowsWritten > 0;
  }
}
