// Decides by chance without chance: the same text and question always give the same number.

/** A number from 0 up to 1 that depends on the texts only. */
export function chance(id: string, question: string): number {
  let hash = 0x811c9dc5;
  for (const text of [question, "\0", id]) {
    for (let place = 0; place < text.length; place++) {
      hash = Math.imul(hash ^ text.charCodeAt(place), 0x01000193);
    }
  }
  // FNV-1a leaves neighbours close together; murmur3's last step spreads them.
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return ((hash ^ (hash >>> 16)) >>> 0) / 2 ** 32;
}

/** One of the items, by chance. */
export function pick<Item>(items: readonly Item[], id: string, question: string): Item {
  const item = items[Math.floor(chance(id, question) * items.length)];
  if (item === undefined) throw new Error(`Nothing to choose from for "${question}"`);
  return item;
}
