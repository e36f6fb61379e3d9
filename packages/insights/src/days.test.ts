// A day is a number and back.
import { expect, test } from "vitest";
import { dayNumber, dayText } from "./days.ts";

test("a day and its number are one", () => {
  expect(dayNumber("1970-01-01")).toBe(0);
  expect(dayNumber("2024-02-29") + 1).toBe(dayNumber("2024-03-01"));
  expect(dayText(dayNumber("2026-11-22"))).toBe("2026-11-22");
  expect(dayText(dayNumber("1997-01-01") + 0.7)).toBe("1997-01-01");
});

test("a day that is not in the calendar is no number", () => {
  expect(["2023-02-29", "2023-13-01", "soon", ""].map(dayNumber)).toEqual(Array(4).fill(Number.NaN));
});
