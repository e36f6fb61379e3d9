// The words that conditions are written with in SQL: lists, ranges, local days, and how soon a moving number passes a limit.
import { startOfLocalDay } from "@regulars/domain/calendar";
import { CHANGE_DAYS_MAX, type SegmentRange, wholeLimits, type WindowDays } from "@regulars/domain/segment-ranges";
import { type SQL, sql } from "drizzle-orm";
import { dayAfter, type Scene } from "./scene.ts";

/** Bounds for an index lie a day outside, so that the exact day may be told by PostgreSQL alone. */
const MARGIN_MILLISECONDS = 86_400_000;

/** Whether a text is one of a list; null when it is null. */
export function isAmong(text: SQL, list: readonly string[]): SQL {
  return sql`${text} = any(array(select jsonb_array_elements_text(${JSON.stringify(list)}::jsonb)))`;
}

/** Whether a number lies in a range; false when it is null. Numbers are compared as JavaScript compares them. */
export function isWithin(number: SQL, { atLeast, atMost }: SegmentRange): SQL {
  const limits = [
    atLeast === undefined ? [] : [sql`(${number})::float8 >= ${atLeast}::float8`],
    atMost === undefined ? [] : [sql`(${number})::float8 <= ${atMost}::float8`],
  ].flat();
  return sql`coalesce(${sql.join(limits, sql` and `)}, false)`;
}

export function localDayOf(instant: SQL, { timeZone }: Scene): SQL {
  return sql`(${instant} at time zone ${timeZone}::text)::date`;
}

/** Days until a whole number that grows by one a day comes into the range or leaves it: `risingChange` of the domain. */
export function risingDays(number: SQL, range: SegmentRange): SQL {
  const { enters, leaves } = wholeLimits(range);
  return sql`case when ${number} < ${enters}::int then ${enters}::int - ${number}
    when ${number} < ${leaves}::int then ${leaves}::int - ${number} end`;
}

/** The same for a number that shrinks: `fallingChange` of the domain. */
export function fallingDays(number: SQL, range: SegmentRange): SQL {
  const { enters, leaves } = wholeLimits(range);
  return sql`case when ${number} >= ${leaves}::int then ${number} - ${leaves}::int + 1
    when ${number} >= ${enters}::int then ${number} - ${enters}::int + 1 end`;
}

/** The beginning of the local day so many days after today; null for null, and for what is too far to be stored. */
export function startOfDayIn(days: SQL, scene: Scene): SQL {
  return sql`case when ${days} <= ${CHANGE_DAYS_MAX}::int then ${startOfDay(sql`${scene.today}::date + ${days}`, scene)} end`;
}

/** Whatever is earlier happened until today. */
export function startOfTomorrow(scene: Scene): SQL {
  return startOfDay(sql`${scene.today}::date + 1`, scene);
}

// An hour earlier and added again: of a midnight that comes twice this is the first.
function startOfDay(day: SQL, { timeZone }: Scene): SQL {
  return sql`(((${day})::timestamp - interval '1 hour') at time zone ${timeZone}::text + interval '1 hour')`;
}

/** Rows of a window, without an upper end at today: `and …` for a query whose rows have an instant. */
export function isInWindow(instant: SQL, { from, until }: WindowDays, scene: Scene): SQL {
  const day = localDayOf(instant, scene);
  const bounds = [
    from === null ? [] : [sql`and ${day} >= ${from}::date`, ...boundOf(sql`and ${instant} >=`, from, -1, scene)],
    until === null ? [] : [sql`and ${day} <= ${until}::date`, ...boundOf(sql`and ${instant} <`, until, 1, scene)],
  ].flat();
  return sql.join(bounds, sql` `);
}

// Beyond these years days and instants of the two sides need not agree, and nobody's index needs the bound.
function boundOf(comparison: SQL, day: string, side: 1 | -1, { timeZone }: Scene): SQL[] {
  if (day < "1970-01-02" || day > "2999-12-31") return [];
  const start = startOfLocalDay(side === 1 ? dayAfter(day, 1) : day, timeZone);
  return [sql`${comparison} ${new Date(start + side * MARGIN_MILLISECONDS).toISOString()}::timestamptz`];
}
