// A birthday as conditions see it: years of age, days until the next one; 29 February is the 28th in common years.
import { dayInYear } from "./calendar.ts";
import { daysBetween } from "./segment-ranges.ts";

/** A day that exists in some year; whatever else is stored as a birthday is not known. PostgreSQL tests the same pattern. */
export const BIRTHDAY_PATTERN =
  "^[0-9]{4}-((0[1-9]|1[0-2])-(0[1-9]|1[0-9]|2[0-8])|(0[13-9]|1[0-2])-(29|30)|(0[13578]|1[02])-31|02-29)$";
const birthdayPattern = new RegExp(BIRTHDAY_PATTERN);

export function readBirthday(profile: Readonly<Record<string, unknown>>): string | null {
  const { birthday } = profile;
  return typeof birthday === "string" && birthdayPattern.test(birthday) ? birthday : null;
}

/** Years that are complete on a local day. */
export function ageOn(birthday: string, today: string): number {
  const year = Number(today.slice(0, 4));
  const isBefore = today < dayInYear(year, birthday.slice(5));
  return year - Number(birthday.slice(0, 4)) - (isBefore ? 1 : 0);
}

/** Days until the next birthday, which may be today. */
export function daysUntilBirthday(birthday: string, today: string): number {
  const year = Number(today.slice(0, 4));
  const monthDay = birthday.slice(5);
  const thisYear = dayInYear(year, monthDay);
  return daysBetween(today, thisYear >= today ? thisYear : dayInYear(year + 1, monthDay));
}

/** Days until the first birthday after today. */
export function daysUntilBirthdayAfter(birthday: string, today: string): number {
  const year = Number(today.slice(0, 4));
  const monthDay = birthday.slice(5);
  const thisYear = dayInYear(year, monthDay);
  return daysBetween(today, thisYear > today ? thisYear : dayInYear(year + 1, monthDay));
}
