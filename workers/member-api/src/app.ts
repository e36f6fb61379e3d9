// The router: every operation of the contract's table gets its handler, and nothing else is answered.
import { memberOperations } from "@regulars/contracts/operations-member";
import type { Operation } from "@regulars/contracts/operations";
import { readParameter } from "@regulars/edge/body";
import { errorResponse } from "@regulars/edge/error-boundary";
import { answerResponse, problemResponse } from "@regulars/edge/problem";
import { startRequest, type RequestContext } from "@regulars/edge/request-context";
import { honoPath, makeUnroutedResponse } from "@regulars/edge/routes";
import { PAGE_HEADERS } from "@regulars/edge/security-headers";
import { Hono, type Context } from "hono";
import { isRefusal, type Handler } from "./call.ts";
import { checkoutHandlers } from "./checkout-handlers.ts";
import docs from "./docs.gen.html";
import { memberHandlers } from "./member-handlers.ts";
import openapi from "./openapi.gen.json";
import { pointHandlers } from "./point-handlers.ts";
import { explainHandlers } from "./explain-handlers.ts";
import { lifeHandlers } from "./life-handlers.ts";
import { rewardHandlers } from "./reward-handlers.ts";
import { householdHandlers } from "./household-handlers.ts";
import { sharingHandlers } from "./sharing-handlers.ts";
import { tillHandlers } from "./till-handlers.ts";
import { activityHandlers } from "./activity-handlers.ts";
import { openSession } from "./session.ts";

type Router = { Bindings: Env; Variables: { context: RequestContext } };

const handlers: Readonly<Record<(typeof memberOperations)[number]["id"], Handler>> = {
  ...checkoutHandlers,
  ...memberHandlers,
  ...pointHandlers,
  ...lifeHandlers,
  ...activityHandlers,
  ...explainHandlers,
  ...rewardHandlers,
  ...sharingHandlers,
  ...householdHandlers,
  ...tillHandlers,
};

export const app = new Hono<Router>();

app.get("/healthz", (c) => answerResponse({ status: "ok" }, 200, startRequest(c.req.raw.headers)));
app.get("/openapi.json", (c) => c.json(openapi, 200, { "Cache-Control": "public, max-age=300" }));
app.get("/docs", () => new Response(docs, { headers: PAGE_HEADERS }));

for (const operation of memberOperations) {
  app.on(operation.method, honoPath(operation.path), (c) => handle(c, operation, handlers[operation.id]));
}

const unrouted = makeUnroutedResponse(memberOperations);
app.notFound((c) => unrouted(c.req.path, startRequest(c.req.raw.headers)));
app.onError((error, c) => errorResponse(error, c.get("context") ?? startRequest(c.req.raw.headers)));

async function handle(c: Context<Router>, operation: Operation, handler: Handler): Promise<Response> {
  const context = startRequest(c.req.raw.headers);
  c.set("context", context);
  if (operation.scope === null || operation.scope === "operator") throw new Error(`${operation.id} has no scope`);
  const session = await openSession(c.env, c.req.raw.headers, operation.scope, context);
  if (isRefusal(session)) return problemResponse(session, context);
  const parameters: Record<string, string> = {};
  for (const [name, schema] of Object.entries(operation.parameters ?? {})) {
    const read = readParameter(c.req.param(name), schema, name);
    if (!read.ok) return problemResponse(read.refusals, context);
    parameters[name] = String(read.value);
  }
  return handler({ env: c.env, ctx: c.executionCtx, request: c.req.raw, parameters, operation, session, context });
}
