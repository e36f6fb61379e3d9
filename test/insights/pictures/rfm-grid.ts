// Draws members by recency and frequency, with how many and what they spend on average, as a heat map.
import type { RfmFindings } from "../findings.ts";
import type { Words } from "../words.ts";
import { columnCenter, type Grid, heatMap, rowCenter, shadeLegend } from "./heat-map.ts";
import { INK, page, PAGE_TOP, QUIET, type Svg, text } from "./svg.ts";

const LEFT = 150;
const CELL_WIDTH = 118;
const CELL_HEIGHT = 68;
/** Ten bins must fit too. */
const WIDTH_MIN = 620;

/** The best recency is at the top, the highest frequency on the right. */
export function drawRfmGrid(rfm: RfmFindings, day: string, words: Words): string {
  const { bins, cells } = rfm;
  const members = cells.reduce((sum, cell) => sum + cell.members, 0);
  const most = Math.max(0, ...cells.map((cell) => cell.members));
  const grid: Grid = { left: LEFT, top: PAGE_TOP, cellWidth: CELL_WIDTH, cellHeight: CELL_HEIGHT, most };
  const bottom = grid.top + bins * CELL_HEIGHT;
  const width = Math.max(WIDTH_MIN, LEFT + bins * CELL_WIDTH + 40);
  const placed = every(bins).flatMap((recency) =>
    every(bins).map((frequency) => {
      const cell = cells.find((one) => one.recency === recency && one.frequency === frequency);
      const inside = cell?.members ?? 0;
      return {
        column: frequency - 1,
        row: bins - recency,
        value: inside,
        label: words.count(inside),
        ...(inside > 0 && { note: words.money((cell?.spend ?? 0) / inside) }),
      };
    }),
  );
  return page(
    {
      width,
      height: bottom + 104,
      title: words.say("title.rfmGrid"),
      subtitle: [
        words.say("note.asOf", { day }),
        words.say("note.members", { members: words.count(members) }),
        words.say("note.cell"),
      ].join(" · "),
    },
    [
      ...heatMap(placed, grid),
      ...axisOf(words, { grid, bins, bottom, rfm }),
      ...shadeLegend({ x: width - 232, y: bottom + 70, from: words.say("axis.fewer"), to: words.say("axis.more") }),
    ],
  );
}

function axisOf(
  words: Words,
  { grid, bins, bottom, rfm }: { grid: Grid; bins: number; bottom: number; rfm: RfmFindings },
): Svg[] {
  const middle = columnCenter(grid, (bins - 1) / 2);
  const center = rowCenter(grid, (bins - 1) / 2);
  return [
    ...every(bins).flatMap((score) => [
      text(String(score), {
        x: columnCenter(grid, score - 1),
        y: bottom + 20,
        size: 14,
        weight: 700,
        anchor: "middle",
      }),
      text(rangeOf(rfm.cuts.orders, score), {
        x: columnCenter(grid, score - 1),
        y: bottom + 37,
        size: 11,
        fill: QUIET,
        anchor: "middle",
      }),
      text(String(score), {
        x: LEFT - 12,
        y: rowCenter(grid, bins - score) - 1,
        size: 14,
        weight: 700,
        anchor: "end",
      }),
      // The best score of recency is the bin of the fewest days.
      text(rangeOf(rfm.cuts.recencyDays, bins + 1 - score), {
        x: LEFT - 12,
        y: rowCenter(grid, bins - score) + 15,
        size: 11,
        fill: QUIET,
        anchor: "end",
      }),
    ]),
    text(words.say("axis.frequency"), { x: middle, y: bottom + 60, fill: INK, anchor: "middle" }),
    text(words.say("axis.recency"), { x: 44, y: center, fill: INK, anchor: "middle", turned: -90 }),
  ];
}

/** Whole values of a bin: cuts are where the next one begins. */
function rangeOf(cuts: readonly number[], bin: number): string {
  const from = bin === 1 ? undefined : cuts[bin - 2];
  const until = cuts[bin - 1];
  const first = from === undefined ? undefined : Math.ceil(from);
  const last = until === undefined ? undefined : Math.ceil(until) - 1;
  if (first === undefined) return last === undefined ? "" : `≤ ${last}`;
  if (last === undefined) return `≥ ${first}`;
  if (first > last) return "–";
  return first === last ? String(first) : `${first}–${last}`;
}

function every(bins: number): number[] {
  return Array.from({ length: bins }, (_, at) => at + 1);
}
