// Checkout under a program of 200 rules, 20 vouchers held and five currencies, beside the ceiling and a program of two rules.
import type { BenchOptions } from "./arguments.ts";
import { ask, forEach } from "./ask.ts";
import type { Ceiling } from "./ceiling.ts";
import type { Generator } from "./load.ts";
import { memberNames } from "./others.ts";
import type { RegularsSubject } from "./regulars.ts";
import type { Operation } from "./requests.ts";
import { CURRENCIES, rewards, richProgram } from "./rich-program.ts";
import { rotated, spreadOf, type Spread } from "./statistics.ts";
import { enrolMembers, makeTenant } from "./tenant.ts";

const MEMBERS = 50;

export interface RichResult {
  /** Requests a second by what was called. */
  readonly rates: Readonly<Record<string, Spread>>;
  /** By the ceiling, within rounds. */
  readonly ratios: Readonly<Record<string, Spread>>;
}

interface Contender {
  readonly name: string;
  readonly url: string;
  readonly key: string;
  readonly memberIds: readonly string[];
  readonly operation: Operation;
}

/** Measures all of them in each round, in an order that rotates. */
export async function measureRich(
  { memory, ceiling }: { readonly memory: RegularsSubject; readonly ceiling: Ceiling },
  generator: Generator,
  { rounds, seconds, connections }: BenchOptions,
  say: (line: string) => void,
): Promise<RichResult> {
  const { url, stack } = memory;
  say("program: making a tenant of 200 rules and members with 20 vouchers ...");
  const rich = await makeTenant(url, stack.operatorKey, "rich", { program: richProgram });
  const names = Array.from({ length: MEMBERS }, (_, place) => `rich-${place}`);
  const memberIds = await enrolMembers(url, rich.key, names);
  await forEach(memberIds, (memberId) => fill(url, rich.key, memberId));
  const lean = { url, key: memory.key, memberIds: memory.membersOf("spread").slice(0, MEMBERS) };
  const full = { url, key: rich.key, memberIds };
  const contenders: Contender[] = [
    { name: CEILING, url: ceiling.url, key: "rpc", memberIds: memberNames(MEMBERS).spread, operation: "earn" },
    { name: "quote, 2 rules", ...lean, operation: "quote" },
    { name: "quote, 200 rules", ...full, operation: "quote" },
    { name: "quote with the best of 20 vouchers, 200 rules", ...full, operation: "bestQuote" },
    { name: "paid order, 2 rules", ...lean, operation: "earn" },
    { name: "paid order, 200 rules", ...full, operation: "earn" },
  ];
  const found = new Map<string, number[]>();
  for (let round = -1; round < rounds; round += 1) {
    for (const { name, ...load } of rotated(contenders, Math.max(0, round))) {
      const prefix = `rich-${Date.now().toString(36)}-${round}`;
      const { requests, seconds: took, done } = await generator.run({ ...load, connections, prefix, seconds });
      // These are members of the other sections too, whose sums are checked in the end.
      if (load.key === memory.key) memory.note("spread", load.operation, done);
      // The first round only warms up.
      if (round >= 0) found.set(name, [...(found.get(name) ?? []), requests / took]);
    }
  }
  const top = found.get(CEILING) ?? [];
  const rates = [...found].map(([name, all]) => [name, spreadOf(all)] as const);
  const ratios = [...found].map(
    ([name, all]) => [name, spreadOf(all.map((rate, round) => rate / (top[round] ?? NaN)))] as const,
  );
  return { rates: Object.fromEntries(rates), ratios: Object.fromEntries(ratios) };
}

const CEILING = "ceiling";

/** Gives a member every voucher, and points of every currency. */
async function fill(url: string, key: string, memberId: string): Promise<void> {
  for (const { id } of rewards) {
    await ask(url, key, "POST", `/v1/members/${memberId}/vouchers`, { rewardId: id, reason: "benchmark" });
  }
  for (const currency of CURRENCIES.slice(1)) {
    const wish = { currency, points: 1_000_000, reason: "benchmark" };
    await ask(url, key, "POST", `/v1/members/${memberId}/adjustments`, wish);
  }
}
