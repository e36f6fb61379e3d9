// A program ready to decide with: conditions compiled, currencies and tenders by name, lifetimes of points.
import type { CurrencyRule, EarningRule, Program, Tender } from "@regulars/contracts/program";
import { addLocalDays, endOfLocalDay, localTime } from "./calendar.ts";
import { compileCondition, type Condition } from "./conditions.ts";

export interface CompiledRule extends EarningRule {
  readonly condition: Condition | null;
}

export interface CompiledProgram {
  readonly version: number;
  readonly document: Program;
  readonly currencies: ReadonlyMap<string, CurrencyRule>;
  readonly tenders: ReadonlyMap<string, Tender>;
  readonly rules: readonly CompiledRule[];
  readonly conditional: boolean;
}

/** Compiles a checked document once; the result is immutable and shared by all members of an isolate. */
export function compileProgram(version: number, document: Program): CompiledProgram {
  const rules = document.earning.map((rule) => ({
    ...rule,
    condition: rule.when === undefined ? null : compileCondition(rule.when),
  }));
  return {
    version,
    document,
    currencies: new Map(document.currencies.map((currency) => [currency.id, currency])),
    tenders: new Map(document.tender.map((tender) => [tender.currency, tender])),
    rules,
    conditional: rules.some((rule) => rule.condition !== null),
  };
}

/** When points of a currency earned at `earnedAt` become available and when they end (Unix ms; null: never). */
export function lifetimeOf(
  currency: CurrencyRule,
  earnedAt: number,
  timeZone: string,
): { availableAt: number; expiresAt: number | null } {
  const availableAt = currency.pendingDays === 0 ? earnedAt : addLocalDays(earnedAt, currency.pendingDays, timeZone);
  const { expiry } = currency;
  switch (expiry.type) {
    case "never":
      return { availableAt, expiresAt: null };
    case "rolling":
      return { availableAt, expiresAt: addLocalDays(earnedAt, expiry.days, timeZone) };
    case "fixed": {
      const year = localTime(earnedAt, timeZone).year + expiry.yearsAhead;
      const end = endOfLocalDay(year, expiry.monthDay, timeZone);
      // Points earned after this year's day live to the next one.
      return { availableAt, expiresAt: end > earnedAt ? end : endOfLocalDay(year + 1, expiry.monthDay, timeZone) };
    }
  }
}
