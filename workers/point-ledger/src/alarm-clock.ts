// Keeps the object's one alarm armed, and publishes again what nobody has confirmed when it rings for that.
import type { MemberEvent } from "@regulars/contracts/events";
import { mustMove, nextAlarmAt, publishCheckAt } from "./alarms.ts";
import type { Book } from "./book.ts";
import type { CommitQueue } from "./commit-queue.ts";
import { Confirmations } from "./confirmations.ts";
import { publishFrom } from "./publish.ts";

export class AlarmClock {
  readonly #storage: DurableObjectStorage;
  readonly #book: () => Book;
  readonly #confirmations: Confirmations;
  #armedAt: number | null = null;
  #publishAt: number | null = null;
  #publishAttempts = 0;

  constructor(storage: DurableObjectStorage, book: () => Book) {
    this.#storage = storage;
    this.#book = book;
    this.#confirmations = new Confirmations(book().exists ? book().store.confirmedSequence() : 0);
  }

  get confirmedSequence(): number {
    return this.#confirmations.sequence;
  }

  /** What the platform still remembers, when the object wakes up. */
  async wakeUp(): Promise<void> {
    this.#armedAt = await this.#storage.getAlarm();
  }

  /** It rang, or storage was rolled back: nothing is armed until the next touch. */
  forget(): void {
    this.#armedAt = null;
  }

  // Null in an object that has just woken up: nobody may have relayed what it wrote before, nor what it settles now.
  publishingIsDue(now: number): boolean {
    return this.#publishAt === null || this.#publishAt <= now + 1;
  }

  /** Every entry point comes through here, so an alarm that was lost is set again at the next touch. */
  arm(now: number, written: readonly MemberEvent[] = []): void {
    const book = this.#book();
    const { exists, state, duties } = book;
    if (!exists) return;
    const unconfirmed = written.length > 0 || this.#confirmations.sequence < state.sequence;
    if (unconfirmed) this.#publishAt ??= publishCheckAt(now, this.#publishAttempts);
    const wanted = nextAlarmAt(book, { publishAt: this.#publishAt, dutiesAt: duties.nextAt() }, now);
    if (wanted === null || !mustMove(this.#armedAt, wanted, now)) return;
    this.#armedAt = wanted;
    void this.#storage.setAlarm(wanted);
  }

  /** Takes in what PostgreSQL has. Returns the high-water mark. */
  async confirm(sequences: readonly number[], queue: CommitQueue): Promise<number> {
    const { state, store } = this.#book();
    const confirmed = this.#confirmations.confirm(sequences.filter((sequence) => sequence <= state.sequence));
    // Once it had to publish again, the object writes down at once what is confirmed: it may sleep before its next alarm.
    if (this.#publishAttempts > 0 && confirmed > store.confirmedSequence()) {
      await queue.submit(() => store.setConfirmedSequence(confirmed));
    }
    this.#publishAttempts = 0;
    return confirmed;
  }

  /** Publishes what is still unconfirmed; once all is confirmed, writes that down and falls silent. */
  async publishAgain(env: Env, now: number, queue: CommitQueue): Promise<void> {
    const { store, state, exists } = this.#book();
    if (!exists) return;
    const { sequence } = this.#confirmations;
    if (sequence > store.confirmedSequence()) await queue.submit(() => store.setConfirmedSequence(sequence));
    this.#publishAt = sequence < state.sequence ? publishCheckAt(now, (this.#publishAttempts += 1)) : null;
    this.arm(now);
    if (sequence === state.sequence) return;
    try {
      await publishFrom(env, this.#book(), sequence);
    } catch (error) {
      // The next alarm is armed already; a throw would use up the platform's six retries.
      console.warn(JSON.stringify({ message: "publishing again failed", sequence, error: String(error) }));
    }
  }
}
