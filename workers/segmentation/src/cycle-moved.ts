// Decides whether a usual cycle has moved so far since it was stored that what was foretold by it should be foretold anew.
import type { UsualCycle } from "@regulars/insights/buying-cycle";

/** A median that moves by less than this share moves the end of a month's supply by about a day. */
const MEDIAN_MOVED_MIN = 0.03;
/** Windows are as wide as the root of the variance: this moves their edges by about a tenth of their width. */
const VARIANCE_MOVED_MIN = 0.2;
/** Half way between two bounds of the weight of own gaps: a member with one gap sees its cycle move by a few percent. */
const CREDIBILITY_MOVED_MIN = 0.5;

/** Whether a cycle is so far from the stored one that what was foretold by it should be foretold anew. */
export function hasMoved(stored: UsualCycle, fitted: UsualCycle): boolean {
  const apart = (one: number, other: number) => Math.abs(Math.log(one / other));
  return (
    apart(stored.medianDays, fitted.medianDays) > MEDIAN_MOVED_MIN ||
    apart(stored.withinVariance, fitted.withinVariance) > VARIANCE_MOVED_MIN ||
    apart(stored.credibilityGaps, fitted.credibilityGaps) > CREDIBILITY_MOVED_MIN
  );
}
