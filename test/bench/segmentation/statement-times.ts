// Adds up how long the Worker's statements take, each by its text.
import { watchStatements } from "./statement-watch.ts";

export interface StatementTime {
  /** The beginning of its text. */
  readonly text: string;
  readonly count: number;
  readonly totalMs: number;
  readonly longestMs: number;
}

export interface StatementTimes {
  /** What was seen until now, the most time first. */
  stop(): StatementTime[];
}

const TEXT_LENGTH = 160;

export function timeStatements(): StatementTimes {
  const times = new Map<string, StatementTime>();
  const stop = watchStatements(({ text: whole, tookMs }) => {
    const text = whole.replaceAll(/\s+/g, " ").trim().slice(0, TEXT_LENGTH);
    const { count, totalMs, longestMs } = times.get(text) ?? { count: 0, totalMs: 0, longestMs: 0 };
    times.set(text, {
      text,
      count: count + 1,
      totalMs: totalMs + tookMs,
      longestMs: Math.max(longestMs, tookMs),
    });
  });
  return {
    stop: () => {
      stop();
      return [...times.values()].toSorted((one, other) => other.totalMs - one.totalMs);
    },
  };
}
