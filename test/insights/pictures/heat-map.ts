// Draws a grid of shaded cells with numbers in them, and the legend that says what the shades mean.
import { EMPTY, inkOn, shadeOf } from "./colours.ts";
import { QUIET, rect, type Svg, text } from "./svg.ts";

export interface Cell {
  readonly column: number;
  readonly row: number;
  /** What the shade follows; 0 is drawn as empty. */
  readonly value: number;
  readonly label: string;
  /** A second, smaller line. */
  readonly note?: string;
}

export interface Grid {
  readonly left: number;
  readonly top: number;
  readonly cellWidth: number;
  readonly cellHeight: number;
  /** The value of the darkest shade. */
  readonly most: number;
  readonly size?: number;
}

const GAP = 2;

export function heatMap(cells: readonly Cell[], grid: Grid): Svg[] {
  return cells.flatMap((cell) => drawCell(cell, grid));
}

export function columnCenter({ left, cellWidth }: Grid, column: number): number {
  return left + (column + 0.5) * cellWidth;
}

export function rowCenter({ top, cellHeight }: Grid, row: number): number {
  return top + (row + 0.5) * cellHeight;
}

/** Steps of shade from little to much between two words. */
export function shadeLegend({ x, y, from, to }: { x: number; y: number; from: string; to: string }): Svg[] {
  const steps = 12;
  const [width, height] = [12, 10];
  return [
    text(from, { x: x - 6, y: y + 9, size: 12, fill: QUIET, anchor: "end" }),
    ...Array.from({ length: steps }, (_, at) =>
      rect({ x: x + at * width, y, width, height, fill: shadeOf(at / (steps - 1)) }),
    ),
    text(to, { x: x + steps * width + 6, y: y + 9, size: 12, fill: QUIET }),
  ];
}

function drawCell({ column, row, value, label, note }: Cell, grid: Grid): Svg[] {
  const { cellWidth, cellHeight, most, size = 15 } = grid;
  const fill = value > 0 ? shadeOf(most > 0 ? value / most : 0) : EMPTY;
  const [x, y] = [columnCenter(grid, column), rowCenter(grid, row)];
  const ink = value > 0 ? inkOn(fill) : QUIET;
  const box = rect({
    x: x - cellWidth / 2 + GAP / 2,
    y: y - cellHeight / 2 + GAP / 2,
    width: cellWidth - GAP,
    height: cellHeight - GAP,
    fill,
    radius: 2,
  });
  const isTwoLines = note !== undefined;
  return [
    box,
    text(label, {
      x,
      y: y + (isTwoLines ? -2 : size * 0.36),
      size,
      fill: ink,
      anchor: "middle",
      weight: isTwoLines ? 700 : 400,
    }),
    ...(isTwoLines ? [text(note, { x, y: y + 15, size: 11, fill: ink, anchor: "middle" })] : []),
  ];
}
