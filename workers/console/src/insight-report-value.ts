// Answers with what members are worth: bands, groups of profit, the pyramid, tenths, and the models behind it.
import { type ValueReport, valueQuery } from "@regulars/contracts/insights-members";
import { type Read, readQuery } from "@regulars/edge/body";
import { type Call, done, tenantOf } from "./call.ts";
import { cutByRank, ranksNeeded } from "./insight-report-ranks.ts";
import { readRanking, readWorth } from "./insight-report-value-rows.ts";

const BANDS = ["high", "middle", "low"] as const;
const PROFIT_GROUPS = ["high", "middle", "low", "none"] as const;

export async function getInsightValue(call: Call): Promise<Read<ValueReport>> {
  const query = readQuery(call.request.url, valueQuery);
  if (!query.ok) return query;
  const { by } = query.value;
  const tenant = tenantOf(call);
  const worth = await readWorth(call.database, tenant, by);
  const sum = (name: string) => Number(worth.sums[name] ?? 0);
  const counts = { buyers: sum("buyers"), positive: sum("positive"), members: worth.members };
  const ranking = await readRanking(call.database, tenant, { by, ranks: ranksNeeded(counts) });
  return done({
    asOf: worth.sums["as_of"] ?? null,
    by,
    money: tenant.currency,
    members: counts.members,
    buyers: counts.buyers,
    total: sum("total"),
    mean: counts.buyers === 0 ? null : sum("total") / counts.buyers,
    bands: BANDS.map((name) => {
      const row = worth.bands.find((band) => band["name"] === name);
      return { name, members: Number(row?.["members"] ?? 0), spend: Number(row?.["spend"] ?? 0) };
    }),
    profitGroups: worth.profits.length === 0 ? [] : PROFIT_GROUPS.map((group) => profitGroup(group, worth.profits)),
    ...cutByRank(counts, ranking.sums),
    membersMakingEighty: ranking.makingEighty === null ? null : ranking.makingEighty / counts.buyers,
    oneTimeBuyerRate: counts.buyers === 0 ? null : sum("one_time") / counts.buyers,
    lifetimeValue: sum("valued") === 0 ? null : lifetimeValue(sum),
    models: worth.models,
  });
}

function profitGroup(group: (typeof PROFIT_GROUPS)[number], rows: readonly Record<string, string>[]) {
  const row = rows.find(({ name }) => name === group) ?? {};
  const [members, potential, profit] = ["members", "potential", "profit"].map((name) => Number(row[name] ?? 0));
  return { group, members: members ?? 0, potential: potential ?? 0, profit: profit ?? 0 };
}

function lifetimeValue(sum: (name: string) => number): ValueReport["lifetimeValue"] {
  const [members, total] = [sum("valued"), sum("lifetime_value")];
  return { members, total, mean: total / members, expectedOrders: sum("expected_orders"), meanAlive: sum("alive") };
}
