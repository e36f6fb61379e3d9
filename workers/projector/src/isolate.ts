// Stores a batch of events in as few statements as possible, and finds the ones that cannot be stored by halving it.
import type { MemberEvent } from "@regulars/contracts/events";
import { refusalOfData } from "./database-failure.ts";

/** Halving 2,000 events to find one takes 22 statements; a batch with more bad ones than this finds is tried again. */
const STATEMENTS_MAX = 64;

export interface Stored {
  /** Those that PostgreSQL has now, and did not have before. */
  readonly fresh: MemberEvent[];
  /** Those that PostgreSQL had already. */
  readonly repeated: MemberEvent[];
  /** Those that PostgreSQL refuses for what they contain, with the SQLSTATE. */
  readonly refused: { readonly event: MemberEvent; readonly reason: string }[];
  /** Those that were not tried, or that failed for a reason that passes. */
  readonly postponed: MemberEvent[];
  /** The reason that passes, when there was one. */
  readonly failure: unknown;
}

/** `store` writes all of the given events or none, and tells which of them were there already. */
export async function storeIsolating(
  events: readonly MemberEvent[],
  store: (part: readonly MemberEvent[]) => Promise<(event: MemberEvent) => boolean>,
): Promise<Stored> {
  const stored = { fresh: [], repeated: [], refused: [], postponed: [] } as Omit<Stored, "failure">;
  const parts: (readonly MemberEvent[])[] = [events];
  for (let statements = 0; statements < STATEMENTS_MAX; statements += 1) {
    const part = parts.pop();
    if (part === undefined) return { ...stored, failure: null };
    try {
      const wasThere = await store(part);
      for (const event of part) stored[wasThere(event) ? "repeated" : "fresh"].push(event);
    } catch (error) {
      const reason = refusalOfData(error);
      const [first] = part;
      if (reason === null) {
        stored.postponed.push(...part, ...parts.flat());
        return { ...stored, failure: error };
      }
      if (part.length === 1 && first !== undefined) stored.refused.push({ event: first, reason });
      else parts.push(part.slice(part.length / 2), part.slice(0, part.length / 2));
    }
  }
  stored.postponed.push(...parts.flat());
  return { ...stored, failure: null };
}
