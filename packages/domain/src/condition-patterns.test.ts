// A pattern of a condition takes its time from the pattern alone, never from what a till sends.
import { expect, test } from "vitest";
import { checkCondition, compileCondition } from "./conditions.ts";

test.each([
  ["a group that repeats", 'channel.matches("(a+)+$")'],
  ["a choice that repeats", 'member.tags.exists(tag, tag.matches("(a|a)*b"))'],
  ["a group hidden in a figure of an event", "event.data.topic.matches('x(a+)+')"],
  ["a pattern that a till sends", "channel.matches(channel)"],
  ["a pattern put together", "channel.matches('(a' + '+)+')"],
  ["what was found before", String.raw`channel.matches(r'a\1')`],
  ["three repetitions", "channel.matches('a*a*a*b')"],
  ["thirty options", `channel.matches('${"a?".repeat(30)}')`],
  ["a very long one", `channel.matches('${"a".repeat(101)}')`],
])("%s is refused", (_, text) => {
  expect(checkCondition(text)).toMatch(/^condition_pattern_/);
});

const worst = `${"a".repeat(199)}!`;
const seen = { facts: { channel: worst } };

test.each([
  ["^[a-z]+![0-9]*$", true],
  ["a+a+$", false],
  [String.raw`^a.*\(pos\)`, false],
  ["^(web|app)$".replaceAll(/[()]/g, ""), false],
  ["[(+*]!", false],
])("%s is matched within a moment", (pattern, matches) => {
  const text = `channel.matches(r'${pattern}')`;
  expect(checkCondition(text)).toBe(null);
  const since = performance.now();
  expect(compileCondition(text)(seen)).toBe(matches);
  expect(performance.now() - since).toBeLessThan(500);
});
