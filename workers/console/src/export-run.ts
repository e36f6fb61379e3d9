// Makes the file of one export step by step: what a step wrote is stored before the next begins, so that it goes on after a crash.
import { DurableObject } from "cloudflare:workers";
import { EXPORT_DAYS_KEPT } from "@regulars/contracts/exports";
import type { Database } from "@regulars/schema/connection";
import { databaseOf } from "./database.ts";
import { countUnits, FIRST_PAGE } from "./export-pages.ts";
import { readRow, updateRow } from "./export-rows.ts";
import { addRows, closeFile, type ExportAsk, type ExportProgress, type ExportStep, headerOf } from "./export-steps.ts";
import { ExportTable } from "./export-table.ts";

/** One alarm works this long and then lets others have a turn; an alarm may last 15 minutes. */
const SLICE_MILLISECONDS = 5000;
/** `setAlarm` for now is lost inside an alarm: always later. */
const NEXT_SLICE_MILLISECONDS = 20;
/** A database that stays away for some ten minutes ends the export. */
const FAILURES_MAX = 24;
const RETRY_MILLISECONDS = 1000;
const RETRY_MILLISECONDS_MAX = 30_000;
const KEPT_MILLISECONDS = EXPORT_DAYS_KEPT * 86_400_000;

/** How far an export is; `rowsTotal` is an estimate by the members that are done. */
export interface ExportShown {
  readonly rowsDone: number;
  readonly rowsTotal: number;
  readonly share: number;
  readonly bytes: number;
}

export class ExportRun extends DurableObject<Env> {
  readonly #table: ExportTable;
  #working = false;

  constructor(context: DurableObjectState, env: Env) {
    super(context, env);
    this.#table = new ExportTable(context.storage);
  }

  /** Begins an export, or wakes one whose alarm was lost, and tells how far it is. */
  async run(ask: ExportAsk): Promise<ExportShown> {
    const header = headerOf(ask);
    const nothing = { rows: 0, unitsDone: 0, unitsTotal: null, failures: 0 };
    if (this.#table.ask() === null) {
      this.#table.begin(ask, { phase: "rows", cursor: FIRST_PAGE, bytes: header.byteLength, ...nothing }, header);
    }
    const progress = this.#table.progress();
    const alarm = await this.ctx.storage.getAlarm();
    // After a crash the platform may take its time with an alarm that is overdue.
    const isOverdue = !this.#working && (alarm ?? 0) < Date.now();
    if (progress?.phase !== "told" && isOverdue) await this.#arm(NEXT_SLICE_MILLISECONDS);
    return shownOf(progress);
  }

  /** Part `number` of a whole file, from 1; null after the last. */
  async part(number: number): Promise<Uint8Array | null> {
    return this.#table.progress()?.phase === "told" ? this.#table.part(number) : null;
  }

  /** Forgets everything: the caller has written that the export is cancelled. */
  async forget(): Promise<void> {
    this.#table.clear();
    await this.ctx.storage.deleteAlarm();
  }

  override async alarm(): Promise<void> {
    const ask = this.#table.ask();
    if (ask === null || this.#working) return;
    // The alarm behind the last step is for the end of the file's days.
    if (this.#table.progress()?.phase === "told") return this.forget();
    this.#working = true;
    try {
      await this.#work(ask);
    } catch (error) {
      await this.#failed(ask, error);
    } finally {
      this.#working = false;
    }
  }

  /** Works for a slice of time. */
  async #work(ask: ExportAsk): Promise<void> {
    const database = databaseOf(this.env);
    const until = Date.now() + SLICE_MILLISECONDS;
    while (Date.now() < until) {
      const progress = this.#table.progress();
      if (progress === null) return;
      if (progress.phase === "whole") return this.#tell(database, ask, progress);
      if (progress.phase === "footer") this.#table.advance(...closeFile(ask, progress, this.#table.groups()));
      else {
        const step = await nextStep(database, ask, { progress, until });
        // Cancelled while this waited for the database.
        if (this.#table.ask() === null) return;
        this.#table.advance(...step);
      }
    }
    const { rowsDone, rowsTotal, bytes } = shownOf(this.#table.progress());
    if (!(await updateRow(database, keyOf(ask), { rowsDone, rowsTotal, bytes }))) return this.forget();
    if (this.#table.ask() !== null) await this.#arm(NEXT_SLICE_MILLISECONDS);
  }

  /** Writes that the file is whole, and keeps it for its days. */
  async #tell(database: Database, ask: ExportAsk, progress: ExportProgress): Promise<void> {
    const { rows, bytes } = progress;
    const end = { state: "done" as const, rowsDone: rows, rowsTotal: rows, bytes, endedAt: new Date() };
    const isDone = await updateRow(database, keyOf(ask), end);
    // Told before, and killed before it could remember that.
    if (!isDone && (await readRow(database, keyOf(ask)))?.state !== "done") return this.forget();
    if (this.#table.ask() === null) return;
    this.#table.advance({ ...progress, phase: "told" });
    await this.#arm(KEPT_MILLISECONDS);
  }

  async #failed(ask: ExportAsk, error: unknown): Promise<void> {
    console.error(JSON.stringify({ message: "export step failed", exportId: ask.id, error: String(error) }));
    const progress = this.#table.progress();
    if (progress === null) return;
    const failures = progress.failures + 1;
    this.#table.advance({ ...progress, failures });
    const pause = Math.min(RETRY_MILLISECONDS * 2 ** failures, RETRY_MILLISECONDS_MAX);
    if (failures < FAILURES_MAX) return this.#arm(pause);
    try {
      const reason = error instanceof Error ? error.message.slice(0, 200) : "unknown";
      await updateRow(databaseOf(this.env), keyOf(ask), { state: "failed", error: reason, endedAt: new Date() });
      await this.forget();
    } catch {
      // Until the database can be told, the export is not over.
      await this.#arm(RETRY_MILLISECONDS_MAX);
    }
  }

  async #arm(milliseconds: number): Promise<void> {
    await this.ctx.storage.setAlarm(Date.now() + milliseconds);
  }
}

/** Counts what there is to do first, and then reads and writes rows. */
async function nextStep(
  database: Database,
  ask: ExportAsk,
  { progress, until }: { readonly progress: ExportProgress; readonly until: number },
): Promise<[ExportProgress, ExportStep]> {
  if (progress.unitsTotal === null) return [{ ...progress, unitsTotal: await countUnits(database, ask) }, {}];
  return addRows(database, ask, { before: progress, until });
}

const keyOf = ({ tenantId, id }: ExportAsk) => ({ tenantId, id });

function shownOf(progress: ExportProgress | null): ExportShown {
  if (progress === null) return { rowsDone: 0, rowsTotal: 0, share: 0, bytes: 0 };
  const { rows, bytes, unitsDone, unitsTotal, phase } = progress;
  const share = phase !== "rows" ? 1 : unitsTotal === null ? 0 : Math.min(1, unitsDone / Math.max(1, unitsTotal));
  const rowsTotal = share === 0 ? rows : Math.round(rows / share);
  return { rowsDone: rows, rowsTotal, share, bytes };
}
