// Cuts members who are ranked by what they bring: pyramid, tenths and the share of the best fifth, from sums at a few ranks.
import type { ValueReport } from "@regulars/contracts/insights-members";

/** What the best so many bring together: their positive values, all of their values, and what they have spent. */
export interface RankSum {
  readonly rank: number;
  readonly positive: number;
  readonly value: number;
  readonly spend: number;
}

export interface RankCounts {
  /** Members with an order, and those of them whose value is above zero. */
  readonly buyers: number;
  readonly positive: number;
  /** All members. */
  readonly members: number;
}

// As `customerPyramid` of packages/insights, which takes a value of each member: a million of them stay in the database.
const PYRAMID_WIDTHS = [
  ["top", 0.01],
  ["large", 0.04],
  ["medium", 0.15],
] as const;
const PARETO_SHARE = 0.2;
const DECILES = 10;

/** The ranks at which sums are needed. */
export function ranksNeeded({ buyers, positive }: RankCounts): number[] {
  const best = Math.floor(PARETO_SHARE * buyers);
  const tenths = Array.from({ length: DECILES }, (_, tenth) => Math.round(((tenth + 1) * buyers) / DECILES));
  const ranks = [...pyramidEdges(positive).map(([, until]) => until), ...tenths, best, best + 1, positive, buyers];
  return [...new Set(ranks)].filter((rank) => rank >= 1 && rank <= buyers).sort((one, other) => one - other);
}

export function cutByRank(
  counts: RankCounts,
  sums: readonly RankSum[],
): Pick<ValueReport, "pyramid" | "paretoShare" | "deciles"> {
  const at = new Map(sums.map((sum) => [sum.rank, sum]));
  const until = (rank: number) => at.get(rank) ?? { rank, positive: 0, value: 0, spend: 0 };
  const all = until(counts.positive).positive;
  const best = Math.floor(PARETO_SHARE * counts.buyers);
  const next = until(best + 1).positive - until(best).positive;
  const edge = (tenth: number) => Math.round((tenth * counts.buyers) / DECILES);
  return {
    pyramid: pyramidOf(
      counts,
      (rank) => until(rank).positive,
      until(counts.buyers).value - until(counts.positive).value,
    ),
    paretoShare:
      all === 0 ? null : (until(best).positive + (PARETO_SHARE * counts.buyers - best) * Math.max(0, next)) / all,
    deciles: Array.from({ length: DECILES }, (_, tenth) => {
      const [low, high] = [until(edge(tenth)), until(edge(tenth + 1))];
      const members = edge(tenth + 1) - edge(tenth);
      return { members, value: high.value - low.value, spend: high.spend - low.spend };
    }),
  };
}

function pyramidOf(
  { positive, members }: RankCounts,
  made: (rank: number) => number,
  below: number,
): ValueReport["pyramid"] {
  const all = made(positive);
  const levels: ValueReport["pyramid"] = [];
  const add = (level: (typeof levels)[number]["level"], count: number, value: number) =>
    levels.push({
      level,
      members: count,
      value,
      shareOfMembers: count / Math.max(1, members),
      shareOfValue: level === "inactive" || all === 0 ? 0 : value / all,
    });
  let from = 0;
  for (const [level, until] of pyramidEdges(positive)) {
    add(level, until - from, made(until) - made(from));
    from = until;
  }
  add("inactive", members - positive, below);
  return levels;
}

function pyramidEdges(positive: number): ["top" | "large" | "medium" | "small", number][] {
  let share = 0;
  const edges = PYRAMID_WIDTHS.map(([level, width]): ["top" | "large" | "medium", number] => {
    share += width;
    return [level, Math.round(share * positive)];
  });
  return [...edges, ["small", positive]];
}
