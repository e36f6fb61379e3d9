// Decides what the flags of replay and demo mean, and where the system is that they play into.
import { parseArgs, type ParseArgsConfig } from "node:util";
import { dataFolderPath, readLocal } from "../../infra/local/data-folder.ts";
import type { PlayOptions } from "./play.ts";

/** Local workerd is one thread: more at once only wait longer there, and the projection with them. */
const CONCURRENCY_DEFAULT = 8;
const REFUND_SHARE_DEFAULT = 0.02;

/** Flags that replay and demo share. */
export const playFlags = {
  url: { type: "string" },
  key: { type: "string" },
  "database-url": { type: "string" },
  limit: { type: "string" },
  concurrency: { type: "string" },
  "refund-share": { type: "string" },
} as const;

export const PLAY_USAGE = `  --limit N            only the first N baskets
  --concurrency N      requests at once (${CONCURRENCY_DEFAULT})
  --refund-share X     share of baskets of which something comes back (${REFUND_SHARE_DEFAULT})
  --url URL            where Regulars answers; by default the system that \`npm start\` runs
  --key KEY            the operator's key there, which makes a sandbox tenant for the replay
  --database-url URL   its PostgreSQL, to measure how soon events arrive`;

/** Flags by name; a mistake in them ends the program with the usage. */
export function readFlags<Options extends NonNullable<ParseArgsConfig["options"]>>(options: Options, usage: string) {
  try {
    return parseArgs({ options: { ...options, help: { type: "boolean" } }, strict: true }).values;
  } catch (error) {
    return stop(`${(error as Error).message}\n\n${usage}`);
  }
}

/** Where to play, and how; what no flag says is read from .regulars/local.json. */
export function playOptionsOf(flags: { readonly [Name in keyof typeof playFlags]?: string | undefined }): PlayOptions {
  const local = flags.url === undefined ? readLocal(dataFolderPath()) : null;
  const url = flags.url ?? local?.url;
  const operatorKey = flags.key ?? local?.operatorKey;
  if (url === undefined) return stop("No local system runs: start it with `npm start`, or say --url and --key.");
  if (operatorKey === undefined) return stop("--url needs --key, the operator's key there.");
  return {
    url: url.replace(/\/+$/, ""),
    operatorKey,
    databaseUrl: flags["database-url"] ?? local?.databaseUrl ?? null,
    limit: flags.limit === undefined ? null : wholeNumber("--limit", flags.limit),
    concurrency: wholeNumber("--concurrency", flags.concurrency ?? String(CONCURRENCY_DEFAULT)),
    refundShare: share("--refund-share", flags["refund-share"] ?? String(REFUND_SHARE_DEFAULT)),
  };
}

export function wholeNumber(flag: string, text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1) return stop(`${flag} must be a whole number from 1 on, not "${text}"`);
  return value;
}

/** Ends the program with a message. */
export function stop(message: string): never {
  console.error(message);
  process.exit(2);
}

function share(flag: string, text: string): number {
  const value = Number(text);
  if (!(value >= 0 && value <= 1)) return stop(`${flag} must be from 0 to 1, not "${text}"`);
  return value;
}
