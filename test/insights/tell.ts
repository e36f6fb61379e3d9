// Runs segmentation on a tenant as of a day, reads what it knows, shows it, and compares it with the orders themselves.
import type { Language } from "@regulars/contracts/messages/catalog";
import { insightSettings } from "@regulars/contracts/insights-settings";
import { regions as regionsShape, tenant as tenantShape } from "@regulars/contracts/manage";
import { startOfLocalDay } from "@regulars/domain/calendar";
import { dayNumber, dayText } from "@regulars/insights/days";
import { PostgresCopy } from "../replay/postgres-copy.ts";
import { count } from "../replay/progress.ts";
import { type Agreement, compareFindings } from "./agreement.ts";
import { readAnswers } from "./answers.ts";
import { readInForce } from "./in-force.ts";
import { type Management, managementOf } from "./management.ts";
import { findInsights } from "./oracle.ts";
import { compareModels, fitModels } from "./oracle-models.ts";
import { type Book, readBook } from "./orders.ts";
import { writePictures } from "./pictures.ts";
import { reportLines } from "./report.ts";
import { runUntilFinished } from "./runs.ts";
import type { Subject } from "./subject.ts";
import { minorPerMajorOf, wordsOf } from "./words.ts";

export interface TellOptions {
  readonly subject: Subject;
  /** Null: the day after the last order of a sandbox, else today. */
  readonly asOf: string | null;
  readonly language: Language;
  /** The folder of the pictures. */
  readonly out: string;
}

const HALF_DAY_MS = 12 * 3_600_000;
/** Differences beyond these are counted only. */
const SHOWN_MAX = 20;

/** True when everything that was compared agrees. */
export async function tellInsights({ subject, asOf, language, out }: TellOptions): Promise<boolean> {
  const tenant = await managementOf(subject, null).read("/manage/v1/tenant", tenantShape);
  if (subject.tenantId !== null && subject.tenantId !== tenant.tenantId) {
    throw new Error(`The key belongs to ${tenant.tenantId}, not to ${subject.tenantId}`);
  }
  const { timeZone, currency, sandbox } = tenant;
  const copy = subject.databaseUrl === null ? null : new PostgresCopy(subject.databaseUrl, tenant.tenantId);
  const book = copy === null ? null : await readBook(copy, timeZone);
  const today = new Intl.DateTimeFormat("en-CA", { timeZone, dateStyle: "short" }).format(Date.now());
  const day = asOf ?? (sandbox ? dayAfterLast(book) : null) ?? today;
  if (!sandbox && day !== today) throw new Error("Only a sandbox can be looked at as of another day than today.");
  // Noon is the same local day wherever clocks are put forward or back.
  const noon = sandbox ? new Date(startOfLocalDay(day, timeZone) + HALF_DAY_MS).toISOString() : null;
  const api = managementOf(subject, noon);
  const worked = await runUntilFinished(api);
  console.log(
    `Segmentation as of ${worked.asOf}: ${count(worked.membersScored)} members scored in ` +
      `${worked.slices} slices, ${worked.seconds.toFixed(1)} s\n`,
  );

  const settings = await api.read("/manage/v1/insights/settings", insightSettings);
  const firstDay = firstDayOf(book) ?? day;
  const answers = await readAnswers(api, { asOf: day, firstDay, settings });
  const regionNames = await readRegionNames(api);
  const words = wordsOf(language, currency);
  console.log(reportLines({ ...answers, tenantName: tenant.name, regionNames }, words).join("\n"));
  const pictures = writePictures(
    { ...answers, scorecardDays: answers.scorecardDays ?? settings.scorecards.days, regionNames },
    words,
    out,
  );
  console.log(`\nPictures\n${pictures.map((path) => `  ${path}`).join("\n")}`);
  if (copy === null || book === null) {
    console.log("\nNothing was compared: no database URL is known.");
    return true;
  }
  const models = await readInForce(copy);
  await copy.close();
  const until = dayNumber(day);
  const orders = book.orders.filter((order) => order.day <= until);
  const minorPerMajor = minorPerMajorOf(currency);
  const worthOf = findInsights(book, { asOf: day, currency, minorPerMajor, settings, models });
  const best = fitModels(orders, until, settings.repurchase.quantityPower);
  const byModels = compareModels(models, best, orders, until);
  const byFigures = compareFindings(answers.findings, worthOf);
  return [tell("models", byModels), tell("figures", byFigures)].every(Boolean);
}

function tell(what: string, { figures, differences }: Agreement): boolean {
  console.log(
    `\nagrees: ${count(figures - differences.length)} of ${count(figures)} ${what} with the orders themselves`,
  );
  for (const difference of differences.slice(0, SHOWN_MAX)) console.log(`  - ${difference}`);
  if (differences.length > SHOWN_MAX) console.log(`  and ${count(differences.length - SHOWN_MAX)} more`);
  return differences.length === 0;
}

function dayAfterLast(book: Book | null): string | null {
  const last = book?.orders.reduce((latest, { day }) => Math.max(latest, day), Number.NEGATIVE_INFINITY);
  return last === undefined || !Number.isFinite(last) ? null : dayText(last + 1);
}

function firstDayOf(book: Book | null): string | null {
  const first = book?.orders.reduce((earliest, { day }) => Math.min(earliest, day), Number.POSITIVE_INFINITY);
  return first === undefined || !Number.isFinite(first) ? null : dayText(first);
}

async function readRegionNames(api: Management): Promise<Map<string, string>> {
  const { regions } = await api.read("/manage/v1/regions", regionsShape);
  return new Map(regions.map(({ id, name }) => [id, name]));
}
