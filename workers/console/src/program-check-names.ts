// Faults that every section of a program can have: an id given twice, a currency that is not there, a condition or day that makes no sense.
import type { Expiry } from "@regulars/contracts/program-life";
import type { FaultKey } from "@regulars/contracts/messages/faults";
import type { Refusal } from "@regulars/contracts/refusals";
import { PATTERN_LENGTH_MAX, PATTERN_REPETITIONS_MAX } from "@regulars/domain/condition-patterns";
import { checkCondition } from "@regulars/domain/conditions";

/** Places of the ids that came before. */
export function duplicates(ids: readonly string[]): number[] {
  return ids.flatMap((id, index) => (ids.indexOf(id) < index ? [index] : []));
}

/** A fault that the program has as a whole, with the facts that its text names. */
export const faulty = (field: string, reason: FaultKey, facts: Readonly<Record<string, string>> = {}): Refusal => ({
  code: "invalid_program",
  field,
  facts: { reason, ...facts },
});

export const duplicate = (field: string): Refusal => ({ code: "duplicate_item", field });

/** Parts of the list `name` whose currency the program does not have. */
export function unknownCurrencies(
  parts: readonly { readonly currency: string }[],
  known: ReadonlySet<string>,
  name: string,
): Refusal[] {
  return parts.flatMap(({ currency }, index) =>
    known.has(currency)
      ? []
      : [{ code: "currency_unknown", field: `${name}[${index}].currency`, facts: { currency } } as const],
  );
}

const LIMITS = { patternLength: PATTERN_LENGTH_MAX, patternRepetitions: PATTERN_REPETITIONS_MAX };

/** Why a condition cannot be used; none when there is no condition. */
export function wrongCondition(when: string | undefined, field: string): Refusal[] {
  const reason = when === undefined ? null : checkCondition(when);
  return reason === null ? [] : [{ code: "invalid_condition", field, facts: { reason, ...LIMITS } }];
}

/** A fixed end on a day that no year has. */
export function wrongExpiry(expiry: Expiry | undefined, field: string): Refusal[] {
  const isWrong = expiry?.type === "fixed" && !isDayOfSomeYear(expiry.monthDay);
  return isWrong ? [{ code: "invalid_date", field: `${field}.monthDay` }] : [];
}

/** 02-29 is a day, of every leap year. */
function isDayOfSomeYear(monthDay: string): boolean {
  const day = new Date(`2024-${monthDay}T00:00:00Z`);
  return !Number.isNaN(day.getTime()) && day.toISOString().slice(5, 10) === monthDay;
}
