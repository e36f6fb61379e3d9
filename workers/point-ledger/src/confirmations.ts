// Which events PostgreSQL has confirmed: a gap-free high-water mark, and what was confirmed beyond it.

export class Confirmations {
  sequence: number;
  readonly #beyond = new Set<number>();

  constructor(sequence: number) {
    this.sequence = sequence;
  }

  /** Takes in confirmed sequences, in any order and any number of times. Returns the high-water mark. */
  confirm(sequences: readonly number[]): number {
    for (const sequence of sequences) if (sequence > this.sequence) this.#beyond.add(sequence);
    while (this.#beyond.delete(this.sequence + 1)) this.sequence += 1;
    return this.sequence;
  }
}
