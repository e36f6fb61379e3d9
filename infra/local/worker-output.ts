// Decides what of workerd's output a person sees: what Workers print, and every exception that they did not catch.
import { readFileSync } from "node:fs";
import { SourceMap } from "node:module";
import { fileURLToPath } from "node:url";

/** How workerd, asked to be verbose, says that a Worker let an exception through. */
const UNCAUGHT = /^uncaught exception; source = (.*?); stack = (.*)$/s;
/** It repeats the same with addresses of its own code, and marks what concerns only its own developers. */
const OF_WORKERD = /^(uncaught exception; exception = |NOSENTRY )/;
const FRAME = /(file:\/\/\S+?\.js):(\d+):(\d+)/g;

/** Writes one line of workerd's log to where it belongs, with positions in our sources instead of the bundles. */
export function writeWorkerOutput({ level, message }: { level: string; message: string }): void {
  if (OF_WORKERD.test(message)) return;
  const [, source, stack] = UNCAUGHT.exec(message) ?? [];
  const isFault = source !== undefined || level === "error" || level === "warn";
  const text = stack === undefined ? message : `${source} ${stack}`;
  const stream = isFault ? process.stderr : process.stdout;
  stream.write(`${isFault ? withSourcePositions(text) : text}\n`);
}

function withSourcePositions(text: string): string {
  return text.replaceAll(FRAME, (frame: string, url: string, line: string, column: string) => {
    const entry = sourceMapOf(url)?.findEntry(Number(line) - 1, Number(column) - 1);
    if (entry === undefined || !("originalSource" in entry)) return frame;
    return `${new URL(entry.originalSource, url).pathname}:${entry.originalLine + 1}:${entry.originalColumn + 1}`;
  });
}

/** Null where there is none, as beside the files of Miniflare. Bundles do not change while workerd runs. */
const sourceMaps = new Map<string, SourceMap | null>();

function sourceMapOf(url: string): SourceMap | null {
  const known = sourceMaps.get(url);
  if (known !== undefined) return known;
  let map: SourceMap | null = null;
  try {
    map = new SourceMap(JSON.parse(readFileSync(`${fileURLToPath(url)}.map`, "utf8")));
  } catch {
    // The frame is then shown as it is.
  }
  sourceMaps.set(url, map);
  return map;
}
