// Owns REGULARS_DATA: its secrets, made once, and local.json, which says what runs now.
import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

export const repositoryRoot = resolve(dirname(fileURLToPath(import.meta.url)), "../..");

const SECRET_BYTES = 32;
const OWNER_ONLY = 0o600;

/** What a start makes once and every later start uses again. */
export interface Secrets {
  /** Tells this data from other data that once had the same path. */
  readonly stackId: string;
  readonly masterKey: string;
  readonly operatorKey: string;
  readonly databasePassword: string;
  demo: DemoKeys;
}

/** What seeding the demo tenant has reached: each is null until then. */
export interface DemoKeys {
  tenantId: string | null;
  manageKey: string | null;
  secretKey: string | null;
  programVersion: number | null;
}

/** `.regulars/local.json`: everything a person, a test or a tool needs to use the system that runs. */
export interface LocalStack {
  url: string;
  docsUrl: string;
  tenantId: string | null;
  secretKey: string | null;
  manageKey: string | null;
  operatorKey: string;
  databaseUrl: string;
  /** Where `POST /_local/…` is answered: crash, postgres/stop, postgres/start, cron, stop. */
  control: string;
  gateway: string;
  ready: boolean;
  pids: { supervisor: number; workerd: number | null; postgres: number | null };
}

export interface DataFolder {
  readonly path: string;
  readonly secrets: Secrets;
  saveSecrets(): void;
  writeLocal(stack: LocalStack): void;
  removeLocal(): void;
}

export function dataFolderPath(): string {
  return resolve(repositoryRoot, process.env["REGULARS_DATA"] ?? ".regulars");
}

/** Opens the folder, making it and its secrets the first time. */
export function openDataFolder(path: string): DataFolder {
  mkdirSync(path, { recursive: true });
  const secretsPath = join(path, "secrets.json");
  const secrets = existsSync(secretsPath) ? readSecrets(secretsPath) : newSecrets();
  const saveSecrets = () => replaceFile(secretsPath, secrets);
  saveSecrets();
  return {
    path,
    secrets,
    saveSecrets,
    writeLocal: (stack) => replaceFile(join(path, "local.json"), stack),
    removeLocal: () => rmSync(join(path, "local.json"), { force: true }),
  };
}

/** What the last start wrote, or null when there was none or it ended as it should. */
export function readLocal(path: string): LocalStack | null {
  try {
    // Only the supervisor writes this file, whole, by a rename.
    return JSON.parse(readFileSync(join(path, "local.json"), "utf8")) as LocalStack;
  } catch {
    return null;
  }
}

function readSecrets(path: string): Secrets {
  try {
    // Only saveSecrets writes this file, whole, by a rename.
    return JSON.parse(readFileSync(path, "utf8")) as Secrets;
  } catch (cause) {
    throw new Error(`${path} cannot be read. Remove ${dirname(path)} to begin with empty data.`, { cause });
  }
}

function newSecrets(): Secrets {
  const secret = () => randomBytes(SECRET_BYTES).toString("hex");
  return {
    stackId: randomBytes(8).toString("hex"),
    masterKey: secret(),
    operatorKey: secret(),
    databasePassword: secret(),
    demo: { tenantId: null, manageKey: null, secretKey: null, programVersion: null },
  };
}

/** A reader sees the old file or the new one, never a part. */
function replaceFile(path: string, content: object) {
  const temporary = `${path}.${process.pid}.tmp`;
  writeFileSync(temporary, `${JSON.stringify(content, null, 2)}\n`, { mode: OWNER_ONLY });
  renameSync(temporary, path);
}
