// Households: who belongs to one and with which right; the pool keeps the list, each member keeps where it belongs.
import type { Belonging } from "@regulars/contracts/acts-sharing";
import type { HouseholdRole } from "@regulars/contracts/sharing";
import { Draft } from "./draft.ts";
import type { CompiledProgram } from "./program.ts";
import { refuse, type Decision } from "./refuse.ts";
import type { MemberState } from "./state.ts";

/** What a pool keeps: its household, and the right of each member. */
export interface PoolFact {
  readonly id: string;
  readonly members: Readonly<Record<string, HouseholdRole>>;
}

const BELONGING = "household";
/** The name of the fact by which a pool keeps its list. */
export const POOL = "pool";

/** What a member is told when its right in a household changes; no role: it has left. */
export interface BelongAsk {
  readonly memberId: string;
  readonly id: string;
  readonly role: HouseholdRole | null;
  /** The right before, which stays when the member cannot follow. */
  readonly before: HouseholdRole | null;
}

/** Where a member belongs, or null. */
export const belongingOf = (state: MemberState): Belonging | null =>
  (state.facts.get(BELONGING) as Belonging | undefined) ?? null;

/** The household of a pool; null when the account is none. */
export const poolOf = (state: MemberState): PoolFact | null => (state.facts.get(POOL) as PoolFact | undefined) ?? null;

/** Whether a member may pay from this account: from a pool only with the right to, from any other account always. */
export function maySpend(state: MemberState, memberId: string): boolean {
  const pool = poolOf(state);
  const role = pool?.members[memberId];
  return pool === null || role === "owner" || role === "spender";
}

/**
 * The pool's side: gives a member a right, or none, and requires that the member hears of it. The first is the owner.
 * Refuses household_not_found, household_full, and transfer_not_allowed when the program has no households.
 */
export function decideLet(
  state: MemberState,
  program: CompiledProgram,
  { householdId, memberId, role }: { householdId: string; memberId: string; role: HouseholdRole | null },
  now: number,
): Decision {
  const rule = program.document.sharing.household;
  if (rule === undefined) return refuse("transfer_not_allowed", "householdId");
  const pool = poolOf(state) ?? { id: householdId, members: {} };
  const isFirst = Object.keys(pool.members).length === 0;
  const before = pool.members[memberId] ?? null;
  if ((isFirst && role !== "owner") || (role === null && before === null)) return refuse("household_not_found");
  if (role !== null && before === null && Object.keys(pool.members).length >= rule.membersMax) {
    return refuse("household_full", "id", { membersMax: rule.membersMax });
  }
  const draft = new Draft(state, now);
  const ask: BelongAsk = { memberId, id: pool.id, role, before };
  const id = `household/${draft.sequence}`;
  draft.effects.require({ id, kind: "household.tell", ask, lane: `household/${memberId}` });
  return listed(draft, pool, { memberId, role, currencies: program.currencies.keys() });
}

/** The pool's end when the member could not follow: the right is as it was before. */
export function decideLetUndone(state: MemberState, { memberId, before }: BelongAsk, now: number): Decision {
  const pool = poolOf(state);
  if (pool === null) throw new Error("a household that was never founded cannot be undone");
  return listed(new Draft(state, now), pool, { memberId, role: before, currencies: [] });
}

/** The member's side. Refuses household_taken while it belongs to another household, and always when it is a pool. */
export function decideBelong(
  state: MemberState,
  { id, pool, role }: { id: string; pool: string; role: HouseholdRole | null },
  memberId: string,
  now: number,
): Decision {
  const known = belongingOf(state);
  // A pool is nobody who could pay from another, or from itself.
  if (poolOf(state) !== null && role !== null) return refuse("household_taken");
  if (known !== null && known.id !== id && role !== null) return refuse("household_taken");
  const draft = new Draft(state, now);
  const isHere = known === null || known.id === id;
  if (isHere) draft.effects.setFact(BELONGING, role === null ? null : ({ id, pool, role } satisfies Belonging));
  const household = role === null ? null : { id, role, memberId };
  return { ok: true, body: { kind: "household.changed", household, ...draft.body([]) } };
}

interface Listed {
  readonly memberId: string;
  readonly role: HouseholdRole | null;
  /** Of which the event says what the pool has. */
  readonly currencies: Iterable<string>;
}

function listed(draft: Draft, pool: PoolFact, { memberId, role, currencies }: Listed): Decision {
  const { [memberId]: _, ...others } = pool.members;
  const members = role === null ? others : { ...others, [memberId]: role };
  draft.effects.setFact(POOL, { ...pool, members } satisfies PoolFact);
  const household = { id: pool.id, role, memberId };
  return { ok: true, body: { kind: "household.changed", household, ...draft.body(currencies) } };
}
