// Finds what the shapes of tiers, notices and birthdays cannot tell: rewards that do not exist, tiers nobody could tell apart.
import type { Program } from "@regulars/contracts/program";
import type { Qualification, Tier, Tiers } from "@regulars/contracts/program-tiers";
import type { Refusal } from "@regulars/contracts/refusals";
import { duplicate, duplicates, faulty } from "./program-check-names.ts";

/** What is wrong with a program's tiers, notices and birthday rewards; empty when they can be published. */
export function checkTiers(document: Program): Refusal[] {
  const { tiers, currencies, birthdayReward } = document;
  const rewardIds = new Set(document.rewards.map(({ id }) => id));
  const unknownReward = (rewardId: string | undefined, field: string): Refusal[] =>
    rewardId === undefined || rewardIds.has(rewardId)
      ? []
      : [{ code: "reward_unknown", field, facts: { reward: rewardId } }];
  return [
    ...currencies.flatMap(({ noticeDays }, place) =>
      repeated(noticeDays.map(String), `currencies[${place}].noticeDays`),
    ),
    ...unknownReward(birthdayReward, "birthdayReward"),
    ...(tiers === undefined ? [] : checkLevels(tiers, new Set(currencies.map(({ id }) => id)), unknownReward)),
  ];
}

type RewardCheck = (rewardId: string | undefined, field: string) => Refusal[];

function checkLevels({ levels }: Tiers, currencyIds: ReadonlySet<string>, unknownReward: RewardCheck): Refusal[] {
  return [
    ...repeated(
      levels.map(({ id }) => id),
      "tiers.levels",
      ".id",
    ),
    ...levels.flatMap((level, place) => {
      const at = `tiers.levels[${place}]`;
      const { entitlements, birthdayReward, welcomeReward } = level.benefits;
      return [
        ...checkConditions(level, place, currencyIds),
        ...repeated(
          entitlements.map(({ id }) => id),
          `${at}.benefits.entitlements`,
          ".id",
        ),
        ...unknownReward(birthdayReward, `${at}.benefits.birthdayReward`),
        ...unknownReward(welcomeReward, `${at}.benefits.welcomeReward`),
        // A member is never told of entering the tier that everybody has.
        ...(isEverybodys(level) && welcomeReward !== undefined
          ? [faulty(`${at}.benefits.welcomeReward`, "tier_never_entered")]
          : []),
      ];
    }),
  ];
}

function checkConditions(level: Tier, place: number, currencyIds: ReadonlySet<string>): Refusal[] {
  const at = `tiers.levels[${place}]`;
  if (level.paid && !isBare(level)) return [faulty(`${at}.paid`, "tier_paid_has_no_conditions")];
  if (place > 0 && isEverybodys(level)) return [faulty(at, "tier_needs_conditions")];
  return (["any", "all"] as const).flatMap((list) =>
    level[list].flatMap((one, index) => checkCondition(one, `${at}.${list}[${index}]`, currencyIds)),
  );
}

function checkCondition(one: Qualification, at: string, currencyIds: ReadonlySet<string>): Refusal[] {
  const thresholds = [one.spend, one.points?.points, one.visits, one.orders, one.activities?.times];
  if (thresholds.every((threshold) => threshold === undefined || threshold === 0)) {
    return [faulty(at, "tier_needs_threshold")];
  }
  const currency = one.points?.currency;
  if (currency === undefined || currencyIds.has(currency)) return [];
  return [{ code: "currency_unknown", field: `${at}.points.currency`, facts: { currency } }];
}

const isBare = ({ any, all }: Tier) => any.length === 0 && all.length === 0;
const isEverybodys = (level: Tier) => isBare(level) && !level.paid;

const repeated = (ids: readonly string[], field: string, name = ""): Refusal[] =>
  duplicates(ids).map((place) => duplicate(`${field}[${place}]${name}`));
