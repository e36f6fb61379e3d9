// Gamma-Gamma: what a member spends in one order, apart from how often the member buys.
import { maximize } from "./maximize.ts";
import { logGamma } from "./special-functions.ts";

/** An order's amount is Gamma(p, rate), the rate differs between members as Gamma(q, v); v in units of money. */
export type GammaGamma = "p" | "q" | "v";
type Parameters = Record<GammaGamma, number>;

/** What the model knows of a member: x repeat orders of `monetary` on average (see purchases.ts). */
export type Spending = { readonly frequency: number; readonly monetary: number };

/** The spending of all members with a repeat order, one row for each distinct pair of x and mean. */
export type SpendingGroups = {
  readonly members: number;
  readonly frequency: Float64Array;
  readonly monetary: Float64Array;
  readonly logMonetary: Float64Array;
  readonly rowMembers: Float64Array;
};

/** Groups members with x ≥ 1 and a positive mean; the others say nothing of spending and are left out. */
export function groupSpending(spending: Iterable<Spending>): SpendingGroups {
  const rows = new Map<number, Map<number, number>>();
  for (const { frequency, monetary } of spending) {
    if (!(frequency > 0 && monetary > 0)) continue;
    const row = rows.get(frequency) ?? new Map<number, number>();
    if (row.size === 0) rows.set(frequency, row);
    row.set(monetary, (row.get(monetary) ?? 0) + 1);
  }
  const flat = [...rows].flatMap(([frequency, row]) =>
    [...row].map(([monetary, count]) => [frequency, monetary, count]),
  );
  const rowMembers = Float64Array.from(flat, ([, , count = 0]) => count);
  return {
    members: rowMembers.reduce((sum, count) => sum + count, 0),
    frequency: Float64Array.from(flat, ([frequency = 0]) => frequency),
    monetary: Float64Array.from(flat, ([, monetary = 0]) => monetary),
    logMonetary: Float64Array.from(flat, ([, monetary = 0]) => Math.log(monetary)),
    rowMembers,
  };
}

/**
 * The log-likelihood of all members of `groups`: Fader & Hardie (2013), The Gamma-Gamma Model of Monetary Value,
 * equation 1a; Fader, Hardie & Lee (2005), RFM and CLV, Journal of Marketing Research 42(4).
 */
export function gammaGammaLogLikelihood({ p, q, v }: Parameters, groups: SpendingGroups): number {
  const { frequency, monetary, logMonetary, rowMembers } = groups;
  const ofAll = q * Math.log(v) - logGamma(q);
  let x = Number.NaN;
  let ofFrequency = 0;
  let sum = 0;
  for (let row = 0; row < rowMembers.length; row += 1) {
    if (frequency[row] !== x) {
      x = frequency[row] as number;
      ofFrequency = ofAll + logGamma(p * x + q) - logGamma(p * x) + p * x * Math.log(x);
    }
    const z = monetary[row] as number;
    const one = ofFrequency + (p * x - 1) * (logMonetary[row] as number) - (p * x + q) * Math.log(x * z + v);
    sum += (rowMembers[row] as number) * one;
  }
  return sum;
}

/**
 * Mean spending expected of a member's next order: between the member's own mean and that of all, nearer to the own the
 * more orders there were (Fader & Hardie 2013, eq. 5). Without a repeat order it is the mean of all, p·v / (q - 1),
 * which does not exist (Infinity) for q ≤ 1.
 */
export function expectedSpend({ p, q, v }: Parameters, { frequency, monetary }: Spending): number {
  const weight = p * frequency + q - 1;
  return weight > 0 ? (p * (v + frequency * monetary)) / weight : Number.POSITIVE_INFINITY;
}

export type FittedSpending = {
  readonly kind: "fitted";
  readonly parameters: Parameters;
  readonly logLikelihood: number;
  readonly members: number;
  /** q ≤ 1: the mean spending of a member without a repeat order does not exist. */
  readonly hasMean: boolean;
};

export type SpendingRefusal =
  | {
      readonly kind: "too_little_data";
      readonly missing: readonly { what: "repeatBuyers"; have: number; need: number }[];
    }
  /** The likelihood has no maximum inside sensible bounds: these amounts are not of this model. */
  | { readonly kind: "no_maximum"; readonly missing: readonly [] };

/** Fewer repeat buyers leave each of the three parameters uncertain by a third or more. */
const LEAST_REPEAT_BUYERS = 100;

/** The parameters of the greatest likelihood, searched on logarithms; too few repeat buyers are refused. */
export function fitGammaGamma(
  groups: SpendingGroups,
  repeatBuyersNeeded = LEAST_REPEAT_BUYERS,
): FittedSpending | SpendingRefusal {
  const { monetary, rowMembers, members } = groups;
  if (members < Math.max(1, repeatBuyersNeeded)) {
    return { kind: "too_little_data", missing: [{ what: "repeatBuyers", have: members, need: repeatBuyersNeeded }] };
  }
  const mean = monetary.reduce((sum, z, row) => sum + z * (rowMembers[row] ?? 0), 0) / members;
  const starts = [
    { p: 2, q: 3, v: 1 },
    { p: 8, q: 5, v: 0.5 },
  ];
  const maximum = maximize(
    (at) => gammaGammaLogLikelihood(parametersAt(at, mean), groups),
    starts.map(({ p, q, v }) => [p, q, v].map(Math.log)),
  );
  if (!maximum.settled || !Number.isFinite(maximum.value)) return { kind: "no_maximum", missing: [] };
  const parameters = parametersAt(maximum.at, mean);
  return { kind: "fitted", parameters, logLikelihood: maximum.value, members, hasMean: parameters.q > 1 };
}

/**
 * Pearson's correlation between how often and how much members buy again. The model supposes that there is none: beyond
 * ±0.3 its spending should not be multiplied with expected orders without a word.
 */
export function spendFrequencyCorrelation({ frequency, monetary, rowMembers, members }: SpendingGroups): number {
  let [sumX, sumZ, sumXX, sumZZ, sumXZ] = [0, 0, 0, 0, 0];
  rowMembers.forEach((count, row) => {
    const x = frequency[row] ?? 0;
    const z = monetary[row] ?? 0;
    sumX += count * x;
    sumZ += count * z;
    sumXX += count * x * x;
    sumZZ += count * z * z;
    sumXZ += count * x * z;
  });
  const spread = (sumXX - (sumX * sumX) / members) * (sumZZ - (sumZ * sumZ) / members);
  return spread > 0 ? (sumXZ - (sumX * sumZ) / members) / Math.sqrt(spread) : 0;
}

function parametersAt(at: readonly number[], mean: number): Parameters {
  const [p = 0, q = 0, v = 0] = at.map(Math.exp);
  return { p, q, v: v * mean };
}
