// Draws who of each month's new buyers came back, month after month, as a triangle of shares.
import type { CohortFindings } from "../findings.ts";
import type { Words } from "../words.ts";
import { columnCenter, type Grid, heatMap, rowCenter, shadeLegend } from "./heat-map.ts";
import { page, PAGE_LEFT, PAGE_TOP, QUIET, type Svg, text } from "./svg.ts";

const LEFT = 230;
const CELL_WIDTH = 54;
const CELL_HEIGHT = 34;
const WIDTH_MIN = 560;
/** Two years of months fit on a page. */
const MONTHS_MAX = 24;

/** Members of the month itself are all there, so the first column is left out; so is a month that is not over. */
export function drawRetention(cohorts: readonly CohortFindings[], day: string, words: Words): string {
  const shown = wholeMonths(cohorts, day).slice(-MONTHS_MAX);
  const months = Math.max(0, ...shown.map(({ active }) => active.length - 1));
  const shares = shown.flatMap(({ active, size }) => active.slice(1).map((count) => count / Math.max(1, size)));
  const most = Math.max(0, ...shares);
  const grid: Grid = {
    left: LEFT,
    top: PAGE_TOP + 26,
    cellWidth: CELL_WIDTH,
    cellHeight: CELL_HEIGHT,
    most,
    size: 13,
  };
  const overall = weightedShares(shown, months);
  const bottom = grid.top + (shown.length + 1) * CELL_HEIGHT;
  const width = Math.max(WIDTH_MIN, LEFT + months * CELL_WIDTH + 40);
  const rows = [...shown.map(({ active, size }) => active.map((count) => count / Math.max(1, size))), overall];
  const cells = rows.flatMap((row, at) =>
    row.slice(1).map((share, month) => ({
      column: month,
      row: at,
      value: share,
      label: share > 0 || at < shown.length ? words.percent(share) : "",
    })),
  );
  return page(
    {
      width,
      height: bottom + 52,
      title: words.say("title.retention"),
      subtitle: [words.say("note.asOf", { day }), words.say("axis.monthsAfter")].join(" · "),
    },
    [
      ...headings(grid, months, words),
      ...heatMap(cells, grid),
      ...shown.flatMap((cohort, at) => rowHeading(grid, at, { left: cohort.month, size: words.count(cohort.size) })),
      ...rowHeading(grid, shown.length, { left: words.say("note.weighted"), size: "" }),
      ...shadeLegend({ x: width - 224, y: bottom + 22, from: words.percent(0), to: words.percent(most) }),
    ],
  );
}

/** Cohorts until the last month that has ended, seen until then: a month's first days would look like everybody's leaving. */
export function wholeMonths(cohorts: readonly CohortFindings[], day: string): CohortFindings[] {
  const dayAfter = new Date(Date.parse(day) + 86_400_000).toISOString();
  if (dayAfter.slice(0, 7) !== day.slice(0, 7)) return [...cohorts];
  return cohorts
    .filter(({ month }) => month < day.slice(0, 7))
    .map((cohort) => ({ ...cohort, active: cohort.active.slice(0, -1) }));
}

function headings(grid: Grid, months: number, words: Words): Svg[] {
  const y = grid.top - 10;
  return [
    text(words.say("axis.month"), { x: PAGE_LEFT, y, size: 12, fill: QUIET }),
    text(words.say("column.size"), { x: LEFT - 14, y, size: 12, fill: QUIET, anchor: "end" }),
    ...Array.from({ length: months }, (_, at) =>
      text(String(at + 1), { x: columnCenter(grid, at), y, size: 12, fill: QUIET, anchor: "middle" }),
    ),
  ];
}

function rowHeading(grid: Grid, row: number, { left, size }: { left: string; size: string }): Svg[] {
  const y = rowCenter(grid, row) + 5;
  return [text(left, { x: PAGE_LEFT, y }), text(size, { x: LEFT - 14, y, anchor: "end" })];
}

/** The share after each month, of the cohorts that could be seen so long. */
export function weightedShares(cohorts: readonly CohortFindings[], months: number): number[] {
  return Array.from({ length: months + 1 }, (_, age) => {
    const old = cohorts.filter(({ active }) => active.length > age);
    const size = old.reduce((sum, cohort) => sum + cohort.size, 0);
    return size === 0 ? 0 : old.reduce((sum, { active }) => sum + (active[age] ?? 0), 0) / size;
  });
}
