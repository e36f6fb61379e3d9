// Starts, shows and cancels simulations of a candidate over past orders, and checks a document without publishing it.
import { createHash } from "node:crypto";
import { jurisdictionOf } from "@regulars/contracts/directory";
import { program } from "@regulars/contracts/program";
import {
  type ProgramProblems,
  programCheckRequest,
  type Simulation,
  SIMULATION_ORDERS_MAX,
  type SimulationRequest,
  type SimulationResult,
  simulationRequest,
} from "@regulars/contracts/simulations";
import type { Refusal } from "@regulars/contracts/refusals";
import { type Read, readJson } from "@regulars/edge/body";
import { IDEMPOTENCY_KEY_HEADER, readIdempotencyKey, requestHash } from "@regulars/edge/idempotency";
import { toRefusals } from "@regulars/edge/issues";
import { withTenant } from "@regulars/schema/connection";
import { simulations } from "@regulars/schema/simulations";
import { and, eq } from "drizzle-orm";
import { type Call, done, parameterOf, refused, tenantOf } from "./call.ts";
import { checkProgram } from "./program-check.ts";
import { countOrders } from "./simulation-pages.ts";
import { insertRow } from "./simulation-run.ts";

/** Every problem of a document, of its shape or of its sense; nothing is published. */
export async function checkCandidate({ request }: Call): Promise<Read<ProgramProblems>> {
  const body = await readJson(request, programCheckRequest);
  if (!body.ok) return body;
  const parsed = program.safeParse(body.value.program);
  const problems = parsed.success ? checkProgram(parsed.data) : toRefusals(parsed.error.issues, body.value.program);
  return done({
    problems: problems.map(({ code, field = null, facts = {} }) => ({ code, field, facts: { ...facts } })),
  });
}

/** The same key and request give the same run, whether it still runs or not. */
export async function startSimulation(call: Call): Promise<Read<{ id: string }>> {
  const { database, request } = call;
  const { tenantId, timeZone } = tenantOf(call);
  const read = readIdempotencyKey(request.headers);
  if (!read.ok) return { ok: false, refusals: [read.refusal] };
  const body = await readJson(request, simulationRequest);
  if (!body.ok) return body;
  const [first, ...others] = checkProgram(body.value.program).map(ofProgram);
  if (first !== undefined) return { ok: false, refusals: [first, ...others] };
  const id = `sim_${idOf(`${tenantId}\n${read.key}`)}`;
  const hash = requestHash("startSimulation", body.value);
  const known = await readRow(call, id);
  if (known !== null) {
    return known.requestHash === hash
      ? done({ id })
      : refused("idempotency_key_reused", { field: IDEMPOTENCY_KEY_HEADER });
  }
  const scope = scopeOf(tenantId, body.value);
  const orders = await countOrders(database, scope);
  if (orders > SIMULATION_ORDERS_MAX) {
    return refused("simulation_too_large", { field: "from", facts: { orders, limit: SIMULATION_ORDERS_MAX } });
  }
  const asked = {
    id,
    requestHash: hash,
    timeZone,
    program: body.value.program,
    ordersTotal: orders,
    askedAt: Date.now(),
  };
  const ask = { ...scope, ...asked };
  const started = await runOf(call).start(ask);
  if (!started.ok) return refused("simulation_running", { facts: { simulationId: started.running } });
  // The run writes it too; here, so that whoever asks next finds it.
  await insertRow(database, ask);
  return done({ id });
}

export async function getSimulation(call: Call): Promise<Read<Simulation>> {
  const id = parameterOf(call, "id");
  const row = await readRow(call, id);
  if (row === null) return refused("simulation_not_found", { field: "id" });
  if (row.state !== "running") return done(answerOf(row));
  const orders = await runOf(call).ordersDone(id);
  // It ended just now: the row tells how.
  const latest = orders === null ? ((await readRow(call, id)) ?? row) : row;
  return done(answerOf(latest, orders ?? latest.ordersDone));
}

export async function cancelSimulation(call: Call): Promise<Read<Simulation>> {
  const id = parameterOf(call, "id");
  const row = await readRow(call, id);
  if (row === null) return refused("simulation_not_found", { field: "id" });
  if (row.state === "running") await runOf(call).cancel(id);
  return done(answerOf((await readRow(call, id)) ?? row));
}

/** 20 letters and digits that follow from a text. */
export function idOf(text: string): string {
  return BigInt(`0x${createHash("sha256").update(text).digest("hex")}`)
    .toString(36)
    .padStart(50, "0")
    .slice(-20);
}

/** A fault of the candidate inside a request that carries it. */
export const ofProgram = (refusal: Refusal): Refusal => ({ ...refusal, field: `program.${refusal.field ?? ""}` });

function scopeOf(tenantId: string, { from, to, sample }: SimulationRequest) {
  return { tenantId, from: Date.parse(from), to: Date.parse(to), sample };
}

// One object a tenant: that is what lets one simulation run at a time.
function runOf(call: Call) {
  const { tenantId } = tenantOf(call);
  const jurisdiction = jurisdictionOf(tenantId);
  const bound = call.env.SIMULATION_RUN;
  const namespace = jurisdiction === null ? bound : bound.jurisdiction(jurisdiction);
  return namespace.get(namespace.idFromName(tenantId));
}

type Row = typeof simulations.$inferSelect;

async function readRow(call: Call, id: string): Promise<Row | null> {
  const { tenantId } = tenantOf(call);
  const wanted = and(eq(simulations.tenantId, tenantId), eq(simulations.simulationId, id));
  const [[row]] = await withTenant(call.database, tenantId, [call.database.select().from(simulations).where(wanted)]);
  return row ?? null;
}

function answerOf(row: Row, ordersDone = row.ordersDone): Simulation {
  return {
    id: row.simulationId,
    state: row.state,
    from: row.fromAt.toISOString(),
    to: row.toAt.toISOString(),
    sample: row.sample,
    progress: { orders: ordersDone, ordersTotal: Math.max(ordersDone, row.ordersTotal) },
    createdAt: row.createdAt.toISOString(),
    endedAt: row.endedAt?.toISOString() ?? null,
    error: row.error,
    // The guarantee of the cast: only SimulationRun fills the column, with a result of its own.
    result: row.result as SimulationResult | null,
  };
}
