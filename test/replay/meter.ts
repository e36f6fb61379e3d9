// Owns the measurements of a replay: time and outcome of every call, by kind.
import type { Outcome } from "@regulars/sdk";

export interface Failure {
  readonly kind: string;
  readonly code: string;
  count: number;
  /** The first one, as the server told it. */
  readonly example: string;
}

export interface CallFigures {
  readonly kind: string;
  readonly calls: number;
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
}

export class Meter {
  readonly #times = new Map<string, number[]>();
  readonly #failures = new Map<string, Failure>();
  retries = 0;

  /** Times a call and counts its refusal, if it is one; the outcome goes through unchanged. */
  async measure<Value>(kind: string, call: Promise<Outcome<Value>>): Promise<Outcome<Value>> {
    const start = performance.now();
    const outcome = await call;
    let times = this.#times.get(kind);
    if (times === undefined) this.#times.set(kind, (times = []));
    times.push(performance.now() - start);
    this.retries += outcome.attempts - 1;
    if (!outcome.ok) this.fail(kind, outcome.refusal.code, JSON.stringify(outcome.refusal));
    return outcome;
  }

  /** Counts something that should not have happened. */
  fail(kind: string, code: string, example: string): void {
    const known = this.#failures.get(`${kind} ${code}`);
    if (known === undefined) this.#failures.set(`${kind} ${code}`, { kind, code, count: 1, example });
    else known.count += 1;
  }

  get failures(): readonly Failure[] {
    return [...this.#failures.values()];
  }

  /** Calls so far, of every kind. */
  get calls(): number {
    return [...this.#times.values()].reduce((sum, times) => sum + times.length, 0);
  }

  figures(): CallFigures[] {
    return [...this.#times].map(([kind, times]) => ({ kind, calls: times.length, ...percentiles(times) }));
  }
}

/** The middle, the 99th of a hundred, and the worst. */
export function percentiles(values: readonly number[]): { p50: number; p99: number; max: number } {
  const sorted = values.toSorted((one, other) => one - other);
  const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN;
  return { p50: at(0.5), p99: at(0.99), max: at(1) };
}
