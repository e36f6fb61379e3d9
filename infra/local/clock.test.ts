import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { startClock, type Trigger } from "./clock.ts";

const quarterly = { worker: "segmentation", cron: "*/15 * * * *" };
const hourly = { worker: "console", cron: "23 * * * *" };

beforeEach(() => void vi.useFakeTimers({ now: new Date("2026-11-29T04:43:51Z") }));
afterEach(() => void vi.useRealTimers());

test("each trigger fires once in each of its minutes, until the clock is stopped", async () => {
  const fired: string[] = [];
  const fire = async ({ worker }: Trigger, time: Date) =>
    void fired.push(`${worker} ${time.toISOString().slice(11, 19)}`);
  const stop = startClock([quarterly, hourly], fire, () => {});
  await vi.advanceTimersByTimeAsync(69_000);
  expect(fired).toEqual(["segmentation 04:45:00"]);
  await vi.advanceTimersByTimeAsync(40 * 60_000);
  expect(fired).toEqual([
    "segmentation 04:45:00",
    "segmentation 05:00:00",
    "segmentation 05:15:00",
    "console 05:23:00",
  ]);
  stop();
  await vi.advanceTimersByTimeAsync(3_600_000);
  expect(fired.length).toBe(4);
});

test("a trigger that fails is said, and fires again at its next minute", async () => {
  const said: string[] = [];
  const fire = () => Promise.reject(new Error("no database"));
  const stop = startClock([quarterly], fire, (line) => said.push(line));
  await vi.advanceTimersByTimeAsync(20 * 60_000);
  stop();
  expect(said).toEqual(Array(2).fill('Cron segmentation "*/15 * * * *": Error: no database'));
});
