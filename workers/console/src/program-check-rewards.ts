// What the shapes of rewards, codes and stamp cards cannot tell: names that lead nowhere, and pieces that could run out on the way.
import { REWARD_BYTES_MAX } from "@regulars/contracts/limits";
import type { Program } from "@regulars/contracts/program";
import type { CodeCampaign, Reward, StampCard } from "@regulars/contracts/program-rewards";
import type { Refusal } from "@regulars/contracts/refusals";
import { duplicate, duplicates, faulty, wrongCondition } from "./program-check-names.ts";

/** What is wrong with rewards, code campaigns and stamp cards, in the order of the document. */
export function checkRewards(program: Program): Refusal[] {
  const { rewards, codes, stampCards } = program;
  return [
    ...duplicates(rewards.map(({ id }) => id)).map((place) => duplicate(`rewards[${place}].id`)),
    ...rewards.flatMap((reward, place) => wrongReward(program, reward, `rewards[${place}]`)),
    ...duplicates(codes.map(({ id }) => id)).map((place) => duplicate(`codes[${place}].id`)),
    ...takenCodes(codes),
    ...codes.flatMap((campaign, place) => wrongCampaign(program, campaign, `codes[${place}]`)),
    ...duplicates(stampCards.map(({ id }) => id)).map((place) => duplicate(`stampCards[${place}].id`)),
    // Of two cards of one currency the smaller would always take the stamps.
    ...duplicates(stampCards.map(({ currency }) => currency)).map((place) =>
      duplicate(`stampCards[${place}].currency`),
    ),
    ...stampCards.flatMap((card, place) => wrongCard(program, card, `stampCards[${place}]`)),
    ...automaticRewards(program).flatMap(([field, rewardId]) => withStock(program, rewardId, field)),
  ];
}

const tooLarge = (field: string): Refusal => ({ code: "too_many_items", field, facts: { limit: REWARD_BYTES_MAX } });

function wrongReward(program: Program, reward: Reward, at: string): Refusal[] {
  const { cost, benefit, terms, tiers, from, until } = reward;
  const bytes = Buffer.byteLength(JSON.stringify({ benefit, terms }));
  return [
    ...(bytes > REWARD_BYTES_MAX ? [tooLarge(`${at}.terms`)] : []),
    ...(cost === null ? [] : wrongCurrency(program, cost.currency, `${at}.cost.currency`)),
    ...unknownTiers(program, tiers, `${at}.tiers`),
    ...unknownTiers(program, terms.tiers, `${at}.terms.tiers`),
    ...wrongCondition(terms.when, `${at}.terms.when`),
    ...wrongSpan(from, until, at),
  ];
}

function wrongCampaign(program: Program, { reward, type, code, from, until }: CodeCampaign, at: string): Refusal[] {
  return [
    ...unknownReward(program, reward, `${at}.reward`),
    ...withStock(program, reward, `${at}.reward`),
    ...(type === "public" && code === undefined ? [{ code: "missing_field", field: `${at}.code` } as const] : []),
    ...(type === "unique" && code !== undefined ? [faulty(`${at}.code`, "unique_codes_in_bulk")] : []),
    ...wrongSpan(from, until, at),
  ];
}

function wrongCard(program: Program, { currency, reward }: StampCard, at: string): Refusal[] {
  return [
    ...wrongCurrency(program, currency, `${at}.currency`),
    ...unknownReward(program, reward, `${at}.reward`),
    ...withStock(program, reward, `${at}.reward`),
  ];
}

// Public codes are typed without regard to case.
function takenCodes(codes: readonly CodeCampaign[]): Refusal[] {
  const typed = codes.map(({ code }, place) => code?.toUpperCase() ?? `#${place}`);
  return duplicates(typed).map((place) => duplicate(`codes[${place}].code`));
}

// Coins of a network live in its own account: a member's object can neither spend them for a reward nor fill a card with them.
function wrongCurrency({ currencies }: Program, wanted: string, field: string): Refusal[] {
  const known = currencies.find(({ id }) => id === wanted);
  if (known === undefined) return [{ code: "currency_unknown", field, facts: { currency: wanted } }];
  return known.network === undefined ? [] : [faulty(field, "network_coin_not_here")];
}

function unknownReward({ rewards }: Program, wanted: string, field: string): Refusal[] {
  const isKnown = rewards.some(({ id }) => id === wanted);
  return isKnown ? [] : [{ code: "reward_unknown", field, facts: { reward: wanted } }];
}

function unknownTiers({ tiers }: Program, wanted: readonly string[] | undefined, field: string): Refusal[] {
  const known = new Set(tiers?.levels.map(({ id }) => id));
  return (wanted ?? []).flatMap((tier, place) =>
    known.has(tier) ? [] : [{ code: "tier_unknown", field: `${field}[${place}]`, facts: { tier } } as const],
  );
}

function wrongSpan(from: string | undefined, until: string | undefined, at: string): Refusal[] {
  const isEmpty = from !== undefined && until !== undefined && Date.parse(from) >= Date.parse(until);
  return isEmpty ? [faulty(`${at}.until`, "ends_before_it_begins")] : [];
}

// Only a purchase and a gift by hand can ask the stock's object first.
function withStock({ rewards }: Program, wanted: string, field: string): Refusal[] {
  const reward = rewards.find(({ id }) => id === wanted);
  return reward?.stock === undefined ? [] : [faulty(field, "reward_can_run_out")];
}

function automaticRewards({ tiers, birthdayReward }: Program): (readonly [field: string, rewardId: string])[] {
  const all = (tiers?.levels ?? []).flatMap(({ benefits }, place): (readonly [string, string | undefined])[] => [
    [`tiers.levels[${place}].benefits.birthdayReward`, benefits.birthdayReward],
    [`tiers.levels[${place}].benefits.welcomeReward`, benefits.welcomeReward],
  ]);
  return [["birthdayReward", birthdayReward] as const, ...all].flatMap(([field, rewardId]) =>
    rewardId === undefined ? [] : [[field, rewardId] as const],
  );
}
