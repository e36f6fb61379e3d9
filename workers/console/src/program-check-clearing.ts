// What the shape of a program's clearing cannot tell: currencies given twice or unknown, and costs too large to clear.
import { CLEARING_VALUE_MAX } from "@regulars/contracts/limits";
import type { Program } from "@regulars/contracts/program";
import type { Clearing } from "@regulars/contracts/program-clearing";
import type { Refusal } from "@regulars/contracts/refusals";
import { duplicate, duplicates, unknownCurrencies } from "./program-check-names.ts";

/** What is wrong with the clearing of a program, in the order of the document. */
export function checkClearing({ currencies, clearing }: Program): Refusal[] {
  if (clearing === undefined) return [];
  const known = new Map(currencies.map((currency) => [currency.id, currency]));
  const costly = clearing.currencies.flatMap(({ currency, price }) => {
    const place = currencies.findIndex(({ id }) => id === currency);
    const cost = currencies[place]?.unitCostMilli ?? 0;
    if (price !== "unitCost" || cost <= CLEARING_VALUE_MAX) return [];
    const facts = { limit: `<=${CLEARING_VALUE_MAX}` };
    return [{ code: "number_out_of_range", field: `currencies[${place}].unitCostMilli`, facts } as const];
  });
  return [
    ...duplicates(clearing.currencies.map(({ currency }) => currency)).map((place) =>
      duplicate(`clearing.currencies[${place}].currency`),
    ),
    ...unknownCurrencies(clearing.currencies, new Set(known.keys()), "clearing.currencies"),
    ...costly,
  ];
}

/** Refuses a head office that is none of the tenant's owners: nobody could read its statement. */
export function checkHeadOffice({ headOfficeOwnerId }: Clearing, ownerIds: readonly string[]): Refusal[] {
  if (ownerIds.includes(headOfficeOwnerId)) return [];
  return [{ code: "owner_not_found", field: "clearing.headOfficeOwnerId" }];
}
