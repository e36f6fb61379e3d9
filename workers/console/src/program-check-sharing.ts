// Finds what the shape of a program's sharing cannot tell: currencies and codes that do not fit, networks of others.
import type { Program } from "@regulars/contracts/program";
import type { Refusal } from "@regulars/contracts/refusals";
import { duplicate, duplicates } from "./program-check-names.ts";

/** What is wrong with sharing, in the order of the document. */
export function checkSharing({ currencies, sharing }: Program): Refusal[] {
  const { transfers, household, referral, partners, causes = [] } = sharing;
  const known = new Map(currencies.map((currency) => [currency.id, currency]));
  const own = (currency: string, field: string): Refusal[] => {
    const found = known.get(currency);
    if (found === undefined) return [{ code: "currency_unknown", field, facts: { currency } }];
    // Coins of a network are given by rules and spent by orders, and moved by nobody else.
    return found.network === undefined ? [] : [{ code: "invalid_value", field }];
  };
  return [
    ...transfers.flatMap(({ currency }, index) => own(currency, `sharing.transfers[${index}].currency`)),
    ...duplicates(transfers.map(({ currency }) => currency)).map((index) =>
      duplicate(`sharing.transfers[${index}].currency`),
    ),
    ...(household?.currencies ?? []).flatMap((currency, index) =>
      own(currency, `sharing.household.currencies[${index}]`),
    ),
    ...(referral === undefined ? [] : own(referral.referrer.currency, "sharing.referral.referrer.currency")),
    ...(referral === undefined ? [] : own(referral.referee.currency, "sharing.referral.referee.currency")),
    ...partners.flatMap(({ member }, index) =>
      member === undefined ? [] : own(member.currency, `sharing.partners[${index}].member.currency`),
    ),
    ...duplicates(partners.map(({ id }) => id)).map((index) => duplicate(`sharing.partners[${index}].id`)),
    ...duplicates(partners.map(({ code }) => code.toLowerCase())).map((index) =>
      duplicate(`sharing.partners[${index}].code`),
    ),
    ...duplicates(causes.map(({ id }) => id)).map((index) => duplicate(`sharing.causes[${index}].id`)),
  ];
}

/** Coins of networks that the tenant is not part of. */
export function checkNetworks({ currencies }: Program, joined: readonly string[]): Refusal[] {
  return currencies.flatMap(({ network }, index): Refusal[] =>
    network === undefined || joined.includes(network)
      ? []
      : [{ code: "network_unknown", field: `currencies[${index}].network`, facts: { network } }],
  );
}
