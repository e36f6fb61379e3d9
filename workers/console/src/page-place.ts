// Writes where a page of a list by time ended as a cursor, and reads it back.

export interface PagePlace {
  readonly at: Date;
  readonly id: string;
}

/** JavaScript's own bounds of a time. */
const TIME_MAX = 8.64e15;

export function writePlace({ at, id }: PagePlace): string {
  return `${at.getTime()}.${id}`;
}

/** Null when the text was not made by `writePlace`. */
export function readPlace(cursor: string): PagePlace | null {
  const [, milliseconds, id] = /^(\d{1,16})\.(.+)$/.exec(cursor) ?? [];
  if (milliseconds === undefined || id === undefined || Number(milliseconds) > TIME_MAX) return null;
  return { at: new Date(Number(milliseconds)), id };
}
