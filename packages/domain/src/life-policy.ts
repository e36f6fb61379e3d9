// What a member's object must remember of the program to know, without loading it, when time has work to do.
import type { BirthdayNote } from "./moment.ts";
import type { CompiledProgram } from "./program.ts";

/** The part of a program that sets alarms of its own. */
export interface LifePolicy {
  readonly zone: string;
  /** By currency: so many days before points end, the nearest first. */
  readonly notice: Readonly<Record<string, readonly number[]>>;
  /** Whether birthdays bring anything. */
  readonly birthdays: boolean;
}

/** What a look at the clock knows beside the events: the policy, and the birthday, which no event carries. */
export interface LifeWatch {
  readonly policy: LifePolicy | null;
  readonly birthday: string | null;
  readonly note: BirthdayNote | null;
  readonly now: number;
}

const known = new WeakMap<CompiledProgram, LifePolicy>();

/** The policy of a program in a zone; null when it sets no alarms. The same object for the same program. */
export function policyOf(program: CompiledProgram | null, zone: string): LifePolicy | null {
  if (program === null) return null;
  let policy = known.get(program);
  if (policy?.zone !== zone) known.set(program, (policy = makePolicy(program, zone)));
  return policy.birthdays || Object.keys(policy.notice).length > 0 ? policy : null;
}

function makePolicy({ document }: CompiledProgram, zone: string): LifePolicy {
  const noticed = document.currencies.filter(({ noticeDays }) => noticeDays.length > 0);
  const notice = noticed.map(({ id, noticeDays }) => [id, [...new Set(noticeDays)].sort((a, b) => a - b)] as const);
  const levels = document.tiers?.levels ?? [];
  const ofTiers = levels.some(({ benefits }) => benefits.birthdayReward !== undefined);
  return { zone, notice: Object.fromEntries(notice), birthdays: ofTiers || document.birthdayReward !== undefined };
}
