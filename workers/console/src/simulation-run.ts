// Runs a tenant's simulation in chunks, one tenant's at a time: what a chunk found is stored before the next begins, so that a
// run goes on after a crash as if nothing had happened.
import { DurableObject } from "cloudflare:workers";
import { compileProgram } from "@regulars/domain/program";
import { CANDIDATE_VERSION, ReplayLedger } from "@regulars/domain/replay-ledger";
import { addReplay, emptyTotals, gainsOf, resultOf, type SimulationTotals } from "@regulars/domain/simulation-totals";
import { type Database, withTenant } from "@regulars/schema/connection";
import { simulations } from "@regulars/schema/simulations";
import { and, eq } from "drizzle-orm";
import { databaseOf } from "./database.ts";
import { type MemberPast, programInForce, programsOf, readPasts, readQuiet } from "./simulation-pages.ts";
import { type MemberGain, type SimulationAsk, type SimulationProgress, SimulationTable } from "./simulation-table.ts";

/** One alarm works this long and then lets others have a turn; an alarm may last 15 minutes. */
const SLICE_MILLISECONDS = 5000;
/** `setAlarm` for now is lost inside an alarm: always later. */
const NEXT_SLICE_MILLISECONDS = 20;
/** A database that stays away for some ten minutes ends the run. */
const FAILURES_MAX = 24;
const RETRY_MILLISECONDS = 1000;
const RETRY_MILLISECONDS_MAX = 30_000;

export type SimulationStart = { readonly ok: true } | { readonly ok: false; readonly running: string };

export class SimulationRun extends DurableObject<Env> {
  readonly #table: SimulationTable;
  #working = false;

  constructor(context: DurableObjectState, env: Env) {
    super(context, env);
    this.#table = new SimulationTable(context.storage);
  }

  /** Begins a run, unless another one is under way. Beginning the same one again changes nothing. */
  async start(ask: SimulationAsk): Promise<SimulationStart> {
    const present = this.#table.ask();
    if (present !== null && present.id !== ask.id) return { ok: false, running: present.id };
    if (present === null) {
      this.#table.begin(ask, { phase: "members", cursor: "", totals: emptyTotals(), failures: 0 });
    }
    await this.#arm(NEXT_SLICE_MILLISECONDS);
    return { ok: true };
  }

