// Counts local days as whole numbers, so that every gap between two days is a subtraction.

const MILLISECONDS_PER_DAY = 86_400_000;

/** Days from 1970-01-01 to a local day written `YYYY-MM-DD`; NaN for anything that is not a day. */
export function dayNumber(day: string): number {
  const [year = Number.NaN, month = Number.NaN, date = Number.NaN] = day.split("-").map(Number);
  const at = new Date(Date.UTC(year, month - 1, date));
  return at.getUTCMonth() === month - 1 && at.getUTCDate() === date ? at.getTime() / MILLISECONDS_PER_DAY : Number.NaN;
}

/** The local day `YYYY-MM-DD` that is `day` days after 1970-01-01; a part of a day counts as the day it is in. */
export function dayText(day: number): string {
  return new Date(Math.floor(day) * MILLISECONDS_PER_DAY).toISOString().slice(0, 10);
}
