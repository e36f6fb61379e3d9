// Owns REGULARS_DATA/replay.json: the tenant that the last replay or demo made, for tools that look at it afterwards.
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { dataFolderPath } from "../../infra/local/data-folder.ts";

const OWNER_ONLY = 0o600;

export interface PlayedTenant {
  readonly url: string;
  readonly tenantId: string;
  readonly manageKey: string;
}

export function rememberPlayed({ url, tenantId, manageKey }: PlayedTenant, path = playedPath()): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, `${JSON.stringify({ url, tenantId, manageKey }, null, 2)}\n`, { mode: OWNER_ONLY });
}

/** Null when nothing was played here, or the file cannot be read. */
export function readPlayed(path = playedPath()): PlayedTenant | null {
  try {
    // Only rememberPlayed writes this file.
    return JSON.parse(readFileSync(path, "utf8")) as PlayedTenant;
  } catch {
    return null;
  }
}

function playedPath(): string {
  return join(dataFolderPath(), "replay.json");
}
