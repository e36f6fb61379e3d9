// A slice of real shopping with its stores split among five owners: every statement is what the stored events say.
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { readMapping } from "../replay/mapping.ts";
import { play } from "../replay/play.ts";
import { readSource } from "../replay/source.ts";
import { useSystem } from "./system.ts";

const folder = fileURLToPath(new URL("../../../shared/fixtures/completejourney", import.meta.url));
const mapping = fileURLToPath(new URL("../replay/mappings/completejourney.json", import.meta.url));
const system = useSystem();

/** Baskets of a few weeks, and many refunds among them; `npm run replay` plays all 47,243. */
const BASKETS = 500;
const REFUND_SHARE = 0.15;

test("five owners' statements over real baskets equal an independent sum over the events", async ({ skip }) => {
  skip(!existsSync(folder), `${folder} is not there`);
  const { url, operatorKey, databaseUrl } = system.stack;
  const source = readSource(folder, readMapping(mapping));
  // One household after the other, so that a short slice has people who come again and spend.
  const households = [...source.baskets].sort((one, other) => (one.person < other.person ? -1 : 1));
  const slice = households.slice(0, BASKETS).sort((one, other) => one.at - other.at);
  const options = { url, operatorKey, databaseUrl, limit: BASKETS, concurrency: 8, refundShare: REFUND_SHARE };
  expect(await play({ ...source, baskets: slice }, options)).toBe(true);
});
