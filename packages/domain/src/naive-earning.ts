// A naive second opinion on earning, for tests: plain arithmetic over the document as it was written, and no code of the real one.
import type { ProgramInput } from "@regulars/contracts/program";
import { CONDITIONS } from "./earning-wishes.ts";
import type { EarningBasket } from "./earning.ts";

type Rule = NonNullable<ProgramInput["earning"]>[number];
type Line = EarningBasket["lines"][number];
/** `counter`: the figure of every counter of the member; `grant`: what each budget grants, null when none was asked. */
interface Limits {
  readonly counter: number;
  readonly grant: number | null;
}

/** Points by rule, of the rules that give any. */
export function naiveEarned(input: ProgramInput, basket: EarningBasket, limits: Limits): Map<string, number> {
  const rules = [...(input.earning ?? [])].filter((rule) => applies(rule, basket));
  const winning = (all: [Rule, number][]) =>
    all.filter((one) => one[1] > 0 && !all.some((other) => beats(other, one, input)));
  const plain = winning(
    rules
      .filter(({ type }) => type !== "multiplier")
      .map((rule) => [rule, limited(rule, rawOf(rule, basket, []), limits)]),
  );
  const multipliers = winning(
    rules
      .filter(({ type }) => type === "multiplier")
      .map((rule) => [rule, limited(rule, extraOf(rule, basket, plain), limits)]),
  );
  return new Map([...plain, ...multipliers].map(([{ id }, points]) => [id, points]));
}

function applies(rule: Rule, basket: EarningBasket): boolean {
  const { from = "0000", until = "9999", stores, channels, tiers, when } = rule;
  const at = new Date(basket.placedAt + 8 * 3_600_000).toISOString();
  const inTime = from.slice(0, 19) <= at.slice(0, 19) && at.slice(0, 19) < until.slice(0, 19);
  const inStore = stores?.includes(basket.storeId) ?? true;
  const inChannel = channels?.includes(basket.channel ?? "-") ?? true;
  const inTier = tiers?.includes(basket.member.tier ?? "-") ?? true;
  return inTime && inStore && inChannel && inTier && (when === undefined || CONDITIONS[when]?.(basket) === true);
}

// Of a group: the higher priority first, then the document's order; with `best`, more points before that.
function beats([other, more]: [Rule, number], [rule, points]: [Rule, number], { earning = [] }: ProgramInput): boolean {
  if (other === rule || more === 0 || rule.group === undefined || other.group !== rule.group) return false;
  if (rule.stacking === "best" && more !== points) return more > points;
  const [theirs, own] = [other.priority ?? 0, rule.priority ?? 0];
  return theirs === own ? earning.indexOf(other) < earning.indexOf(rule) : theirs > own;
}

function limited({ perOrderMax = Infinity, caps = [], budget }: Rule, points: number, limits: Limits): number {
  const room = caps.map(({ points: most, times = 0 }) => {
    if (most !== undefined) return Math.max(0, most - limits.counter);
    return limits.counter >= times ? 0 : Infinity;
  });
  const granted = budget === undefined ? Infinity : (limits.grant ?? Infinity);
  return Math.min(points, perOrderMax, granted, ...room);
}

function rawOf(rule: Rule, basket: EarningBasket, alsoFor: Rule[]): number {
  const { type, per = 1, points = 1, rounding = "floor", roundOn = "order" } = rule;
  const counting = [...basket.lines.entries()].filter(([, line]) =>
    [rule, ...alsoFor].every((one) => lineCounts(one, line)),
  );
  if (counting.length === 0) return 0;
  if (type === "fixed") return points;
  const figures = counting.map(([place, line]) =>
    type === "perItem" ? line.quantity : amountOf(rule, line, paidOf(basket, place)),
  );
  const parts = roundOn === "line" ? figures : [figures.reduce((sum, one) => sum + one, 0)];
  return points * parts.reduce((sum, one) => sum + divided(one, per, rounding), 0);
}

function extraOf(rule: Rule, basket: EarningBasket, given: [Rule, number][]): number {
  const own = given.filter(([one]) => rule.of?.includes(one.id) ?? true);
  const repeated = own.map(([one, points]) =>
    rule.lines === undefined || Object.values(rule.lines).every(isSilent)
      ? points
      : Math.min(points, rawOf(one, basket, [rule])),
  );
  const hundredths = (points: number) => points * Math.round(((rule.factor ?? 1) - 1) * 100);
  const parts = rule.roundOn === "line" ? repeated : [repeated.reduce((sum, points) => sum + points, 0)];
  return parts.reduce((sum, points) => sum + divided(hundredths(points), 100, rule.rounding ?? "floor"), 0);
}

const isSilent = (said: unknown) => said === false || said === undefined || (Array.isArray(said) && said.length === 0);

function lineCounts({ lines = {} }: Rule, { kind, sku, category }: Line): boolean {
  const { categories, skus, excludeCategories = [], giftCards = false, shipping = false } = lines;
  if ((kind === "giftCard" && !giftCards) || (kind === "shipping" && !shipping)) return false;
  if (excludeCategories.includes(category ?? "-")) return false;
  if (categories === undefined && skus === undefined) return true;
  return (categories ?? []).includes(category ?? "-") || (skus ?? []).includes(sku);
}

function amountOf({ base = "net", less }: Rule, line: Line, paid: number): number {
  const { quantity, unitPrice, discount, tax = 0 } = line;
  const taken = less ?? (base === "net" ? ["discounts", "points"] : []);
  const before = quantity * unitPrice - (taken.includes("discounts") ? discount : 0);
  const left = Math.max(0, before - (taken.includes("points") ? paid : 0));
  return taken.includes("tax") && before > 0 ? Math.max(0, left - Math.floor((tax * left) / before)) : left;
}

// What points paid of the lines up to and with this one, less what they paid of those before it.
function paidOf({ lines, paidByPoints }: EarningBasket, place: number): number {
  const cost = (until: number) =>
    lines.slice(0, until).reduce((sum, one) => sum + one.quantity * one.unitPrice - one.discount, 0);
  const total = cost(lines.length);
  const share = (until: number) => (total === 0 ? 0 : Math.floor((paidByPoints * cost(until)) / total));
  return share(place + 1) - share(place);
}

function divided(amount: number, per: number, rounding: "floor" | "round" | "ceil"): number {
  if (rounding === "floor") return Math.floor(amount / per);
  return rounding === "ceil" ? Math.ceil(amount / per) : Math.floor((2 * amount + per) / (2 * per));
}
