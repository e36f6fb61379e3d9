// What one call to an object costs by itself: by an RPC method, by fetch, by itty-durable.
import type { BenchOptions } from "./arguments.ts";
import type { Ceiling, CeilingCall } from "./ceiling.ts";
import type { Generator } from "./load.ts";
import { rotated, spreadOf, type Spread } from "./statistics.ts";
import type { Shape } from "./subject.ts";

const CALLS: readonly CeilingCall[] = ["rpc", "rpc-echo", "fetch", "itty", "itty-echo"];

export interface HopResult {
  readonly rates: Readonly<Record<string, Spread>>;
  /** Each other way of calling by the RPC method, within each round. */
  readonly ratios: readonly {
    readonly shape: Shape;
    readonly call: CeilingCall;
    readonly by: CeilingCall;
    readonly ratio: Spread;
  }[];
}

/** Measures the four calls in a rotating order in each round. */
export async function measureHop(
  ceiling: Ceiling,
  generator: Generator,
  { rounds, seconds, connections, members }: BenchOptions,
  say: (line: string) => void,
): Promise<HopResult> {
  const ids = { hot: ["hop"], spread: Array.from({ length: members }, (_, place) => `hop-${place}`) };
  const rates = new Map<string, number[]>();
  for (let round = 0; round < rounds; round += 1) {
    for (const shape of ["hot", "spread"] as const) {
      for (const call of rotated(CALLS, round)) {
        const load = { url: ceiling.url, key: call, operation: "earn", connections, prefix: "hop" } as const;
        const memberIds = ids[shape];
        if (shape === "spread") await generator.run({ ...load, memberIds, seconds: 60, once: true });
        const { requests, seconds: took } = await generator.run({ ...load, memberIds, seconds });
        const name = `${shape} ${call}`;
        rates.set(name, [...(rates.get(name) ?? []), requests / took]);
      }
    }
    const last = [...rates].map(([name, all]) => `${name} ${Math.round(all.at(-1) ?? 0)}/s`);
    say(`hop ${round + 1}/${rounds} ${last.join("  ")}`);
  }
  const ratio = (shape: Shape, call: CeilingCall, by: CeilingCall) => {
    const below = rates.get(`${shape} ${by}`) ?? [];
    const ratios = (rates.get(`${shape} ${call}`) ?? []).map((rate, round) => rate / (below[round] ?? NaN));
    return { shape, call, by, ratio: spreadOf(ratios) };
  };
  return {
    rates: Object.fromEntries([...rates].map(([name, all]) => [name, spreadOf(all)])),
    ratios: (["hot", "spread"] as const).flatMap((shape) => [
      ratio(shape, "fetch", "rpc"),
      ratio(shape, "itty", "rpc"),
      ratio(shape, "itty-echo", "rpc-echo"),
    ]),
  };
}
