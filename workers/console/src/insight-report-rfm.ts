// Answers with the grid of R and F, the names that scores have, and where bins begin.
import type { RfmReport } from "@regulars/contracts/insights-members";
import type { Read } from "@regulars/edge/body";
import { dayNumber } from "@regulars/insights/days";
import { intervals } from "@regulars/insights/rfm";
import { taiwanGroups, taiwanLabels } from "@regulars/insights/rfm-segments";
import { type Call, done, tenantOf } from "./call.ts";
import { readScoreCells, type ScoreCell, type StoredModel } from "./insight-report-members-rows.ts";

/** Bins of an axis before there are cuts. */
const USUAL_BINS = 5;

export async function getInsightRfm(call: Call): Promise<Read<RfmReport>> {
  const tenant = tenantOf(call);
  const { cells, ends, members, models } = await readScoreCells(call.database, tenant);
  const scored = cells.reduce((sum, cell) => sum + cell.members, 0);
  const model = models.find(({ kind }) => kind === "cuts");
  const bins = model === undefined ? USUAL_BINS : numbers(model.document["orders"]).length + 1;
  return done({
    asOf: ends["as_of"] ?? null,
    money: tenant.currency,
    bins,
    scored,
    prospects: members - scored,
    cuts: model === undefined ? null : cutsAnswer(model, ends, minorUnitsOf(tenant.currency)),
    grid: gridOf(cells),
    segments: groupsOf(cells, ({ rfmSegment }) => [rfmSegment]),
    groups: groupsOf(cells, ({ rfmGroup }) => [rfmGroup]),
    taiwan: taiwanOf(cells, bins),
  });
}

/** Members and money of each combination of R and F, the best first. */
export function gridOf(cells: readonly ScoreCell[]): RfmReport["grid"] {
  const grid = new Map<string, RfmReport["grid"][number]>();
  for (const { recency, frequency, members, spend } of cells) {
    const key = `${recency}/${frequency}`;
    const known = grid.get(key) ?? { recency, frequency, members: 0, spend: 0 };
    grid.set(key, { ...known, members: known.members + members, spend: known.spend + spend });
  }
  return [...grid.values()].sort((one, other) => other.recency - one.recency || other.frequency - one.frequency);
}

/** Sums by every name that a cell has, most members first. */
function groupsOf<Name extends string>(cells: readonly ScoreCell[], namesOf: (cell: ScoreCell) => readonly Name[]) {
  const groups = new Map<Name, { name: Name; members: number; spend: number }>();
  for (const cell of cells) {
    for (const name of namesOf(cell)) {
      const { members, spend } = groups.get(name) ?? { members: 0, spend: 0 };
      groups.set(name, { name, members: members + cell.members, spend: spend + cell.spend });
    }
  }
  return [...groups.values()].sort((one, other) => other.members - one.members || (one.name < other.name ? -1 : 1));
}

function taiwanOf(cells: readonly ScoreCell[], bins: number): RfmReport["taiwan"] {
  const found = groupsOf(cells, (cell) => taiwanLabels(cell, bins));
  return taiwanGroups.map(({ name }) => found.find((group) => group.name === name) ?? { name, members: 0, spend: 0 });
}

/** Intervals as R's rfm prints them: from the least value, and to one unit above the greatest. */
function cutsAnswer({ document, fittedOn, version }: StoredModel, ends: Record<string, string>, unit: number) {
  const asOf = dayNumber(ends["as_of"] ?? "");
  const recencyDays = [asOf - dayNumber(ends["newest"] ?? ""), asOf - dayNumber(ends["oldest"] ?? "")];
  const endsOf = (low: string, high: string) => [Number(ends[low] ?? 0), Number(ends[high] ?? 0)];
  const axis = (cuts: readonly number[], values: readonly number[], shift: number, isBestLow = false) => {
    const bins = values.every(Number.isFinite) ? intervals(values, cuts, shift) : [];
    const scored = bins.map((bin, at) => ({ score: isBestLow ? bins.length - at : at + 1, ...bin }));
    return { cuts: [...cuts], bins: scored.sort((one, other) => one.score - other.score) };
  };
  return {
    fittedOn,
    version,
    recency: axis(numbers(document["recencyDays"]), recencyDays, 1, true),
    frequency: axis(numbers(document["orders"]), endsOf("orders_low", "orders_high"), 1),
    monetary: axis(numbers(document["amount"]), endsOf("spend_low", "spend_high"), unit),
  };
}

/** Minor units of one unit of money. */
function minorUnitsOf(money: string): number {
  const format = new Intl.NumberFormat("en", { style: "currency", currency: money });
  return 10 ** (format.resolvedOptions().maximumFractionDigits ?? 2);
}

const numbers = (value: unknown): number[] => (Array.isArray(value) ? value.map(Number) : []);
