// Decides whose insights are asked for: the tenant that was replayed, the one of `npm start`, or the one that a flag names.
import { dataFolderPath, readLocal } from "../../infra/local/data-folder.ts";
import { stop } from "../replay/arguments.ts";
import { readPlayed } from "../replay/played.ts";

export interface Subject {
  readonly url: string;
  /** Null: the one that the key belongs to. */
  readonly tenantId: string | null;
  readonly manageKey: string;
  /** Null: nothing is compared with PostgreSQL. */
  readonly databaseUrl: string | null;
}

export interface SubjectFlags {
  readonly tenant?: string | undefined;
  readonly url?: string | undefined;
  readonly key?: string | undefined;
  readonly "database-url"?: string | undefined;
}

export function subjectOf(flags: SubjectFlags): Subject {
  const local = flags.url === undefined ? readLocal(dataFolderPath()) : null;
  const url = (flags.url ?? local?.url)?.replace(/\/+$/, "");
  if (url === undefined) return stop("No local system runs: start it with `npm start`, or say --url and --key.");
  const databaseUrl = flags["database-url"] ?? local?.databaseUrl ?? null;
  if (flags.key !== undefined) return { url, tenantId: flags.tenant ?? null, manageKey: flags.key, databaseUrl };
  const played = readPlayed();
  const known = [
    ...(played === null || played.url !== url ? [] : [played]),
    ...(local === null ? [] : [{ tenantId: local.tenantId, manageKey: local.manageKey }]),
  ];
  const found = known.find(({ tenantId }) => flags.tenant === undefined || tenantId === flags.tenant);
  if (found === undefined || found.manageKey === null) {
    return stop(`The manage key of ${flags.tenant ?? `any tenant at ${url}`} is not known here: say --key.`);
  }
  return { url, tenantId: found.tenantId, manageKey: found.manageKey, databaseUrl };
}
