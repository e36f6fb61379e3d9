// The operations about candidates of a program: check, simulate over past orders, and shadow live ones.
import type { Operation } from "./operations.ts";
import {
  programCheckRequest,
  programProblems,
  shadow,
  shadowQuery,
  shadowReport,
  shadowRequest,
  simulation,
  simulationId,
  simulationRequest,
  simulationStarted,
} from "./simulations.ts";

const managed = { group: "Management", scope: "manage", testTime: false, idempotency: "none" } as const;
const aboutDocument = ["invalid_program", "invalid_condition", "currency_unknown"] as const;

export const simulationOperations: readonly Operation[] = [
  {
    ...managed,
    id: "checkProgram",
    method: "POST",
    path: "/manage/v1/program/check",
    summary: "Check a program without publishing it",
    description:
      "Every problem of the document at once, also those of its shape; an empty list when it can be published.",
    body: programCheckRequest,
    answer: { status: 200, schema: programProblems },
    refusals: [],
  },
  {
    ...managed,
    id: "startSimulation",
    method: "POST",
    path: "/manage/v1/simulations",
    summary: "Simulate a candidate over past orders",
    description:
      "Replays what members did from `from` to `to` under the candidate, with their caps, tiers and expiry, and compares it " +
      "with what really happened. Vouchers that were used count as discounts; shoppers redeem what they redeemed in life, as " +
      "far as the candidate allows; a budget is drawn on member by member. One runs at a time.",
    body: simulationRequest,
    answer: { status: 201, schema: simulationStarted },
    idempotency: "key",
    refusals: [...aboutDocument, "simulation_running", "simulation_too_large"],
  },
  {
    ...managed,
    id: "getSimulation",
    method: "GET",
    path: "/manage/v1/simulations/{id}",
    summary: "Read a simulation: its progress, and its result once it is done",
    parameters: { id: simulationId },
    answer: { status: 200, schema: simulation },
    refusals: ["simulation_not_found"],
  },
  {
    ...managed,
    id: "cancelSimulation",
    method: "DELETE",
    path: "/manage/v1/simulations/{id}",
    summary: "Cancel a simulation",
    description: "One that has ended stays as it ended.",
    parameters: { id: simulationId },
    answer: { status: 200, schema: simulation },
    idempotency: "own-id",
    refusals: ["simulation_not_found"],
  },
  {
    ...managed,
    id: "putShadow",
    method: "PUT",
    path: "/manage/v1/program/shadow",
    summary: "Evaluate a candidate on live orders without giving anything",
    description:
      "Takes the place of the shadow before. Places hear of it within a minute. A document equal to the present shadow's " +
      "gives that shadow again.",
    body: shadowRequest,
    answer: { status: 200, schema: shadow },
    idempotency: "own-id",
    refusals: aboutDocument,
  },
  {
    ...managed,
    id: "stopShadow",
    method: "DELETE",
    path: "/manage/v1/program/shadow",
    summary: "Stop the shadow; its report stays",
    answer: { status: 200, schema: shadow },
    idempotency: "own-id",
    refusals: ["shadow_not_found"],
  },
  {
    ...managed,
    id: "getShadowReport",
    method: "GET",
    path: "/manage/v1/program/shadow/report",
    summary: "Read what the newest shadow would have given, by local day and rule",
    query: shadowQuery,
    answer: { status: 200, schema: shadowReport },
    refusals: ["shadow_not_found"],
  },
];
