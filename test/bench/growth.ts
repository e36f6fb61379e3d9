// Whether a long history slows a member down: earning with 100,000 entries and 1,000 open lots, against an empty member.
import type { BenchOptions } from "./arguments.ts";
import { ask } from "./ask.ts";
import { expectMembers, expectMore, type ExpectedMember } from "./expectation.ts";
import type { Load } from "./generator.ts";
import type { Generator } from "./load.ts";
import { verifyMembers, type RegularsSubject } from "./regulars.ts";
import { CURRENCY, EARN_POINTS } from "./requests.ts";
import { spreadOf, type Spread } from "./statistics.ts";
import { enrolMembers } from "./tenant.ts";

/** An order opens two lots with four entries; taking its points back spends two lots with four entries. */
const LOTS_PER_ORDER = 2;
const ENTRIES_PER_ORDER = 4;
const ENTRIES_PER_TURNOVER = 8;
/** Few enough that the empty member stays small, long enough to be timed. */
const ORDERS_PER_LOAD = 150;

export interface GrowthResult {
  readonly entries: number;
  readonly lots: number;
  readonly pairs: number;
  /** Orders per second of the old member by those of an empty one, pair by pair. */
  readonly ratio: Spread;
  readonly old: Spread;
  readonly empty: Spread;
}

/** Makes the history through the API, then measures in pairs whose order alternates. */
export async function measureGrowth(
  subject: RegularsSubject,
  generator: Generator,
  { connections, entries, lots, growthPairs, quick }: BenchOptions,
  say: (line: string) => void,
): Promise<GrowthResult> {
  const { url, key } = subject;
  let runs = 0;
  const earn = async (member: ExpectedMember, wish: Partial<Load> & Pick<Load, "operation" | "operationsMax">) => {
    runs += 1;
    const prefix = `growth-${Date.now().toString(36)}-${runs}`;
    const load = { url, key, memberIds: [member.memberId], connections, seconds: 600, prefix, ...wish };
    const { requests, seconds, done } = await generator.run(load);
    expectMore([member], wish.operation, done);
    return requests / seconds;
  };
  const makeMember = async (name: string) => {
    const [member] = expectMembers(await enrolMembers(url, key, [`growth-${name}`], 0));
    if (member === undefined) throw new Error("no member was enrolled");
    return Object.assign(member, { available: 0, events: 1 });
  };
  const old = await makeMember("old");
  const orders = Math.ceil(lots / LOTS_PER_ORDER);
  await earn(old, { operation: "earn", operationsMax: orders });
  const turnovers = Math.ceil((entries - orders * ENTRIES_PER_ORDER) / ENTRIES_PER_TURNOVER);
  say(`growth: writing ${entries} entries ...`);
  await earn(old, { operation: "turnover", operationsMax: turnovers });
  const rates: { old: number[]; empty: number[] } = { old: [], empty: [] };
  const load = { operation: "earn", operationsMax: quick ? ORDERS_PER_LOAD / 5 : ORDERS_PER_LOAD } as const;
  for (let pair = 0; pair < growthPairs; pair += 1) {
    const empty = await makeMember(`empty-${pair}`);
    // Both have been touched just now: waking up is not what is asked here.
    await verifyMembers(url, key, [old, empty]);
    const turns = [
      async () => void rates.old.push(await earn(old, load)),
      async () => void rates.empty.push(await earn(empty, load)),
    ];
    for (const turn of pair % 2 === 0 ? turns : turns.toReversed()) await turn();
    await takeBack(subject, old, load.operationsMax);
    await verifyMembers(url, key, [old, empty]);
  }
  const ratio = spreadOf(rates.old.map((rate, pair) => rate / (rates.empty[pair] ?? NaN)));
  say(`growth: ${ratio.median.toFixed(2)} of an empty member`);
  return { entries, lots, pairs: growthPairs, ratio, old: spreadOf(rates.old), empty: spreadOf(rates.empty) };
}

/** Spends the oldest lots, so that as many stay open as before the load. */
async function takeBack({ url, key }: RegularsSubject, member: ExpectedMember, orders: number): Promise<void> {
  const points = orders * EARN_POINTS;
  const wish = { currency: CURRENCY, points: -points, reason: "growth" };
  await ask(url, key, "POST", `/v1/members/${member.memberId}/adjustments`, wish);
  member.available -= points;
  member.events += 1;
}
