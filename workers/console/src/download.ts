// A file that an operation answers with instead of JSON, mostly comma-separated values, safe to open in a spreadsheet.
import { fileResponse } from "@regulars/edge/problem";
import type { RequestContext } from "@regulars/edge/request-context";

export const CSV = "text/csv; charset=utf-8";

export class Download {
  readonly name: string;
  readonly body: string | ReadableStream<Uint8Array>;
  readonly mediaType: string;

  constructor(name: string, body: string | ReadableStream<Uint8Array>, mediaType = CSV) {
    this.name = name;
    this.body = body;
    this.mediaType = mediaType;
  }
}

export function downloadResponse({ name, body, mediaType }: Download, context: RequestContext): Response {
  return fileResponse(body, { name, mediaType }, context);
}

/** A row by RFC 4180. A text that a spreadsheet would take for a formula gets an apostrophe before it. */
export function csvRow(cells: readonly (string | number | boolean | null)[]): string {
  return `${cells.map(csvCell).join(",")}\r\n`;
}

function csvCell(cell: string | number | boolean | null): string {
  if (cell === null) return "";
  if (typeof cell !== "string" || /^-?\d+(\.\d+)?$/.test(cell)) return String(cell);
  const text = /^[=+\-@\t\r]/.test(cell) ? `'${cell}` : cell;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** Pages of rows as a stream: the next page is read when the one before has been taken. */
export function csvStream(
  header: readonly string[],
  nextPage: () => Promise<readonly string[] | null>,
): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  return new ReadableStream({
    start: (controller) => controller.enqueue(encoder.encode(csvRow(header))),
    pull: async (controller) => {
      const rows = await nextPage();
      if (rows === null) controller.close();
      else controller.enqueue(encoder.encode(rows.join("")));
    },
  });
}
