// An explanation in the caller's language: the sentence of each rule that gives, and the reason of each that does not.
import type { Explanation } from "@regulars/contracts/orders";
import type { LedgerExplanation } from "@regulars/contracts/rpc";
import { earnWhy, nothingWhy } from "@regulars/edge/message";
import type { Call } from "./call.ts";

/** An explanation in the caller's language. `currency`: of the basket's money. */
export function explanationInWords(
  { context }: Call,
  { programVersion, rules }: LedgerExplanation,
  currency: string,
): Explanation {
  const { language } = context;
  const inWords = rules.map(({ why, ...rule }) => {
    const given = why === null ? "" : earnWhy(why, currency, language, rule.points);
    return { ...rule, why: rule.reason === null ? given : nothingWhy(rule.reason, language) };
  });
  return { programVersion, rules: inWords };
}
