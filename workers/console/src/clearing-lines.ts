// The lines of an owner's statement as the API answers them and as a file has them.
import { type ClearingLine, dueReason } from "@regulars/contracts/clearing";
import { localDay } from "@regulars/domain/calendar";
import type { Database } from "@regulars/schema/connection";
import type { TenantRow } from "./call.ts";
import { type LinePlace, type LineRow, type LinesWish, readLines } from "./clearing-rows.ts";
import { csvRow, csvStream, Download } from "./download.ts";
import { readPlace, writePlace } from "./page-place.ts";

/** Lines of one round trip of a download: about 3 MB. */
const DOWNLOAD_PAGE = 10_000;

/** A line as this owner sees it; `from` is when its period begins. */
export function lineAnswer(row: LineRow, ownerId: string, from: Date): ClearingLine {
  const receives = row.creditor === ownerId;
  const amount = row.times * row.amountMilli;
  return {
    at: row.at.toISOString(),
    memberId: row.memberId,
    orderId: row.orderId,
    storeId: row.storeId,
    issuerStoreId: row.issuerStoreId,
    counterpartyId: receives ? row.debtor : row.creditor,
    reason: dueReason.parse(row.reason),
    currency: row.currency,
    points: row.times * row.points,
    amountMilli: receives ? amount : -amount,
    money: row.money,
    lot: row.lot,
    voucherId: row.voucherId,
    late: row.at < from,
    correction: row.times < 0,
  };
}

const COLUMNS =
  "date,at,counterparty,reason,order,store,issuing store,currency,points,amount,money,member,lot,voucher,late,correction".split(
    ",",
  );

/** All lines of a statement, page by page. */
export function statementDownload(
  database: Database,
  { tenantId, timeZone }: TenantRow,
  wish: Omit<LinesWish, "after" | "limit">,
): Download {
  let after: LinePlace | null = null;
  let isLast = false;
  const nextPage = async () => {
    if (isLast) return null;
    const rows: LineRow[] = await readLines(database, tenantId, { ...wish, after, limit: DOWNLOAD_PAGE });
    isLast = rows.length < DOWNLOAD_PAGE;
    after = rows.at(-1) ?? after;
    return rows.map((row) => fileLine(lineAnswer(row, wish.ownerId, wish.from), timeZone));
  };
  return new Download(`statement-${wish.ownerId}-${wish.period}.csv`, csvStream(COLUMNS, nextPage));
}

function fileLine(line: ClearingLine, timeZone: string): string {
  const { at, counterpartyId, reason, orderId, storeId, issuerStoreId, currency, points, amountMilli, money } = line;
  const amount = majorUnits(amountMilli, money);
  const what = [localDay(Date.parse(at), timeZone), at, counterpartyId, reason, orderId, storeId, issuerStoreId];
  const { memberId, lot, voucherId, late, correction } = line;
  return csvRow([...what, currency, points, amount, money, memberId, lot, voucherId, late, correction]);
}

/** "12.345" for 12,345 thousandths of a minor unit of a currency without minor units; with two of them "0.12345". */
export function majorUnits(amountMilli: number, money: string): string {
  const format = new Intl.NumberFormat("en", { style: "currency", currency: money });
  const places = (format.resolvedOptions().maximumFractionDigits ?? 2) + 3;
  const digits = String(Math.abs(amountMilli)).padStart(places + 1, "0");
  return `${amountMilli < 0 ? "-" : ""}${digits.slice(0, -places)}.${digits.slice(-places)}`;
}

export function writeLinePlace({ at, memberId, sequence, position, times }: LinePlace): string {
  return writePlace({ at, id: [memberId, sequence, position, times].join(":") });
}

/** Null when the text was not made by `writeLinePlace`. */
export function readLinePlace(cursor: string): LinePlace | null {
  const place = readPlace(cursor);
  const [, memberId, sequence, position, times] = /^(\w+):(\d{1,15}):(\d{1,5}):(-?1)$/.exec(place?.id ?? "") ?? [];
  if (place === null || memberId === undefined) return null;
  return { at: place.at, memberId, sequence: Number(sequence), position: Number(position), times: Number(times) };
}
