// Conditions about the person as SQL: words of the profile, fields of one's own, and numbers that move with the calendar.
import type { SegmentLeaf } from "@regulars/contracts/segments";
import { dayInYear } from "@regulars/domain/calendar";
import { BIRTHDAY_PATTERN } from "@regulars/domain/segment-birthdays";
import { wholeLimits } from "@regulars/domain/segment-ranges";
import { smallLetters } from "@regulars/domain/segment-text";
import { type SQL, sql } from "drizzle-orm";
import type { Scene } from "./scene.ts";
import type { CompiledLeaf, Compiling } from "./segment-compile.ts";
import { fallingDays, isAmong, isWithin, localDayOf, risingDays } from "./segment-sql.ts";

type Of<Kind extends SegmentLeaf["kind"]> = Extract<SegmentLeaf, { readonly kind: Kind }>;

export function compileWord(leaf: Of<"word">, compiling: Compiling): SQL {
  const word = wordOf(leaf.field, compiling);
  if (leaf.known !== undefined) return sql`((${word} is not null) = ${leaf.known}::boolean)`;
  if (leaf.in !== undefined) return sql`coalesce(${isAmong(word, leaf.in)}, false)`;
  // Not LIKE: letters of the text would be wildcards. This collation is the same on every server.
  const small = sql`lower((${word}) collate pg_c_utf8)`;
  return sql`coalesce(strpos(${small}, ${smallLetters(leaf.contains ?? "")}::text) > 0, false)`;
}

export function compileCustom(leaf: Of<"custom">): SQL {
  const value = sql`(m.profile -> 'custom' -> ${leaf.field}::text)`;
  if (leaf.known !== undefined) {
    const isKnown = sql`coalesce(jsonb_typeof(${value}) in ('string', 'number', 'boolean'), false)`;
    return sql`(${isKnown} = ${leaf.known}::boolean)`;
  }
  if (leaf.in !== undefined) {
    const wanted = sql`array(select jsonb_array_elements(${JSON.stringify(leaf.in)}::jsonb))`;
    return sql`coalesce(${value} = any(${wanted}), false)`;
  }
  return isWithin(sql`case when jsonb_typeof(${value}) = 'number' then ${value}::float8 end`, leaf);
}

/** Everything about a birthday stands behind the test that it is one: a cast of another text would end the whole build. */
export function compileNumber(leaf: Of<"number">, scene: Scene): CompiledLeaf {
  if (leaf.field === "enrolledDays") {
    const days = sql`(${scene.today}::date - ${localDayOf(sql`m.enrolled_at`, scene)})`;
    return { holds: isWithin(days, leaf), changesInDays: risingDays(days, leaf) };
  }
  const birthday = sql`(m.profile ->> 'birthday')`;
  const known = (value: SQL) => sql`(case when ${birthday} ~ ${BIRTHDAY_PATTERN}::text then ${value} end)`;
  if (leaf.field === "birthMonth") return { holds: isWithin(known(sql`substr(${birthday}, 6, 2)::int`), leaf) };
  if (leaf.field === "age") {
    const age = known(ageOf(birthday, scene.today));
    const after = daysUntil(birthday, scene.today, sql`>`);
    const { leaves } = wholeLimits(leaf);
    return { holds: isWithin(age, leaf), changesInDays: sql`case when ${age} < ${leaves}::int then ${after} end` };
  }
  const days = known(daysUntil(birthday, scene.today, sql`>=`));
  return { holds: isWithin(days, leaf), changesInDays: sql`least(${fallingDays(days, leaf)}, ${days} + 1)` };
}

function wordOf(field: Of<"word">["field"], { scene, looks }: Compiling): SQL {
  switch (field) {
    case "homeStoreId":
      return sql`m.home_store_id`;
    case "source":
      return sql`m.source`;
    case "regionId": {
      const isHome = (x: SQL) => sql`${x}.tenant_id = ${scene.tenantId}::text and ${x}.store_id = m.home_store_id`;
      return sql`${looks.rowOfOther("home", sql`stores`, isHome)}.region_id`;
    }
    default:
      return sql`(m.profile ->> ${field}::text)`;
  }
}

/** The day of a year on which a birthday falls, as text: 29 February is the 28th in common years. */
function dayOf(birthday: SQL, year: number): SQL {
  const monthDay = sql`substr(${birthday}, 6)`;
  const leapDay = dayInYear(year, "02-29");
  return sql`case ${monthDay} when '02-29' then ${leapDay}::text else ${`${leapDay.slice(0, 5)}`}::text || ${monthDay} end`;
}

function ageOf(birthday: SQL, today: string): SQL {
  const year = Number(today.slice(0, 4));
  const isBefore = sql`(${today}::date < (${dayOf(birthday, year)})::date)::int`;
  return sql`(${year}::int - substr(${birthday}, 1, 4)::int - ${isBefore})`;
}

/** Days until the next birthday: `isLater` tells whether one today is the next. */
function daysUntil(birthday: SQL, today: string, isLater: SQL): SQL {
  const year = Number(today.slice(0, 4));
  const thisYear = sql`(${dayOf(birthday, year)})::date`;
  const nextYear = sql`(${dayOf(birthday, year + 1)})::date`;
  return sql`(case when ${thisYear} ${isLater} ${today}::date then ${thisYear} else ${nextYear} end - ${today}::date)`;
}
