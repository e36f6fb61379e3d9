// Group commit: calls that arrive together on one object are applied in one transaction and answered together.

interface Waiting {
  readonly work: () => unknown;
  readonly answer: (value: unknown) => void;
  readonly fail: (error: unknown) => void;
}

export class CommitQueue {
  readonly #transaction: (work: () => void) => void;
  readonly #reload: () => void;
  #waiting: Waiting[] = [];

  /** `reload` restores memory from storage after a transaction was rolled back. */
  constructor(transaction: (work: () => void) => void, reload: () => void) {
    this.#transaction = transaction;
    this.#reload = reload;
  }

  /** Runs `work` in the next transaction and gives its result once that has committed. */
  submit<Value>(work: () => Value): Promise<Value> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ work, answer: resolve as (value: unknown) => void, fail: reject });
      if (this.#waiting.length === 1) setTimeout(() => this.#flush(), 0);
    });
  }

  #flush(): void {
    const batch = this.#waiting;
    this.#waiting = [];
    if (this.#commit(batch)) return;
    // One of them failed and took the others with it: each gets a transaction of its own.
    for (const one of batch) this.#commit([one], true);
  }

  #commit(batch: readonly Waiting[], last = false): boolean {
    const results: unknown[] = [];
    try {
      this.#transaction(() => {
        for (const { work } of batch) results.push(work());
      });
    } catch (error) {
      try {
        this.#reload();
      } catch (worse) {
        // Memory could not be restored either: nobody of this batch may wait for an answer that never comes.
        for (const { fail } of batch) fail(worse);
        return true;
      }
      if (last || batch.length === 1) for (const { fail } of batch) fail(error);
      return batch.length === 1;
    }
    for (const [index, { answer }] of batch.entries()) answer(results[index]);
    return true;
  }
}
