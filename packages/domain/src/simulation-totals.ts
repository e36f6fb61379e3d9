// The totals of a simulation over many members, and the answer that they come to.
import type { OrderRecord } from "@regulars/contracts/events-orders";
import type { SimulationExample, SimulationResult } from "@regulars/contracts/simulations";
import { explainOrder } from "./explain.ts";
import type { CompiledProgram } from "./program.ts";
import type { ReplayFigures, Tally } from "./replay-figures.ts";
import { CANDIDATE_VERSION, type MemberReplay } from "./replay-ledger.ts";

/** Orders that are shown as examples: a manager looks at a few. */
const EXAMPLES_MAX = 20;

type Figures = Record<string, ReplayFigures>;

/** JSON: a run keeps it between its chunks. */
export interface SimulationTotals {
  members: number;
  orders: number;
  differing: number;
  /** Members whose history could not be replayed: a fault to report. */
  failed: number;
  readonly now: Figures;
  readonly candidate: Figures;
  readonly rules: Record<string, { rule: string; currency: string; now: number; candidate: number }>;
  readonly tiers: Record<string, { now: number; candidate: number }>;
  readonly refused: Record<string, number>;
  readonly notReplayed: Record<string, number>;
  examples: SimulationExample[];
  /** Points that the candidate's budgets have given, by their names. */
  readonly budgets: Record<string, number>;
}

export function emptyTotals(): SimulationTotals {
  const counts = { members: 0, orders: 0, differing: 0, failed: 0 };
  const named = { now: {}, candidate: {}, rules: {}, tiers: {}, refused: {}, notReplayed: {}, budgets: {} };
  return { ...counts, ...named, examples: [] };
}

/** What a member gains (below zero: loses) under the candidate, in points given by currency. */
export function gainsOf(replay: MemberReplay): { currency: string; now: number; candidate: number }[] {
  if (!replay.active) return [];
  const ids = new Set([...replay.now.currencies.keys(), ...replay.candidate.currencies.keys()]);
  const given = (tally: Tally, id: string) => tally.currencies.get(id)?.given ?? 0;
  return [...ids].map((currency) => ({
    currency,
    now: given(replay.now, currency),
    candidate: given(replay.candidate, currency),
  }));
}

/** Adds a member's replay in place. */
export function addReplay(totals: SimulationTotals, memberId: string, replay: MemberReplay, scene: ExampleScene): void {
  if (replay.active) totals.members += 1;
  const { noticed } = replay;
  totals.orders += noticed.orders;
  totals.differing += noticed.differing;
  addFigures(totals.now, replay.now);
  addFigures(totals.candidate, replay.candidate);
  for (const side of ["now", "candidate"] as const) {
    for (const [key, { rule, currency, points }] of replay[side].rules) {
      (totals.rules[key] ??= { rule, currency, now: 0, candidate: 0 })[side] += points;
    }
    const tier = side === "now" ? replay.tierNow : replay.tierCandidate;
    if (tier !== null) (totals.tiers[tier] ??= { now: 0, candidate: 0 })[side] += 1;
  }
  for (const [code, count] of noticed.refused) totals.refused[code] = (totals.refused[code] ?? 0) + count;
  for (const [kind, count] of noticed.notReplayed) totals.notReplayed[kind] = (totals.notReplayed[kind] ?? 0) + count;
  addExample(totals, memberId, noticed, scene);
}

export interface ExampleScene {
  readonly candidate: CompiledProgram;
  readonly programOf: (version: number) => CompiledProgram;
  readonly timeZone: string;
}

/** Who gains and who loses in one currency, as the table of a run's members tells. */
export type Spread = SimulationResult["currencies"][number]["members"];

