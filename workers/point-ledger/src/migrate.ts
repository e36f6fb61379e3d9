// Brings an object's tables up to date: numbered SQL, append-only; an applied migration that has changed is refused.
import createLedger from "../../../migrations/ledger/0001_create_ledger.sql";
import keepDuties from "../../../migrations/ledger/0002_keep_duties.sql";

const MIGRATIONS: readonly { readonly id: number; readonly sql: string }[] = [
  { id: 1, sql: createLedger },
  { id: 2, sql: keepDuties },
];

/** Whether the object has any tables; reading only, so that a look at an unknown member creates nothing. */
export function hasTables(sql: SqlStorage): boolean {
  const found = sql.exec("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'migration'").toArray();
  return found.length > 0;
}

/** Applies what is missing. Runs no DDL when the version matches. Throws when an applied migration was changed. */
export function migrate(sql: SqlStorage, migrations = MIGRATIONS): void {
  if (!hasTables(sql)) sql.exec("CREATE TABLE migration (id INTEGER PRIMARY KEY, checksum INTEGER NOT NULL) STRICT");
  const applied = sql
    .exec<{ id: number; checksum: number }>("SELECT id, checksum FROM migration ORDER BY id")
    .toArray();
  for (const [index, { id, sql: text }] of migrations.entries()) {
    const checksum = checksumOf(text);
    const known = applied[index];
    if (known !== undefined) {
      if (known.id !== id || known.checksum !== checksum) {
        throw new Error(`migration ${id} was changed after it was applied: add a new one instead`);
      }
      continue;
    }
    sql.exec(text);
    sql.exec("INSERT INTO migration (id, checksum) VALUES (?, ?)", id, checksum);
  }
}

// FNV-1a over code units: tells an edited file from the applied one, nothing more.
function checksumOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index += 1) hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  return hash >>> 0;
}
