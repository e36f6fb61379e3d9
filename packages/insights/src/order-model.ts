// What a model of buying is: a likelihood in three parts, and what it foretells of a member.
import { type History, type OrderGroups, overPairs, sumByFrequency } from "./order-groups.ts";
import { logAddExp } from "./special-functions.ts";

/**
 * The likelihood of one member's history as `e^ofFrequency(x) · (e^lasting(x, T) + e^stopped(x, t_x))`: the member
 * bought x times, and either lasted past T or stopped between the last order and T. All parts are logarithms.
 */
export type LikelihoodParts = {
  readonly ofFrequency: (frequency: number) => number;
  readonly lasting: (frequency: number, age: number) => number;
  readonly stopped: (frequency: number, recency: number) => number;
};

/** A model of how often members buy and when they stop. Horizons are in the unit of time of the histories. */
export type OrderModel<Name extends string> = {
  readonly name: string;
  readonly parameters: readonly Name[];
  readonly likelihood: (parameters: Record<Name, number>) => LikelihoodParts;
  /** Points from which a fit starts, the usual one first, given the mean rate of orders and the mean age. */
  readonly starts: (rate: number, meanAge: number) => readonly [Record<Name, number>, ...Record<Name, number>[]];
  /** Probability that the member has not stopped by T, in [0, 1]. */
  readonly probabilityAlive: (parameters: Record<Name, number>, history: History) => number;
  /** Orders expected of a member with this history in the `horizon` after T. */
  readonly expectedOrders: (parameters: Record<Name, number>, history: History, horizon: number) => number;
  /** Orders expected of a new member in the `horizon` after the first order, which does not count. */
  readonly expectedOrdersOfNew: (parameters: Record<Name, number>, horizon: number) => number;
  /** Probability of exactly `count` orders of a new member in the `horizon` after the first order. */
  readonly probabilityOfOrders: (parameters: Record<Name, number>, count: number, horizon: number) => number;
};

/** The log-likelihood of all members of `groups`. */
export function logLikelihood<Name extends string>(
  model: OrderModel<Name>,
  parameters: Record<Name, number>,
  groups: OrderGroups,
): number {
  const parts = model.likelihood(parameters);
  const lasting = overPairs(groups.agePairs, parts.lasting);
  const stopped = overPairs(groups.recencyPairs, parts.stopped);
  const { rowAge, rowRecency, rowMembers } = groups;
  let sum = sumByFrequency(groups, parts.ofFrequency);
  for (let row = 0; row < rowMembers.length; row += 1) {
    const past = lasting[rowAge[row] as number] as number;
    const before = stopped[rowRecency[row] as number] as number;
    sum += (rowMembers[row] as number) * logAddExp(past, before);
  }
  return sum;
}

/** The log-likelihood of one member. */
export function logLikelihoodOf<Name extends string>(
  model: OrderModel<Name>,
  parameters: Record<Name, number>,
  { frequency, recency, age }: History,
): number {
  const parts = model.likelihood(parameters);
  return parts.ofFrequency(frequency) + logAddExp(parts.lasting(frequency, age), parts.stopped(frequency, recency));
}