/** The answer. Costs in minor units, rounded to the nearest. */
export function resultOf(
  totals: SimulationTotals,
  programs: { readonly now: CompiledProgram | null; readonly candidate: CompiledProgram },
  spreadOf: (currency: string) => Spread,
): SimulationResult {
  const ids = [...new Set([...Object.keys(totals.now), ...Object.keys(totals.candidate)])].sort();
  return {
    members: totals.members,
    orders: totals.orders,
    ordersDiffering: totals.differing,
    membersFailed: totals.failed,
    currencies: ids.map((currency) => ({
      currency,
      now: valued(totals.now[currency], costMilliOf(programs.now, currency)),
      candidate: valued(totals.candidate[currency], costMilliOf(programs.candidate, currency)),
      members: spreadOf(currency),
    })),
    rules: Object.values(totals.rules)
      .filter(({ now, candidate }) => now !== 0 || candidate !== 0)
      .map(({ rule, ...figures }) => ({ rule: rule === "" ? null : rule, ...figures })),
    tiers: Object.entries(totals.tiers).map(([tier, counts]) => ({ tier, ...counts })),
    refused: Object.entries(totals.refused).map(([code, count]) => ({ code, count })),
    notReplayed: Object.entries(totals.notReplayed).map(([kind, count]) => ({ kind, count })),
    examples: totals.examples,
  };
}

/** What a point of a currency costs its issuer, in thousandths of a minor unit: its stated cost, or else what it pays. */
export function costMilliOf(program: CompiledProgram | null, currency: string): number {
  const stated = program?.currencies.get(currency)?.unitCostMilli ?? 0;
  return stated > 0 ? stated : (program?.tenders.get(currency)?.valuePerPoint ?? 0) * 1000;
}

function valued(figures: ReplayFigures = { given: 0, redeemed: 0, expired: 0, outstanding: 0 }, costMilli: number) {
  const money = (points: number) => Number((BigInt(points) * BigInt(costMilli)) / 1000n);
  return { ...figures, cost: money(figures.given), liability: money(figures.outstanding) };
}

function addFigures(sums: Figures, { currencies }: Tally): void {
  for (const [currency, figures] of currencies) {
    const sum = (sums[currency] ??= { given: 0, redeemed: 0, expired: 0, outstanding: 0 });
    sum.given += figures.given;
    sum.redeemed += figures.redeemed;
    sum.expired += figures.expired;
    sum.outstanding += figures.outstanding;
  }
}

// The orders that differ most, the member's id deciding between equals, so that chunks cut anywhere give the same list.
function addExample(
  totals: SimulationTotals,
  memberId: string,
  { example }: MemberReplay["noticed"],
  scene: ExampleScene,
): void {
  if (example === null) return;
  const last = totals.examples[EXAMPLES_MAX - 1];
  if (last !== undefined && Math.abs(last.difference) >= Math.abs(example.difference)) return;
  const { now, candidate, difference } = example;
  const { orderId, placedAt, storeId, net } = now;
  const shown = {
    memberId,
    orderId,
    placedAt: new Date(placedAt).toISOString(),
    storeId,
    net,
    difference,
    now: explained(now, scene),
    candidate: explained(candidate, scene),
  };
  const byDifference = (one: SimulationExample, other: SimulationExample) =>
    Math.abs(other.difference) - Math.abs(one.difference);
  totals.examples = [...totals.examples, shown].sort(byDifference).slice(0, EXAMPLES_MAX);
}

/** Rules that gave something, and those that gave nothing with the reason why, as far as a screen shows. */
function explained(order: OrderRecord, { candidate, programOf, timeZone }: ExampleScene): SimulationExample["now"] {
  const program = order.programVersion === CANDIDATE_VERSION ? candidate : programOf(order.programVersion);
  const points = order.earned.map(({ rule, currency, points: given }) => ({ rule, currency, points: given }));
  const rules = explainOrder(program, order, timeZone).rules.slice(0, RULES_SHOWN_MAX);
  return {
    earned: points,
    rules: rules.map(({ rule, currency, points: given, reason, base, per, times }) => {
      return { rule, currency, points: given, reason, base, per, times };
    }),
  };
}

/** A program may have 200 rules; twenty examples with all of them would be half a megabyte. */
const RULES_SHOWN_MAX = 30;
