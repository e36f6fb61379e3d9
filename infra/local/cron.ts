// Decides whether a cron expression, as Cloudflare reads it, names a given minute.

/** Weekdays are counted from Sunday = 1, unlike in most other crons. */
const WEEKDAYS = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"];
const MONTHS = ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"];
const FIELDS = [
  { name: "minute", low: 0, high: 59, words: [] },
  { name: "hour", low: 0, high: 23, words: [] },
  { name: "day", low: 1, high: 31, words: [] },
  { name: "month", low: 1, high: 12, words: MONTHS },
  { name: "weekday", low: 1, high: 7, words: WEEKDAYS },
] as const;

type Field = (typeof FIELDS)[number];

/** A test of a time, to the minute and in UTC; throws on an expression that it cannot read. */
export function parseCron(expression: string): (time: Date) => boolean {
  const parts = expression.trim().split(/\s+/);
  if (parts.length !== FIELDS.length) throw new Error(`The cron "${expression}" does not have five fields.`);
  const allowed = FIELDS.map((field, index) => parseField(parts[index] ?? "", field, expression));
  const [isAnyDay, isAnyWeekday] = [parts[2]?.startsWith("*"), parts[4]?.startsWith("*")];
  return (time) => {
    const [minute, hour, day, month, weekday] = [
      time.getUTCMinutes(),
      time.getUTCHours(),
      time.getUTCDate(),
      time.getUTCMonth() + 1,
      time.getUTCDay() + 1,
    ].map((value, index) => allowed[index]?.has(value) ?? false);
    // As in every cron: when both day and weekday are restricted, either is enough.
    const onDay = isAnyDay || isAnyWeekday ? day && weekday : day || weekday;
    return Boolean(minute && hour && month && onDay);
  };
}

function parseField(text: string, field: Field, expression: string): Set<number> {
  const values = new Set<number>();
  for (const item of text.split(",")) {
    const [, range = "", step = "1"] = /^([^/]+)(?:\/([1-9]\d*))?$/.exec(item) ?? [];
    const [from, to] = range === "*" ? [field.low, field.high] : bounds(range, field, item.includes("/"));
    if (!(from >= field.low && to <= field.high && from <= to)) {
      throw new Error(`The cron "${expression}" has a ${field.name} "${item}" that the local clock cannot read.`);
    }
    for (let value = from; value <= to; value += Number(step)) values.add(value);
  }
  return values;
}

/** NaN for what is no number and no name: no comparison holds for it. */
function bounds(range: string, field: Field, hasStep: boolean): [number, number] {
  const [first = "", last] = range.split("-");
  const from = position(first, field);
  return [from, last === undefined ? (hasStep ? field.high : from) : position(last, field)];
}

function position(text: string, field: Field): number {
  const words: readonly string[] = field.words;
  const word = words.indexOf(text.toUpperCase());
  if (word >= 0) return word + field.low;
  return /^\d+$/.test(text) ? Number(text) : NaN;
}
