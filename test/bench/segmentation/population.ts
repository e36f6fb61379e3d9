// Draws members who buy as Pareto/NBD and Gamma-Gamma suppose: how long each stays, how many orders, at which level.
import { seededRandom } from "@regulars/insights/seeded-random";

export interface Population {
  readonly members: number;
  /** Exactly so many orders of all members together. */
  readonly orders: number;
  readonly seed: number;
}

/** Times are local days since the first day of the history, as fractions. */
export interface DrawnMember {
  readonly enrolledAt: number;
  /** The first order; NaN for a member who never bought. */
  readonly from: number;
  /** No order comes after it: the member has left, or the history ends. */
  readonly until: number;
  readonly orders: number;
  /** The scale of the member's amounts, in minor units. */
  readonly level: number;
}

/** Three years, the last day being the bench's today. */
export const HISTORY_DAYS = 1096;
/** The last member joined so long ago at least. */
const YOUNGEST_DAYS = 1;
const NEVER_BOUGHT = 0.08;
/** Shapes of how members differ: in rate, in how soon they leave, in what they spend. All are multiples of a half. */
const RATE_SHAPE = 1.5;
const LEAVING_SHAPE = 1;
const LEAVING_DAYS = 900;
const SPENDING_SHAPE = 4;
const SPENDING_SCALE = 15_000;
const DAYS_TO_FIRST_ORDER = 3;

/** The members in order; the same for the same seed. */
export function drawPopulation({ members, orders, seed }: Population): DrawnMember[] {
  const random = seededRandom(seed);
  const lives = Array.from({ length: members }, () => drawLife(random));
  const buyers = lives.filter(({ from }) => !Number.isNaN(from));
  const repeated = orders - buyers.length;
  if (repeated < 0) throw new Error(`${orders} orders are too few for ${buyers.length} members who bought.`);
  const expected = buyers.reduce((sum, { from, until, rate }) => sum + rate * (until - from), 0);
  const counts = lives.map(({ from, until, rate }) =>
    Number.isNaN(from) ? 0 : 1 + poisson(random, (rate * (until - from) * repeated) / expected),
  );
  settleTotal(counts, orders);
  return lives.map(({ rate: _rate, ...life }, place) => ({ ...life, orders: counts[place] ?? 0 }));
}

function drawLife(random: () => number) {
  const enrolledAt = random() * (HISTORY_DAYS - YOUNGEST_DAYS);
  const never = random() < NEVER_BOUGHT;
  const first = Math.min(HISTORY_DAYS - YOUNGEST_DAYS, enrolledAt + DAYS_TO_FIRST_ORDER * -Math.log(random()));
  const rate = gamma(random, RATE_SHAPE);
  const stays = (LEAVING_DAYS * -Math.log(random())) / gamma(random, LEAVING_SHAPE);
  const level = SPENDING_SCALE / gamma(random, SPENDING_SHAPE);
  const from = never ? NaN : first;
  return { enrolledAt, from, until: Math.min(HISTORY_DAYS, first + stays), rate, level };
}

/** Chance misses the total by a thousandth or so: members who came back give or take one order each. */
function settleTotal(counts: number[], wanted: number) {
  let missing = wanted - counts.reduce((sum, count) => sum + count, 0);
  const step = Math.sign(missing);
  for (let place = 0; missing !== 0; place = (place + 1) % counts.length) {
    const count = counts[place] ?? 0;
    if (count < 2) continue;
    counts[place] = count + step;
    missing -= step;
  }
}

/** Gamma(shape, 1) for a multiple of a half: exponentials, and half the square of a normal (a chi-square's half). */
function gamma(random: () => number, shape: number): number {
  let sum = 0;
  for (let whole = 1; whole <= shape; whole += 1) sum -= Math.log(random());
  if (shape % 1 !== 0) sum -= Math.log(random()) * Math.cos(2 * Math.PI * random()) ** 2;
  return sum;
}

/** By counting (Knuth 1969), in parts small enough that e^−part is exact. */
function poisson(random: () => number, mean: number): number {
  const PART = 30;
  let count = 0;
  for (let left = mean; left > 0; left -= PART) {
    const floor = Math.exp(-Math.min(left, PART));
    for (let product = random(); product > floor; product *= random()) count += 1;
  }
  return count;
}
