// Proves the clearing of a replay: statements of every owner and month against PostgreSQL's own sums over the events.
import { isDeepStrictEqual } from "node:util";
import type { ClearingBalances } from "@regulars/contracts/clearing";
import { CLEARING_QUERY, ratesOf } from "./clearing-query.ts";
import { parseRows } from "./csv.ts";
import { numberOf } from "./expressions.ts";
import { read, readText, write } from "./manage.ts";
import type { Mapping } from "./mapping.ts";
import type { PostgresCopy } from "./postgres-copy.ts";

export interface OwnerYear {
  readonly ownerId: string;
  readonly statements: number;
  readonly lines: number;
  /** Thousandths of a minor unit. */
  readonly receivedMilli: number;
  readonly paidMilli: number;
  /** Minor units, positive when the owner receives. */
  readonly settled: number;
  /** Left over at the end, less than a minor unit with each other owner. */
  readonly closingMilli: number;
}

export interface ClearingProof {
  readonly owners: readonly OwnerYear[];
  readonly periods: number;
  readonly contradictions: readonly string[];
}

export interface ClearingOptions {
  readonly url: string;
  readonly manageKey: string;
  readonly mapping: Mapping;
  readonly copy: PostgresCopy;
  /** The first and the last month, "2017-01". */
  readonly from: string;
  readonly to: string;
}

/** Reads what all owners settle, locks every month, reads every statement's file, and compares. */
export async function proveClearing(options: ClearingOptions): Promise<ClearingProof> {
  const { url, manageKey, from, to } = options;
  const contradictions: string[] = [];
  const expected = await expectedSums(options);
  const balancesPath = `/manage/v1/clearing/balances?from=${from}&to=${to}`;
  const open = await read<ClearingBalances>(url, manageKey, balancesPath);
  compareSums(open, expected, contradictions);
  for (const { period, until } of open.periods) {
    const dayAfter = new Date(Date.parse(until) + 86_400_000).toISOString();
    await write(url, manageKey, "POST", `/manage/v1/clearing/periods/${period}/lock`, undefined, dayAfter);
  }
  const locked = await read<ClearingBalances>(url, manageKey, balancesPath);
  const figures = ({ periods }: ClearingBalances) => periods.map(({ period, pairs }) => [period, pairs]);
  if (!isDeepStrictEqual(figures(locked), figures(open))) contradictions.push("what was locked is not what was open");
  const owners = options.mapping.owners.map(({ id }) => id);
  const years = [];
  for (const ownerId of owners) years.push(await readYear(options, ownerId, { locked, expected, contradictions }));
  return { owners: years, periods: locked.periods.length, contradictions };
}

const keyOf = (month: string, ownerId: string) => `${month} ${ownerId}`;

async function expectedSums({ mapping, copy }: ClearingOptions): Promise<Map<string, number>> {
  const { clearing } = mapping.program;
  if (clearing === undefined) throw new Error("the mapping's program has no clearing");
  const values = [mapping.timeZone, clearing.headOfficeOwnerId, JSON.stringify(ratesOf(clearing))];
  const rows = await copy.rows<{ month: string; owner: string; amount: string }>(CLEARING_QUERY, values);
  return new Map(rows.map(({ month, owner, amount }) => [keyOf(month, owner), Number(amount)]));
}

function compareSums(found: ClearingBalances, expected: Map<string, number>, contradictions: string[]): void {
  const seen = new Set<string>();
  for (const { period, owners } of found.periods) {
    const sum = owners.reduce((total, { changeMilli }) => total + changeMilli, 0);
    const settled = owners.reduce((total, book) => total + book.settled, 0);
    if (sum !== 0 || settled !== 0) contradictions.push(`${period}: the books sum to ${sum} / ${settled}, not to zero`);
    for (const { ownerId, changeMilli } of owners) {
      const key = keyOf(period, ownerId);
      seen.add(key);
      const wanted = expected.get(key) ?? 0;
      if (changeMilli !== wanted) contradictions.push(`${key}: ${changeMilli} by the API, ${wanted} by the events`);
    }
  }
  for (const [key, wanted] of expected) {
    if (wanted !== 0 && !seen.has(key)) contradictions.push(`${key}: ${wanted} by the events, and no book`);
  }
}

interface YearFacts {
  readonly locked: ClearingBalances;
  readonly expected: ReadonlyMap<string, number>;
  readonly contradictions: string[];
}

// A statement's file has every line: their sum is what the events say of this owner and month.
async function readYear(options: ClearingOptions, ownerId: string, facts: YearFacts): Promise<OwnerYear> {
  const { url, manageKey } = options;
  let [statements, lines, receivedMilli, paidMilli, settled, closingMilli] = [0, 0, 0, 0, 0, 0];
  for (const { period, owners } of facts.locked.periods) {
    const path = `/manage/v1/clearing/statements.csv?ownerId=${ownerId}&period=${period}`;
    const [header = [], ...rows] = parseRows(await readText(url, manageKey, path), ",");
    const place = header.indexOf("amount");
    const amounts = rows.map((row) => thousandths(row[place] ?? ""));
    const sum = amounts.reduce((total, amount) => total + amount, 0);
    const wanted = facts.expected.get(keyOf(period, ownerId)) ?? 0;
    if (sum !== wanted) {
      facts.contradictions.push(`${keyOf(period, ownerId)}: ${sum} by the lines of its file, ${wanted} by the events`);
    }
    statements += 1;
    lines += rows.length;
    receivedMilli += amounts.reduce((total, amount) => total + Math.max(0, amount), 0);
    paidMilli += amounts.reduce((total, amount) => total + Math.max(0, -amount), 0);
    const book = owners.find((one) => one.ownerId === ownerId);
    settled += book?.settled ?? 0;
    closingMilli = book?.closingMilli ?? 0;
  }
  return { ownerId, statements, lines, receivedMilli, paidMilli, settled, closingMilli };
}

/** A file has all decimal places down to a thousandth of a minor unit: "12.34567" of dollars is 1,234,567 of them. */
const thousandths = (amount: string) => numberOf(amount.replace(".", ""));
