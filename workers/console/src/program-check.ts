// Finds what a program's shape cannot tell; each section of the document has its own file of checks.
import type { Program } from "@regulars/contracts/program";
import type { Refusal } from "@regulars/contracts/refusals";
import { checkClearing } from "./program-check-clearing.ts";
import { checkEarning } from "./program-check-earning.ts";
import { checkPlay } from "./program-check-play.ts";
import { checkRewards } from "./program-check-rewards.ts";
import { checkSharing } from "./program-check-sharing.ts";
import { checkTiers } from "./program-check-tiers.ts";
import { duplicate, duplicates, unknownCurrencies, wrongExpiry } from "./program-check-names.ts";

/** Checks of sections: a room adds its own `program-check-<room>.ts` here. */
const SECTIONS: readonly ((program: Program) => readonly Refusal[])[] = [
  checkCurrencies,
  checkEarning,
  checkTenders,
  checkClearing,
  checkPlay,
  checkRewards,
  checkSharing,
  checkTiers,
];

/** What is wrong with a program, section by section, each in the order of the document; empty when it can be published. */
export function checkProgram(program: Program): Refusal[] {
  return SECTIONS.flatMap((check) => check(program));
}

function checkCurrencies({ currencies }: Program): Refusal[] {
  return [
    ...duplicates(currencies.map(({ id }) => id)).map((index) => duplicate(`currencies[${index}].id`)),
    ...currencies.flatMap(({ expiry }, index) => wrongExpiry(expiry, `currencies[${index}].expiry`)),
  ];
}

function checkTenders({ currencies, tender }: Program): Refusal[] {
  return [
    ...duplicates(tender.map(({ currency }) => currency)).map((index) => duplicate(`tender[${index}].currency`)),
    ...unknownCurrencies(tender, new Set(currencies.map(({ id }) => id)), "tender"),
  ];
}
