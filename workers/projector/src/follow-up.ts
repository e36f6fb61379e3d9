// What follows once events are stored: confirmations to objects and changes to boards, gathered for seconds.
import type { MemberEvent } from "@regulars/contracts/events";
import { boardChanges, feedBoards, type BoardChange } from "./board-feed.ts";
import { confirmAll, type Confirmation } from "./confirm.ts";
import type { Stored } from "./isolate.ts";

/** An object waits 30 s for its confirmation before it publishes again; one call confirms all that it has until then. */
const GATHER_MILLISECONDS = 8000;
/** Members with something to confirm: as many as a batch can have, so that a busy queue does not confirm each. */
const GATHER_MEMBERS_MAX = 2000;
/** A flush this late went down with the call that was to do it. */
const OVERDUE_MILLISECONDS = 10_000;

export interface FollowUp {
  readonly confirmations: readonly Confirmation[];
  readonly changes: readonly BoardChange[];
}

/** What follows from stored events. Those that were there already are confirmed too: the first may have been lost. */
export function followUpOf({ fresh, repeated }: Pick<Stored, "fresh" | "repeated">): FollowUp {
  const members = new Map<string, Confirmation>();
  for (const event of fresh) add(members, confirmationOf(event));
  for (const event of repeated) add(members, confirmationOf(event));
  return { confirmations: [...members.values()], changes: boardChanges(fresh) };
}

// Of the isolate, and lost with it: objects publish again what was not confirmed, and boards can be rebuilt.
let confirmations = new Map<string, Confirmation>();
let changes: BoardChange[] = [];
let flushDueAt = 0;

/** Gathers what follows from several batches and does it seconds later, in the background of this call. */
export function gather(env: Env, context: Pick<ExecutionContext, "waitUntil">, followUp: FollowUp): void {
  const now = Date.now();
  const nobodyFlushes = confirmations.size === 0 || now > flushDueAt + OVERDUE_MILLISECONDS;
  for (const confirmation of followUp.confirmations) add(confirmations, confirmation);
  changes.push(...followUp.changes);
  if (confirmations.size >= GATHER_MEMBERS_MAX) context.waitUntil(flush(env));
  else if (nobodyFlushes && confirmations.size > 0) {
    flushDueAt = now + GATHER_MILLISECONDS;
    context.waitUntil(scheduler.wait(GATHER_MILLISECONDS).then(() => flush(env)));
  }
}

function confirmationOf({ tenantId, memberId, epoch, sequence }: MemberEvent): Confirmation {
  return { tenantId, memberId, epoch, sequences: [sequence] };
}

function add(members: Map<string, Confirmation>, { tenantId, memberId, epoch, sequences }: Confirmation): void {
  const name = `${tenantId}:${memberId}:${epoch}`;
  const known = members.get(name);
  if (known === undefined) members.set(name, { tenantId, memberId, epoch, sequences: [...sequences] });
  else known.sequences.push(...sequences);
}

async function flush(env: Env): Promise<void> {
  const [members, boards] = [confirmations, changes];
  confirmations = new Map();
  changes = [];
  await Promise.all([confirmAll(env, [...members.values()]), feedBoards(env, boards)]);
}
