// Finds what a program's shape cannot tell: ids given twice, currencies that do not exist, conditions that make no sense.
import type { Program } from "@regulars/contracts/program";
import type { Refusal } from "@regulars/contracts/refusals";
import { checkCondition } from "@regulars/domain/conditions";

/** What is wrong with a program, in the order of the document; empty when it can be published. */
export function checkProgram({ currencies, earning, tender }: Program): Refusal[] {
  const currencyIds = new Set(currencies.map(({ id }) => id));
  return [
    ...duplicates(currencies.map(({ id }) => id)).map((index) => duplicate(`currencies[${index}].id`)),
    ...currencies.flatMap(({ expiry }, index) =>
      expiry.type === "fixed" && !isDayOfSomeYear(expiry.monthDay)
        ? [{ code: "invalid_date", field: `currencies[${index}].expiry.monthDay` } as const]
        : [],
    ),
    ...duplicates(earning.map(({ id }) => id)).map((index) => duplicate(`earning[${index}].id`)),
    ...unknownCurrencies(earning, currencyIds, "earning"),
    ...earning.flatMap(({ when }, index) => checkedCondition(when, `earning[${index}].when`)),
    ...duplicates(tender.map(({ currency }) => currency)).map((index) => duplicate(`tender[${index}].currency`)),
    ...unknownCurrencies(tender, currencyIds, "tender"),
  ];
}

function unknownCurrencies(
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

function checkedCondition(when: string | undefined, field: string): Refusal[] {
  const reason = when === undefined ? null : checkCondition(when);
  return reason === null ? [] : [{ code: "invalid_condition", field, facts: { reason } }];
}

/** Places of the ids that came before. */
function duplicates(ids: readonly string[]): number[] {
  return ids.flatMap((id, index) => (ids.indexOf(id) < index ? [index] : []));
}

const duplicate = (field: string): Refusal => ({ code: "duplicate_item", field });

/** 02-29 is a day, of every leap year. */
function isDayOfSomeYear(monthDay: string): boolean {
  const day = new Date(`2024-${monthDay}T00:00:00Z`);
  return !Number.isNaN(day.getTime()) && day.toISOString().slice(5, 10) === monthDay;
}
