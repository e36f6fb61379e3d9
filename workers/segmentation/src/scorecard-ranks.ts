// Decides where a store stands among those of its region: the mean of its percentile ranks on every axis that it has.

/** What stores are compared by; null: not known of this store. More is better on each. */
export interface StoreAxes {
  readonly enrolmentRate: number | null;
  readonly repeatRate: number | null;
  readonly redemptionRate: number | null;
  readonly averageOrder: number | null;
  readonly rating: number | null;
}

/** Of a store that is not compared. */
export const NO_AXES: StoreAxes = {
  enrolmentRate: null,
  repeatRate: null,
  redemptionRate: null,
  averageOrder: null,
  rating: null,
};

export interface StorePlace {
  /** 0 to 100; null for a store that cannot be compared on any axis. */
  readonly score: number | null;
  /** 1 is best; stores of equal score share a place. */
  readonly rank: number | null;
  /** Stores of the region that have a place. */
  readonly ranked: number;
}

const AXES = ["enrolmentRate", "repeatRate", "redemptionRate", "averageOrder", "rating"] as const;
/** Scores nearer than this are equal: sums of the same ranks may differ in their last digits. */
const EQUAL_WITHIN = 1e-9;

/**
 * The place of each store, by its id. The percentile rank of a value among n stores that have one is the share of the
 * n - 1 others below it, those equal to it counting half: 100 for the best, 0 for the last, 50 for all when all are
 * equal. An axis on which a region has one store alone compares nothing.
 */
export function storePlaces(
  stores: readonly { readonly storeId: string; readonly regionId: string; readonly axes: StoreAxes }[],
): Map<string, StorePlace> {
  const places = new Map<string, StorePlace>();
  for (const region of Map.groupBy(stores, ({ regionId }) => regionId).values()) {
    const valuesOf = (axis: (typeof AXES)[number]) => region.flatMap(({ axes }) => axes[axis] ?? []);
    const values = new Map(AXES.map((axis) => [axis, valuesOf(axis)]));
    const scores = region.map(({ storeId, axes }) => {
      const ranks = AXES.flatMap((axis) => percentileRank(axes[axis], values.get(axis) ?? []) ?? []);
      const sum = ranks.reduce((total, rank) => total + rank, 0);
      return { storeId, score: ranks.length === 0 ? null : sum / ranks.length };
    });
    const ranked = scores.flatMap(({ score }) => score ?? []);
    for (const { storeId, score } of scores) {
      const better = score === null ? 0 : ranked.filter((other) => other > score + EQUAL_WITHIN).length;
      places.set(storeId, { score, rank: score === null ? null : better + 1, ranked: ranked.length });
    }
  }
  return places;
}

function percentileRank(value: number | null, all: readonly number[]): number | null {
  if (value === null || all.length < 2) return null;
  const below = all.filter((other) => other < value).length;
  const equal = all.filter((other) => other === value).length - 1;
  return (100 * (below + equal / 2)) / (all.length - 1);
}
