// Runs what the answer to a duty demands of the own object, in one transaction with the duty's end.
import type { MemberEvent } from "@regulars/contracts/events";
import type { WriteContext } from "@regulars/contracts/rpc";
import { acts } from "./acts/registry.ts";
import type { Desk } from "./acts/desk.ts";
import type { Book } from "./book.ts";
import type { CommitQueue } from "./commit-queue.ts";
import type { Outcome } from "./commands.ts";
import type { FollowUp, Told } from "./duties.ts";
import { relayed } from "./publish.ts";
import { relay } from "./relay.ts";
import { currentOf } from "./tenant-records.ts";

export interface FollowMeans {
  readonly env: Env;
  readonly book: () => Book;
  readonly queue: CommitQueue;
  readonly arm: (written: readonly MemberEvent[]) => void;
}

/** Writes the act's event and ends the duty together; a crash before that finds the duty open, one after it finds both done. */
export async function followUp(
  { env, book, queue, arm }: FollowMeans,
  { place, now, testTime }: Told,
  { act, ask }: FollowUp,
  ended: () => void,
): Promise<void> {
  const owner = book().store.owner();
  // The guarantee of the cast: a FollowUp pairs the name of an act with the ask of that act.
  const handler = acts[act] as ((desk: Desk, context: WriteContext, ask: unknown) => Outcome<unknown>) | undefined;
  if (owner === null || handler === undefined) throw new Error(`no act ${act}`);
  const { tenantId, memberId } = owner;
  const current = (await currentOf(env, tenantId, now)) ?? book().current;
  const { program, timeZone } = current;
  const key = `f/${place}`;
  const request = { programVersion: program?.version ?? null, key, requestHash: key };
  const context: WriteContext = { tenantId, memberId, now, testTime, timeZone, ...request };
  const events = await queue.submit(() => {
    book().current = current;
    const outcome = handler({ book: book(), program }, context, ask);
    if (!outcome.ok) console.warn(JSON.stringify({ message: "a follow-up was refused", act, ...outcome.refusal }));
    ended();
    arm(outcome.events);
    return outcome.events;
  });
  await relayQuietly(
    env,
    events.map((event) => relayed(book(), event)),
  );
}

/** Relays events whose loss costs nothing: their objects publish them again by alarm. */
export async function relayQuietly(env: Env, events: Parameters<typeof relay>[1]): Promise<void> {
  if (events.length === 0) return;
  try {
    await relay(env, events);
  } catch (error) {
    console.warn(JSON.stringify({ message: "relay failed; the objects publish again", error: String(error) }));
  }
}
