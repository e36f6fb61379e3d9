// What follows once events are stored: confirmations to objects and changes to boards, gathered for seconds.
import type { MemberEvent } from "@regulars/contracts/events";
import { boardChanges, feedBoards, type BoardChange } from "./board-feed.ts";
import { confirmAll, type Confirmation } from "./confirm.ts";
import type { Stored } from "./isolate.ts";

/** An object waits 8 s for its confirmation before it publishes again. */
const GATHER_MILLISECONDS = 4000;
/** Members with something to confirm: more are not made to wait for the time. A batch itself may have 2,000. */
const GATHER_MEMBERS_MAX = 500;
/** A flush this late went down with the batch that was to do it. */
const OVERDUE_MILLISECONDS = 10_000;

// Of the isolate, and lost with it: objects publish again what was not confirmed, and boards can be rebuilt.
let confirmations = new Map<string, Confirmation>();
let changes: BoardChange[] = [];
let flushDueAt = 0;

/** Events that were there already are confirmed too: the first confirmation may have been lost. */
export function followUp(
  env: Env,
  context: Pick<ExecutionContext, "waitUntil">,
  { fresh, repeated }: Pick<Stored, "fresh" | "repeated">,
): void {
  const now = Date.now();
  const nobodyFlushes = confirmations.size === 0 || now > flushDueAt + OVERDUE_MILLISECONDS;
  for (const event of fresh) gather(event);
  for (const event of repeated) gather(event);
  for (const change of boardChanges(fresh)) changes.push(change);
  if (confirmations.size >= GATHER_MEMBERS_MAX) context.waitUntil(flush(env));
  else if (nobodyFlushes && confirmations.size > 0) {
    flushDueAt = now + GATHER_MILLISECONDS;
    context.waitUntil(scheduler.wait(GATHER_MILLISECONDS).then(() => flush(env)));
  }
}

function gather({ tenantId, memberId, epoch, sequence }: MemberEvent): void {
  const name = `${tenantId}:${memberId}:${epoch}`;
  const known = confirmations.get(name);
  if (known === undefined) confirmations.set(name, { tenantId, memberId, epoch, sequences: [sequence] });
  else known.sequences.push(sequence);
}

async function flush(env: Env): Promise<void> {
  const [members, boards] = [confirmations, changes];
  confirmations = new Map();
  changes = [];
  await Promise.all([confirmAll(env, [...members.values()]), feedBoards(env, boards)]);
}
