// Answers with a table of members, or of what they bring, by two of what is known of them; sums check with its totals.
import { type PivotMeasure, pivotQuery, type PivotReport } from "@regulars/contracts/insights-pivot";
import { localDay } from "@regulars/domain/calendar";
import { type Read, readQuery } from "@regulars/edge/body";
import { type Call, done, tenantOf } from "./call.ts";
import { type PivotCell, type PivotFigures, type PivotKey, readPivot } from "./insight-report-pivot-rows.ts";
import { refusalOfSegment } from "./insight-report-place.ts";

export async function getInsightPivot(call: Call): Promise<Read<PivotReport>> {
  const query = readQuery(call.request.url, pivotQuery);
  if (!query.ok) return query;
  const { rows, columns, measure, segmentId } = query.value;
  const refusal = await refusalOfSegment(call, segmentId);
  if (refusal !== null) return refusal;
  const tenant = tenantOf(call);
  const asOf = localDay(call.now, tenant.timeZone);
  const cells = await readPivot(call.database, tenant, { rows, columns, segmentId, today: asOf });
  return done({
    asOf,
    rows,
    columns,
    measure,
    segmentId: segmentId ?? null,
    ...pivotTable(cells, measure),
    overlapping: rows === "segment" || columns === "segment",
  });
}

type Table = Pick<
  PivotReport,
  "rowGroups" | "columnGroups" | "cells" | "rowTotals" | "columnTotals" | "total" | "members"
>;

/** Puts cells into a table: groups by name, those of whom it is not known next to last, all others last. */
export function pivotTable(cells: readonly PivotCell[], measure: PivotMeasure): Table {
  const found = new Map(cells.map((cell) => [`${nameOf(cell.row)}\n${nameOf(cell.column)}`, cell]));
  const at = (row: string, column: string) => {
    const cell = found.get(`${row}\n${column}`);
    return cell === undefined ? null : measured(cell, measure);
  };
  const rowGroups = groupsOf(cells.map(({ row }) => row));
  const columnGroups = groupsOf(cells.map(({ column }) => column));
  return {
    rowGroups: rowGroups.map(groupAnswer),
    columnGroups: columnGroups.map(groupAnswer),
    cells: rowGroups.map((row) => columnGroups.map((column) => at(nameOf(row), nameOf(column)))),
    rowTotals: rowGroups.map((row) => at(nameOf(row), ALL)),
    columnTotals: columnGroups.map((column) => at(ALL, nameOf(column))),
    total: at(ALL, ALL),
    members: found.get(`${ALL}\n${ALL}`)?.members ?? 0,
  };
}

const ALL = "all";
const nameOf = ({ isAll, key, isOthers }: PivotKey) =>
  isAll ? ALL : isOthers ? "others" : key === null ? "unknown" : `key ${key}`;

const groupAnswer = ({ key, isOthers }: PivotKey) => ({ key, others: isOthers });

function groupsOf(keys: readonly PivotKey[]): PivotKey[] {
  const groups = new Map(keys.filter(({ isAll }) => !isAll).map((key) => [nameOf(key), key]));
  const place = ({ key, isOthers }: PivotKey) => (isOthers ? 2 : key === null ? 1 : 0);
  return [...groups.values()].sort(
    (one, other) => place(one) - place(other) || ((one.key ?? "") < (other.key ?? "") ? -1 : 1),
  );
}

/** Null where there is nothing to work it out from: nobody's mean. */
function measured(figures: PivotFigures, measure: PivotMeasure): number | null {
  const { spend, buyers, valued, lifetimeValue } = figures;
  if (measure === "averageSpend") return buyers === 0 ? null : spend / buyers;
  if (measure === "lifetimeValue") return valued === 0 ? null : lifetimeValue;
  return figures[measure];
}
