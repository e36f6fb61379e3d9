// The storage of one export: what was asked, how far it is, and its file in parts, in the object's SQLite.
import type { ExportAsk, ExportProgress, ExportStep } from "./export-steps.ts";

/** A row of SQLite holds 2 MB. */
const PART_BYTES_MAX = 1_500_000;

export class ExportTable {
  readonly #storage: DurableObjectStorage;

  constructor(storage: DurableObjectStorage) {
    this.#storage = storage;
    storage.sql.exec(`create table if not exists run (name text primary key, document text not null)`);
    storage.sql.exec(`create table if not exists part (number integer primary key, bytes blob not null)`);
    storage.sql.exec(`create table if not exists parquet_group (number integer primary key, document text not null)`);
  }

  ask(): ExportAsk | null {
    return this.#read<ExportAsk>("ask");
  }

  progress(): ExportProgress | null {
    return this.#read<ExportProgress>("progress");
  }

  begin(ask: ExportAsk, progress: ExportProgress, header: Uint8Array): void {
    this.#storage.transactionSync(() => {
      this.#write("ask", ask);
      this.#write("progress", progress);
      this.#addPart(header);
    });
  }

  /** One step: all of it or nothing, so that an export that was cut off goes on from the last whole step. */
  advance(progress: ExportProgress, { bytes, group = null }: ExportStep = {}): void {
    this.#storage.transactionSync(() => {
      if (bytes !== undefined) {
        for (let start = 0; start < bytes.byteLength; start += PART_BYTES_MAX) {
          this.#addPart(bytes.subarray(start, start + PART_BYTES_MAX));
        }
      }
      if (group !== null) this.#storage.sql.exec(`insert into parquet_group (document) values (?)`, group);
      this.#write("progress", progress);
    });
  }

  /** What the footer says of every row group, in their order. */
  groups(): string[] {
    const rows = this.#storage.sql.exec(`select document from parquet_group order by number`).toArray();
    return rows.map((row) => String(row["document"]));
  }

  /** Part `number` of the file, from 1; null after the last. */
  part(number: number): Uint8Array | null {
    const [row] = this.#storage.sql.exec(`select bytes from part where number = ?`, number).toArray();
    const bytes = row?.["bytes"];
    return bytes instanceof ArrayBuffer ? new Uint8Array(bytes) : null;
  }

  clear(): void {
    this.#storage.transactionSync(() => {
      for (const table of ["run", "part", "parquet_group"]) this.#storage.sql.exec(`delete from ${table}`);
    });
  }

  #addPart(bytes: Uint8Array): void {
    // A copy: a view may be of a larger buffer.
    this.#storage.sql.exec(`insert into part (bytes) values (?)`, new Uint8Array(bytes).buffer);
  }

  #read<Document>(name: string): Document | null {
    const [row] = this.#storage.sql.exec(`select document from run where name = ?`, name).toArray();
    // The guarantee of the cast: only `#write` of this class fills the table.
    return row === undefined ? null : (JSON.parse(String(row["document"])) as Document);
  }

  #write(name: string, document: unknown): void {
    this.#storage.sql.exec(`insert or replace into run (name, document) values (?, ?)`, name, JSON.stringify(document));
  }
}
