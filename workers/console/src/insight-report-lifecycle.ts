// Answers with the stages that members are in, how they moved between two days, and the labels of any day before.
import {
  asOfQuery,
  type AsOfAnswer,
  type CountsAsOf,
  countsAsOfQuery,
  lifecycleQuery,
  type LifecycleReport,
} from "@regulars/contracts/insights-members";
import { type Read, readQuery } from "@regulars/edge/body";
import { type Call, done, refused, tenantOf } from "./call.ts";
import { readLabels } from "./insight-report-labels.ts";
import { readCountsOn, readFlows, readStages } from "./insight-report-members-rows.ts";

export async function getInsightLifecycle(call: Call): Promise<Read<LifecycleReport>> {
  const query = readQuery(call.request.url, lifecycleQuery);
  if (!query.ok) return query;
  const { from, until } = query.value;
  if (from !== undefined && until !== undefined && from > until) {
    return refused("number_out_of_range", { field: "until", facts: { limit: `≥ ${from}` } });
  }
  const tenant = tenantOf(call);
  const [now, moves] = await Promise.all([
    readStages(call.database, tenant),
    from === undefined || until === undefined ? null : readFlows(call.database, tenant, [from, until]),
  ]);
  const scored = now.cells.reduce((sum, { members }) => sum + members, 0);
  const stages = sumBy(now.cells, ({ stage }) => stage).map(({ name, ...sums }) => ({ stage: name, ...sums }));
  const cycle = now.models.find(({ kind }) => kind === "cycle")?.document["medianDays"];
  return done({
    asOf: now.asOf,
    stages: [...stages, { stage: null, members: now.members - scored, spend: 0 }],
    labels: sumBy(now.cells, ({ label }) => label).map(({ name, members }) => ({ label: name, members })),
    churnRisk: now.cells.reduce((sum, { churnRisk }) => sum + churnRisk, 0),
    usualCycleDays: typeof cycle === "number" ? cycle : null,
    flows: from === undefined || until === undefined || moves === null ? null : { from, until, moves },
  });
}

export async function getLabelsAsOf(call: Call): Promise<Read<AsOfAnswer>> {
  const query = readQuery(call.request.url, asOfQuery);
  if (!query.ok) return query;
  const { memberId, day } = query.value;
  const found = await readLabels(call.database, tenantOf(call), { memberId, day });
  return found === null ? refused("member_not_found", { field: "memberId" }) : done({ memberId, day, ...found });
}

export async function getCountsAsOf(call: Call): Promise<Read<CountsAsOf>> {
  const query = readQuery(call.request.url, countsAsOfQuery);
  if (!query.ok) return query;
  const { day } = query.value;
  const rows = await readCountsOn(call.database, tenantOf(call), day);
  const cells = rows.map(({ members, ...names }) => ({ ...names, members: Number(members), spend: 0 }));
  const by = (column: string) =>
    sumBy(cells, (cell) => String(cell[column as keyof typeof cell])).map(({ name, members }) => ({ name, members }));
  return done({
    day,
    members: cells.reduce((sum, { members }) => sum + members, 0),
    stages: by("stage"),
    labels: by("label"),
    bands: by("band"),
    segments: by("rfm_segment"),
    groups: by("rfm_group"),
  });
}

/** Sums by name, most members first. */
function sumBy<Cell extends { readonly members: number; readonly spend: number }>(
  cells: readonly Cell[],
  nameOf: (cell: Cell) => string,
) {
  const sums = new Map<string, { name: string; members: number; spend: number }>();
  for (const cell of cells) {
    const name = nameOf(cell);
    const { members, spend } = sums.get(name) ?? { members: 0, spend: 0 };
    sums.set(name, { name, members: members + cell.members, spend: spend + cell.spend });
  }
  return [...sums.values()].sort((one, other) => other.members - one.members || (one.name < other.name ? -1 : 1));
}
