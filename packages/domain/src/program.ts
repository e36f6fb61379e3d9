// A program ready to decide with: conditions compiled, currencies and tenders by name, lifetimes of points.
import { AWAITING } from "@regulars/contracts/events";
import type { Program } from "@regulars/contracts/program";
import type { CurrencyRule, Expiry, Tender } from "@regulars/contracts/program-life";
import { addLocalDays, endOfLocalDay, endOfLocalMonth, localDay, localTime } from "./calendar.ts";
import { compileRules, type CompiledRule } from "./earning-rules.ts";
import { endOfInactivity } from "./lot-ends.ts";

export type { CompiledRule } from "./earning-rules.ts";

type RulesByEvent = ReadonlyMap<string, readonly CompiledRule[]>;

export interface CompiledProgram {
  readonly version: number;
  readonly document: Program;
  readonly currencies: ReadonlyMap<string, CurrencyRule>;
  readonly tenders: ReadonlyMap<string, Tender>;
  /** By priority, then as the document has them. */
  readonly rules: readonly CompiledRule[];
  readonly rulesById: ReadonlyMap<string, CompiledRule>;
  /** Rules by what they are for: `order`, or a type of event. */
  readonly rulesOn: RulesByEvent;
  /** Those with caps, budgets or points per field. */
  readonly limitedOn: RulesByEvent;
  readonly budgetedOn: RulesByEvent;
}

/** Compiles a checked document once; the result is immutable and shared by all members of an isolate. */
export function compileProgram(version: number, document: Program): CompiledProgram {
  const rules = compileRules(document.earning);
  const isLimited = ({ caps, budget, perField }: CompiledRule) => caps.length > 0 || (budget ?? perField) !== undefined;
  return {
    version,
    document,
    currencies: new Map(document.currencies.map((currency) => [currency.id, currency])),
    tenders: new Map(document.tender.map((tender) => [tender.currency, tender])),
    rules,
    rulesById: new Map(rules.map((rule) => [rule.id, rule])),
    rulesOn: Map.groupBy(rules, ({ on }) => on),
    limitedOn: Map.groupBy(rules.filter(isLimited), ({ on }) => on),
    budgetedOn: Map.groupBy(
      rules.filter(({ budget }) => budget !== undefined),
      ({ on }) => on,
    ),
  };
}

export interface Lifetime {
  /** Unix ms; AWAITING while a delivery must happen first. */
  readonly availableAt: number;
  /** Unix ms; null: never by time alone. */
  readonly expiresAt: number | null;
  /** Of points whose end moves with the member's activity. */
  readonly inactivityDays?: number;
  /** The zone in which those days are counted. */
  readonly zone?: string;
}

/** When points of a currency earned at `earnedAt` become available and when they end. */
export function lifetimeOf(currency: CurrencyRule, earnedAt: number, timeZone: string): Lifetime {
  return {
    availableAt: maturityOf(currency.pendingDays, earnedAt, timeZone),
    ...endOf(currency.expiry, earnedAt, timeZone),
  };
}

/** The same for points of one rule, which may have a pending period and an end of its own. */
export function lifeOf(program: CompiledProgram, rule: CompiledRule, earnedAt: number, timeZone: string): Lifetime {
  const currency = program.currencies.get(rule.currency);
  if (currency === undefined)
    throw new Error(`rule ${rule.id} earns ${rule.currency}, which the program does not have`);
  const pendingDays = rule.pendingDays ?? currency.pendingDays;
  const availableAt = rule.pendingUntil === undefined ? maturityOf(pendingDays, earnedAt, timeZone) : AWAITING;
  return { availableAt, ...endOf(rule.expiry ?? currency.expiry, earnedAt, timeZone) };
}

function maturityOf(pendingDays: number, earnedAt: number, timeZone: string): number {
  return pendingDays === 0 ? earnedAt : addLocalDays(earnedAt, pendingDays, timeZone);
}

function endOf(expiry: Expiry, earnedAt: number, timeZone: string): Omit<Lifetime, "availableAt"> {
  switch (expiry.type) {
    case "never":
      return { expiresAt: null };
    case "rolling": {
      const end = addLocalDays(earnedAt, expiry.days, timeZone);
      return { expiresAt: expiry.endOf === "month" ? endOfLocalMonth(end, timeZone) : end };
    }
    case "inactivity": {
      const expiresAt = endOfInactivity(localDay(earnedAt, timeZone), expiry.days, timeZone);
      return { expiresAt, inactivityDays: expiry.days, zone: timeZone };
    }
    case "fixed": {
      const year = localTime(earnedAt, timeZone).year + expiry.yearsAhead;
      const end = endOfLocalDay(year, expiry.monthDay, timeZone);
      // Points earned after this year's day live to the next one.
      return { expiresAt: end > earnedAt ? end : endOfLocalDay(year + 1, expiry.monthDay, timeZone) };
    }
  }
}
