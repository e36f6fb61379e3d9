// The small state of an object that many members share: one row of JSON, read at wake-up, written with each transaction.

const TABLE = "CREATE TABLE IF NOT EXISTS state (id INTEGER PRIMARY KEY, body TEXT NOT NULL) STRICT";

export class SavedState<Value> {
  readonly #storage: DurableObjectStorage;
  readonly #empty: () => Value;
  readonly #tables: string;
  #saved: Value;
  #ready: boolean;
  value: Value;

  /** `tables`: SQL of the tables beside it, made with the first write: a look at an unknown object writes nothing. */
  constructor(storage: DurableObjectStorage, empty: () => Value, tables = "") {
    this.#storage = storage;
    this.#empty = empty;
    this.#tables = tables;
    this.#ready = this.#hasTable();
    this.value = this.#read();
    this.#saved = this.value;
  }

  /** Whether anything was ever written. */
  get exists(): boolean {
    return this.#ready;
  }

  /** Runs work in one transaction, which ends with the state written down if it is another than before. */
  transaction(work: () => void): void {
    this.#storage.transactionSync(() => {
      if (!this.#ready) this.#storage.sql.exec(`${TABLE};${this.#tables}`);
      this.#ready = true;
      work();
      if (this.value === this.#saved) return;
      this.#storage.sql.exec("INSERT OR REPLACE INTO state (id, body) VALUES (1, ?)", JSON.stringify(this.value));
    });
    this.#saved = this.value;
  }

  /** Restores memory from storage after a transaction was rolled back. */
  reload(): void {
    this.#ready = this.#hasTable();
    this.value = this.#read();
    this.#saved = this.value;
  }

  #hasTable(): boolean {
    return this.#storage.sql.exec("SELECT 1 FROM sqlite_master WHERE name = 'state'").toArray().length > 0;
  }

  #read(): Value {
    if (!this.#ready) return this.#empty();
    const [row] = this.#storage.sql.exec<{ body: string }>("SELECT body FROM state WHERE id = 1").toArray();
    // Only this class writes the row, with the value of the one shape that the object keeps.
    return row === undefined ? this.#empty() : (JSON.parse(row.body) as Value);
  }
}
