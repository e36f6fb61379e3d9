// Tests that what a manager of segments has seen is never older than the print that lets them write.
import { afterAll, beforeAll, expect, test } from "vitest";
import { viewSegment } from "../../workers/console/src/segment-rows.ts";
import { openSegments, type SegmentsDatabase } from "./segments-database.ts";
import { makeSegmentRow, storeWorld, WORLD_TENANT } from "./segments-rows.ts";

/** Against so many writes, a print read after the segments was newer than they in a third of the views, in five of five runs. */
const SEGMENTS_WRITTEN = 300;

let there: SegmentsDatabase;
beforeAll(async () => {
  there = await openSegments();
});
afterAll(() => there.close());

test("a view of segments that others write at the same time has all that its print counts", async () => {
  let isWriting = true;
  const write = async () => {
    for (let index = 0; index < SEGMENTS_WRITTEN; index += 1) {
      await storeWorld(there.owner, { segments: [makeSegmentRow(`s${index}`)] });
    }
    isWriting = false;
  };
  const counts: { seen: number; counted: number }[] = [];
  const look = async () => {
    while (isWriting) {
      const view = await viewSegment({ database: there.database, tenantId: WORLD_TENANT }, null, []);
      counts.push({ seen: view.segments.size, counted: Number(view.print.split(".")[1]) });
    }
  };
  await Promise.all([write(), look(), look(), look()]);
  expect(counts.length).toBeGreaterThan(0);
  expect(counts.filter(({ seen, counted }) => seen < counted)).toEqual([]);
});