  /** Orders done so far; null when this run is not under way. Wakes a run whose alarm was lost. */
  async ordersDone(id: string): Promise<number | null> {
    if (this.#table.ask()?.id !== id) return null;
    const alarm = await this.ctx.storage.getAlarm();
    // After a crash the platform may take its time with an alarm that is overdue.
    if (!this.#working && (alarm ?? 0) < Date.now()) await this.#arm(NEXT_SLICE_MILLISECONDS);
    return this.#table.progress()?.totals.orders ?? 0;
  }

  /** Ends a run without a result; one that is not under way stays as it is. */
  async cancel(id: string): Promise<void> {
    const ask = this.#table.ask();
    if (ask?.id !== id) return;
    const orders = this.#table.progress()?.totals.orders ?? 0;
    await endRow(databaseOf(this.env), ask, { state: "cancelled", ordersDone: orders });
    this.#table.clear();
    await this.ctx.storage.deleteAlarm();
  }

  override async alarm(): Promise<void> {
    const ask = this.#table.ask();
    if (ask === null || this.#working) return;
    this.#working = true;
    try {
      if (await this.#work(ask)) return;
      await this.#arm(NEXT_SLICE_MILLISECONDS);
    } catch (error) {
      await this.#failed(ask, error);
    } finally {
      this.#working = false;
    }
  }

  /** Works for a slice of time; true once the run has ended. */
  async #work(ask: SimulationAsk): Promise<boolean> {
    const database = databaseOf(this.env);
    const candidate = compileProgram(CANDIDATE_VERSION, ask.program);
    await insertRow(database, ask);
    const present = await programInForce(database, ask.tenantId, ask.to);
    const until = Date.now() + SLICE_MILLISECONDS;
    while (Date.now() < until) {
      const progress = this.#table.progress();
      // Cancelled while this run waited for the database.
      if (progress === null || this.#table.ask()?.id !== ask.id) return true;
      if (progress.phase === "ended") return this.#end(ask, { now: present, candidate }, progress);
      const [next, gains] =
        progress.phase === "members"
          ? await replayChunk(database, ask, { present, candidate }, progress)
          : [await addQuiet(database, ask, progress), []];
      if (this.#table.ask()?.id !== ask.id) return true;
      this.#table.advance(next, gains);
    }
    await putProgress(database, ask, this.#table.progress()?.totals.orders ?? 0);
    return false;
  }

  async #end(
    ask: SimulationAsk,
    programs: Parameters<typeof resultOf>[1],
    { totals }: SimulationProgress,
  ): Promise<boolean> {
    const database = databaseOf(this.env);
    const result = resultOf(totals, programs, (currency) => this.#table.spreadOf(currency));
    await endRow(database, ask, { state: "done", ordersDone: totals.orders, ordersTotal: totals.orders, result });
    this.#table.clear();
    return true;
  }

  async #failed(ask: SimulationAsk, error: unknown): Promise<void> {
    console.error(JSON.stringify({ message: "simulation chunk failed", simulationId: ask.id, error: String(error) }));
    const progress = this.#table.progress();
    if (progress === null) return;
    const failures = progress.failures + 1;
    this.#table.advance({ ...progress, failures }, []);
    const pause = Math.min(RETRY_MILLISECONDS * 2 ** failures, RETRY_MILLISECONDS_MAX);
    if (failures < FAILURES_MAX) return this.#arm(pause);
    try {
      const reason = error instanceof Error ? error.message.slice(0, 200) : "unknown";
      await endRow(databaseOf(this.env), ask, { state: "failed", ordersDone: progress.totals.orders, error: reason });
      this.#table.clear();
    } catch {
      // Until the database can be told, the run is not over.
      await this.#arm(RETRY_MILLISECONDS_MAX);
    }
  }

  async #arm(milliseconds: number): Promise<void> {
    await this.ctx.storage.setAlarm(Date.now() + milliseconds);
  }
}

/** Replays the next members; the progress after it and what they would gain. */
async function replayChunk(
  database: Database,
  ask: SimulationAsk,
  programs: Pick<MemberScene, "present" | "candidate">,
  progress: SimulationProgress,
): Promise<[SimulationProgress, MemberGain[]]> {
  const pasts = await readPasts(database, ask, progress.cursor);
  const last = pasts.at(-1);
  if (last === undefined) return [{ ...progress, phase: "quiet", cursor: "", failures: 0 }, []];
  const programOf = await programsOf(
    database,
    ask.tenantId,
    pasts.flatMap(({ events }) => events),
  );
  const { totals } = progress;
  const scene = { ...ask, ...programs, programOf, budgets: totals.budgets };
  const gains = pasts.flatMap((past) => replayMember(totals, past, scene));
  return [{ phase: "members", cursor: last.memberId, totals, failures: 0 }, gains];
}

type MemberScene = ConstructorParameters<typeof ReplayLedger>[0];

// A member whose past cannot be replayed is counted and named; the others go on.
function replayMember(totals: SimulationTotals, { memberId, events }: MemberPast, scene: MemberScene): MemberGain[] {
  try {
    const ledger = new ReplayLedger(scene);
    for (const event of events) ledger.add(event);
    const replay = ledger.close();
    addReplay(totals, memberId, replay, scene);
    return gainsOf(replay).map((gain) => ({ memberId, ...gain }));
  } catch (error) {
    console.error(JSON.stringify({ message: "member not simulated", memberId, error: String(error) }));
    totals.failed += 1;
    return [];
  }
}

async function addQuiet(
  database: Database,
  ask: SimulationAsk,
  progress: SimulationProgress,
): Promise<SimulationProgress> {
  const { last, sums } = await readQuiet(database, ask, progress.cursor);
  if (last === null) return { ...progress, phase: "ended", failures: 0 };
  const { totals } = progress;
  for (const [currency, points] of Object.entries(sums)) {
    for (const side of [totals.now, totals.candidate]) {
      const figures = (side[currency] ??= { given: 0, redeemed: 0, expired: 0, outstanding: 0 });
      figures.outstanding += Number(points);
    }
  }
  return { phase: "quiet", cursor: last, totals, failures: 0 };
}

/** Writes that a run is under way, unless it is written already. */
export async function insertRow(database: Database, ask: SimulationAsk): Promise<void> {
  const { tenantId, id, requestHash, program, sample, ordersTotal } = ask;
  const row = {
    tenantId,
    simulationId: id,
    requestHash,
    document: program,
    sample,
    ordersTotal,
    fromAt: new Date(ask.from),
    toAt: new Date(ask.to),
    state: "running" as const,
    ordersDone: 0,
    createdAt: new Date(ask.askedAt),
  };
  await withTenant(database, tenantId, [database.insert(simulations).values(row).onConflictDoNothing()]);
}

async function putProgress(database: Database, ask: SimulationAsk, ordersDone: number): Promise<void> {
  await withTenant(database, ask.tenantId, [database.update(simulations).set({ ordersDone }).where(stillRunning(ask))]);
}

async function endRow(
  database: Database,
  ask: SimulationAsk,
  end: Partial<typeof simulations.$inferInsert>,
): Promise<void> {
  const set = { ...end, endedAt: new Date() };
  await withTenant(database, ask.tenantId, [database.update(simulations).set(set).where(stillRunning(ask))]);
}

const stillRunning = ({ tenantId, id }: SimulationAsk) =>
  and(eq(simulations.tenantId, tenantId), eq(simulations.simulationId, id), eq(simulations.state, "running"));
