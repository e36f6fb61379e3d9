// Candidates of a program: a simulation over past orders, a shadow on live ones, and a check without publishing.
import { z } from "zod";
import { CURRENCIES_MAX } from "./limits.ts";
import { program, tender } from "./program.ts";
import { REFUSALS, type RefusalCode } from "./refusals.ts";
import { callerId, day, instant, memberId, slug } from "./values.ts";

/** Orders of one simulation: at some 2,000 a second one takes some minutes. */
export const SIMULATION_ORDERS_MAX = 2_000_000;
/** Examples of a shadow's report: those of the newest days first. */
export const SHADOW_EXAMPLES_MAX = 50;

const document = z.strictObject({ ...program.shape, tender: z.array(tender).max(CURRENCIES_MAX) });

export const simulationId = z.string().regex(/^sim_[a-z0-9]{20}$/);
export const shadowId = z.string().regex(/^shd_[a-z0-9]{20}$/);

/** `sample`: the part of all members, always the same ones, that is looked at. */
export const simulationRequest = z
  .strictObject({ program, from: instant, to: instant, sample: z.number().min(0.001).max(1).default(1) })
  .refine(({ from, to }) => Date.parse(from) < Date.parse(to), { path: ["to"], params: { code: "invalid_value" } });

/** `given` less what was taken back; `cost` and `liability` in minor units by what a point costs. */
const figures = z.strictObject({
  given: z.int(),
  redeemed: z.int(),
  expired: z.int(),
  outstanding: z.int(),
  cost: z.int(),
  liability: z.int(),
});

const gain = z.strictObject({ memberId, now: z.int(), candidate: z.int(), difference: z.int() });

const explainedRule = z.strictObject({
  rule: slug,
  currency: slug,
  points: z.int(),
  reason: z.string().nullable(),
  base: z.int().nullable(),
  per: z.int().nullable(),
  times: z.number().nullable(),
});

const explainedOrder = z.strictObject({
  earned: z.array(z.strictObject({ rule: slug, currency: slug, points: z.int() })),
  rules: z.array(explainedRule),
});

export const simulationExample = z.strictObject({
  memberId,
  orderId: callerId,
  placedAt: instant,
  storeId: slug,
  net: z.int(),
  difference: z.int(),
  now: explainedOrder,
  candidate: explainedOrder,
});

export const simulationResult = z.strictObject({
  members: z.int(),
  orders: z.int(),
  ordersDiffering: z.int(),
  /** Members whose history could not be replayed; their ids are in the log. */
  membersFailed: z.int(),
  currencies: z.array(
    z.strictObject({
      currency: slug,
      now: figures,
      candidate: figures,
      /** By points given to each member; `deciles` are eleven differences, from the least to the most. */
      members: z.strictObject({
        gain: z.int(),
        lose: z.int(),
        same: z.int(),
        deciles: z.array(z.int()),
        gainMost: z.array(gain),
        loseMost: z.array(gain),
      }),
    }),
  ),
  /** `rule` is null for points that no rule gave: by hand, from other members. */
  rules: z.array(z.strictObject({ rule: z.string().nullable(), currency: slug, now: z.int(), candidate: z.int() })),
  tiers: z.array(z.strictObject({ tier: z.string(), now: z.int(), candidate: z.int() })),
  /** Requests of the past that the candidate would refuse, and kinds of events that cannot be replayed. */
  refused: z.array(z.strictObject({ code: z.string(), count: z.int() })),
  notReplayed: z.array(z.strictObject({ kind: z.string(), count: z.int() })),
  examples: z.array(simulationExample),
});

/** The orders in all are an estimate until the run is done. */
export const simulation = z.strictObject({
  id: simulationId,
  state: z.enum(["running", "done", "cancelled", "failed"]),
  from: instant,
  to: instant,
  sample: z.number(),
  progress: z.strictObject({ orders: z.int(), ordersTotal: z.int() }),
  createdAt: instant,
  endedAt: instant.nullable(),
  error: z.string().nullable(),
  result: simulationResult.nullable(),
});

export const simulationStarted = z.strictObject({ id: simulationId });

export const shadowRequest = z.strictObject({ program });
export const shadow = z.strictObject({
  id: shadowId,
  startedAt: instant,
  endedAt: instant.nullable(),
});
export const shadowQuery = z.strictObject({ from: day.optional(), to: day.optional() });

/** Local days, `from` and `to` included. Caps of members and budgets are as they were left when each order was decided. */
export const shadowReport = z.strictObject({
  shadow: z.strictObject({ ...shadow.shape, program: document }),
  orders: z.int(),
  ordersDiffering: z.int(),
  days: z.array(z.strictObject({ day, orders: z.int(), differing: z.int() })),
  currencies: z.array(z.strictObject({ currency: slug, now: z.int(), candidate: z.int() })),
  rules: z.array(
    z.strictObject({ rule: slug, currency: slug, now: z.int(), candidate: z.int(), ordersDiffering: z.int() }),
  ),
  examples: z.array(
    z.strictObject({ day, memberId, orderId: callerId, now: explainedOrder, candidate: explainedOrder }),
  ),
});

/** The guarantee of the cast: the keys of REFUSALS are its codes. */
const code = z.enum(Object.keys(REFUSALS) as [RefusalCode, ...RefusalCode[]]);

export const programCheckRequest = z.strictObject({ program: z.unknown() });
export const programProblems = z.strictObject({
  problems: z.array(
    z.strictObject({
      code,
      field: z.string().nullable(),
      facts: z.record(z.string(), z.union([z.string(), z.number()])),
    }),
  ),
});

/** `shadow:{tenantId}` in KV: what the projector evaluates live orders by. */
export interface ShadowRecord {
  readonly shadowId: string;
  readonly timeZone: string;
  readonly program: z.output<typeof program>;
}
export const shadowPath = (tenantId: string) => `shadow:${tenantId}`;

export type SimulationRequest = z.output<typeof simulationRequest>;
export type SimulationResult = z.output<typeof simulationResult>;
export type SimulationExample = z.output<typeof simulationExample>;
export type Simulation = z.output<typeof simulation>;
export type Shadow = z.output<typeof shadow>;
export type ShadowReport = z.output<typeof shadowReport>;
export type ProgramProblems = z.output<typeof programProblems>;
