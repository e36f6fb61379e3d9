// The program guide is true: every program in it does to a member what its table says.
import { describe, expect, test } from "vitest";
import { GuideMember } from "./program-guide/member.ts";
import { readGuide } from "./program-guide/tables.ts";

const guide = readGuide();

test("there are ten programs, each with a table", () => {
  expect(guide.length).toBe(10);
  for (const { title, rows } of guide) expect(rows.length, title).toBeGreaterThan(4);
});

describe.each(guide)("$title", ({ document, rows }) => {
  test("does what its table says", () => {
    const member = new GuideMember(document);
    const lived = rows.map((row) => ({ at: row.at, what: row.what, ...member.live(row) }));
    expect(lived).toEqual(rows.map((row) => ({ ...row })));
  });
});
