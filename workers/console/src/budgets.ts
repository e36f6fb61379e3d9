// Says how far a budget of the program is used up.
import { type Budget, budgetKind, budgetQuery } from "@regulars/contracts/codes";
import { program as programShape } from "@regulars/contracts/program";
import type { CodesRpc } from "@regulars/contracts/rpc-codes";
import { periodOf } from "@regulars/domain/calendar";
import { stockName } from "@regulars/domain/needs";
import { type Read, readQuery } from "@regulars/edge/body";
import { withTenant } from "@regulars/schema/connection";
import { programs } from "@regulars/schema/tenants";
import { desc } from "drizzle-orm";
import { type Call, done, parameterOf, refused, tenantOf } from "./call.ts";

export async function getBudget(call: Call): Promise<Read<Budget>> {
  const query = readQuery(call.request.url, budgetQuery);
  if (!query.ok) return query;
  const kind = budgetKind.parse(parameterOf(call, "kind"));
  const id = parameterOf(call, "id");
  const at = query.value.at === undefined ? call.now : Date.parse(query.value.at);
  const found = await findBudget(call, { kind, id, at });
  if (found === null) return refused("budget_not_found", { field: "id" });
  // The binding names the entrypoint PointLedger, which implements this interface.
  const ledger = call.env.POINT_LEDGER as unknown as CodesRpc;
  return done({ kind, id, ...found, given: await ledger.budgetGiven(tenantOf(call).tenantId, found.name) });
}

interface Wanted {
  readonly kind: Budget["kind"];
  readonly id: string;
  readonly at: number;
}

async function findBudget(call: Call, { kind, id, at }: Wanted): Promise<{ name: string; total: number } | null> {
  const { tenantId, timeZone } = tenantOf(call);
  const latest = call.database.select().from(programs).orderBy(desc(programs.version)).limit(1);
  const [[row]] = await withTenant(call.database, tenantId, [latest]);
  if (row === undefined) return null;
  const { earning, rewards, codes } = programShape.parse(row.document);
  if (kind === "rule") {
    const budget = earning.find((rule) => rule.id === id)?.budget;
    if (budget === undefined) return null;
    return { name: `budget/${id}/${periodOf(at, budget.period, timeZone).key}`, total: budget.points };
  }
  const [name, total] =
    kind === "stock"
      ? [stockName(id), rewards.find((reward) => reward.id === id)?.stock]
      : [`code/${id}`, codes.find((campaign) => campaign.id === id)?.limit];
  return total === undefined ? null : { name, total };
}
