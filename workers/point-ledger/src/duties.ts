// Tells other objects what an object's events demand of them: after the commit, and again with back-off until answered.
import type { ActAsk, ActName } from "@regulars/contracts/acts";
import type { Book } from "./book.ts";
import { INTENT, type OpenDuty } from "./duty-rows.ts";
import type { Owner, Person } from "./store.ts";

/** What comes of a duty: nothing more, or an act on the own object that is committed together with its end. */
export type DutyAnswer = "done" | FollowUp;

export type FollowUp = { [Name in ActName]: { readonly act: Name; readonly ask: ActAsk<Name> } }[ActName];

/** One duty as its handler sees it. `key` names it among all duties of all members: the receiver keeps its answer under it. */
export interface Told extends OpenDuty {
  readonly key: string;
  /** Unix ms for the receiver: the clock, or the caller's own time in a sandbox. */
  readonly now: number;
  readonly person: Person | null;
}

/** Tells one duty. Idempotent by `told.key`. Throws when it was not answered, and is then called again. */
export type DutyHandler = (env: Env, owner: Owner, ask: unknown, told: Told) => Promise<DutyAnswer>;

/** A handler of asks of one shape, which only this program's own decisions write. */
export const telling =
  <Ask>(tell: (env: Env, owner: Owner, ask: Ask, told: Told) => Promise<DutyAnswer>): DutyHandler =>
  (env, owner, ask, told) =>
    tell(env, owner, ask as Ask, told);

interface Means {
  readonly env: () => Env;
  readonly book: () => Book;
  readonly handlers: Readonly<Record<string, DutyHandler>>;
  /** Runs work in the next transaction. */
  readonly submit: <Value>(work: () => Value) => Promise<Value>;
  /** Runs an act on the own object and `ended` in one transaction. */
  readonly follow: (told: Told, answer: FollowUp, ended: () => void) => Promise<void>;
}

const BACKOFF_MS = 1_000;
const BACKOFF_MAX_MS = 600_000;
/** A duty that failed so often will not pass by itself: somebody must look. */
const STUCK_ATTEMPTS = 10;
/** Lanes told at once: the platform lets an object have about six calls open. */
const LANES_AT_ONCE_MAX = 6;

export class Duties {
  readonly #means: Means;
  #running: Promise<void> | null = null;

  constructor(means: Means) {
    this.#means = means;
  }

  /** Tells everything that is due. One run at a time: what comes meanwhile is told by the same run. */
  run(): Promise<void> {
    this.#running ??= this.#runAll();
    return this.#running;
  }

  async #runAll(): Promise<void> {
    // Yields first, so that `#running` is set before the run can end.
    await Promise.resolve();
    try {
      for (let heads = this.#dueHeads(); heads.length > 0; heads = this.#dueHeads()) {
        await Promise.all(heads.map((duty) => this.#perform(duty)));
      }
    } finally {
      this.#running = null;
    }
  }

  // The oldest of each lane, where it is due: what came after it waits for it.
  #dueHeads(): OpenDuty[] {
    const book = this.#means.book();
    if (!book.exists) return [];
    const now = Date.now();
    const heads = new Map<string, OpenDuty>();
    for (const duty of book.duties.open()) {
      const lane = duty.lane ?? `#${duty.place}`;
      if (!heads.has(lane)) heads.set(lane, duty);
    }
    const isDue = ({ kind, attempts, nextAt }: OpenDuty) => nextAt <= now || (attempts === 0 && kind !== INTENT);
    return [...heads.values()].filter(isDue).slice(0, LANES_AT_ONCE_MAX);
  }

  async #perform(duty: OpenDuty): Promise<void> {
    const { submit, book } = this.#means;
    if (duty.kind === INTENT) {
      await submit(() => book().duties.giveUp(duty));
      return;
    }
    const ended = () => book().duties.delete(duty.place);
    try {
      const told = this.#toldOf(duty);
      const answer = await this.#tell(told);
      if (answer === "done") await submit(ended);
      else await this.#means.follow(told, answer, ended);
    } catch (error) {
      const attempts = duty.attempts + 1;
      const nextAt = Date.now() + Math.min(BACKOFF_MS * 2 ** Math.min(attempts, 20), BACKOFF_MAX_MS);
      const { id, kind } = duty;
      const alert = attempts >= STUCK_ATTEMPTS ? { alert: "duty_stuck" } : {};
      console.warn(JSON.stringify({ message: "a duty failed", ...alert, id, kind, attempts, error: String(error) }));
      await submit(() => book().duties.postpone(duty.place, attempts, nextAt));
    }
  }

  #tell(told: Told): Promise<DutyAnswer> {
    const handler = this.#means.handlers[told.kind];
    const owner = this.#means.book().store.owner();
    if (handler === undefined || owner === null) throw new Error(`nobody handles duties of kind ${told.kind}`);
    return handler(this.#means.env(), owner, told.ask, told);
  }

  #toldOf(duty: OpenDuty): Told {
    const { store, person } = this.#means.book();
    const { tenantId, memberId, epoch } = store.owner() ?? { tenantId: "", memberId: "", epoch: 0 };
    const key = `d/${tenantId}/${memberId}/${epoch}/${duty.id}`;
    return { ...duty, key, now: duty.testTime ? duty.at : Date.now(), person };
  }
}
