// The named alarms of a member's object on its single one: when to publish again, to tell duties again, and when time changes the points.
import type { Book } from "./book.ts";

/**
 * Long enough for relay, queue batch and PostgreSQL (seconds) and for the orders of a busy member to share one look;
 * short enough that the object is still awake (70 s and more in production, 10 s idle locally).
 */
const PUBLISH_CHECK_MS = 30_000;
/** While PostgreSQL is away the queue holds the events for days: asking more often helps nobody. */
const PUBLISH_BACKOFF_MAX_MS = 600_000;
/** Never now: an alarm set to the present inside alarm() is lost (workerd #6866). */
const SOONEST_MS = 50;
/** An alarm this close to the wanted time is left alone: moving it costs a write. */
const TOLERANCE_MS = 1_000;
/** An alarm that has not rung so long after its time is lost. */
const OVERDUE_MS = 10_000;

/** When to look again whether all events are confirmed, after so many fruitless looks. */
export function publishCheckAt(now: number, attempts: number): number {
  return now + Math.min(PUBLISH_CHECK_MS * 2 ** Math.min(attempts, 10), PUBLISH_BACKOFF_MAX_MS);
}

/** When the object's one alarm must ring (Unix ms), or null. Members under a caller's time are not moved by the clock. */
export function nextAlarmAt(
  book: Pick<Book, "state" | "dueAt">,
  { publishAt, dutiesAt }: { publishAt: number | null; dutiesAt: number | null },
  now: number,
): number | null {
  const dueAt = book.state.testTime ? Infinity : book.dueAt(now);
  const next = Math.min(publishAt ?? Infinity, dutiesAt ?? Infinity, dueAt);
  return next === Infinity ? null : Math.max(next, now + SOONEST_MS);
}

/** Whether the alarm must be set: it is not, it should ring sooner by more than a hair, or it never rang. */
export function mustMove(armedAt: number | null, wanted: number | null, now: number): boolean {
  if (wanted === null) return false;
  return armedAt === null || armedAt < now - OVERDUE_MS || wanted < armedAt - TOLERANCE_MS;
}
