// Registers every operation of the management API and answers it: who asks, is it allowed, what comes of it.
import type { Operation } from "@regulars/contracts/operations";
import { manageOperations } from "@regulars/contracts/operations-manage";
import { readParameter } from "@regulars/edge/body";
import { errorResponse } from "@regulars/edge/error-boundary";
import { answerResponse, problemResponse } from "@regulars/edge/problem";
import { type RequestContext, startRequest } from "@regulars/edge/request-context";
import { honoPath, makeUnroutedResponse } from "@regulars/edge/routes";
import { type Context, Hono } from "hono";
import { admit } from "./access.ts";
import { getBudget } from "./budgets.ts";
import { listAlerts, listDeadLetters, reconcile, redriveDeadLetters } from "./care.ts";
import type { Handler } from "./call.ts";
import { clearingHandlers } from "./clearing.ts";
import { codeHandlers } from "./codes.ts";
import { databaseOf, refusalOfDatabaseError } from "./database.ts";
import { Download, downloadResponse } from "./download.ts";
import { insightReportHandlers } from "./insight-report-handlers.ts";
import { exportHandlers } from "./exports.ts";
import { liabilityHandlers } from "./liability.ts";
import { createKey, listKeys, revokeKey } from "./keys.ts";
import { searchHandlers } from "./member-search.ts";
import { networkHandlers } from "./networks.ts";
import { partnerHandlers } from "./partners.ts";
import { getProgram, listPrograms, putProgram } from "./programs.ts";
import { publishTenantAgain } from "./republish.ts";
import { segmentHandlers } from "./segment-handlers.ts";
import { simulationHandlers } from "./simulation-handlers.ts";
import { getStoreBoard, rebuildStoreBoard } from "./store-board.ts";
import { listOwners, listRegions, listStores, putOwner, putRegion, putStore } from "./stores.ts";
import { createTenant, getTenant } from "./tenants.ts";

const handlers: Readonly<Record<string, Handler>> = {
  createTenant,
  publishTenant: publishTenantAgain,
  getTenant,
  listRegions,
  putRegion,
  listOwners,
  putOwner,
  listStores,
  putStore,
  getStoreBoard,
  rebuildStoreBoard,
  createKey,
  listKeys,
  revokeKey,
  putProgram,
  getProgram,
  listPrograms,
  listAlerts,
  reconcile,
  listDeadLetters,
  redriveDeadLetters,
  ...simulationHandlers,
  ...codeHandlers,
  getBudget,
  ...networkHandlers,
  ...partnerHandlers,
  ...clearingHandlers,
  ...liabilityHandlers,
  ...searchHandlers,
  ...exportHandlers,
  ...segmentHandlers,
  ...insightReportHandlers,
};

const unroutedResponse = makeUnroutedResponse(manageOperations);

export const app = new Hono<{ Bindings: Env }>();

for (const operation of manageOperations) {
  const handler = handlers[operation.id];
  if (handler === undefined) throw new Error(`Nothing handles the operation ${operation.id}`);
  app.on(operation.method, honoPath(operation.path), (hono) => answer(hono, operation, handler));
}

app.notFound((hono) => unroutedResponse(hono.req.path, startRequest(hono.req.raw.headers)));

async function answer(hono: Context<{ Bindings: Env }>, operation: Operation, handler: Handler): Promise<Response> {
  const context = startRequest(hono.req.raw.headers);
  try {
    return await run(hono, operation, handler, context);
  } catch (error) {
    const refusal = refusalOfDatabaseError(error);
    if (refusal === null) return errorResponse(error, context);
    console.error(JSON.stringify({ message: "database failed", requestId: context.requestId, error: String(error) }));
    return problemResponse(refusal, context);
  }
}

async function run(
  hono: Context<{ Bindings: Env }>,
  operation: Operation,
  handler: Handler,
  context: RequestContext,
): Promise<Response> {
  const { env, req } = hono;
  const database = databaseOf(env);
  const admitted = await admit(req.raw.headers, operation, { env, database, context });
  if (!admitted.ok) return problemResponse(admitted.refusals, context);
  const parameters: Record<string, string> = {};
  for (const [name, schema] of Object.entries(operation.parameters ?? {})) {
    const parameter = readParameter(req.param(name), schema, name);
    if (!parameter.ok) return problemResponse(parameter.refusals, context);
    parameters[name] = String(parameter.value);
  }
  const outcome = await handler({ request: req.raw, env, database, parameters, ...admitted.value });
  if (!outcome.ok) return problemResponse(outcome.refusals, context);
  if (outcome.value instanceof Download) return downloadResponse(outcome.value, context);
  return answerResponse(outcome.value, operation.answer.status, context);
}
