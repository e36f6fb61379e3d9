// Draws lifetime value: its mean by tenth of members, and how few members bring how much of it.
import type { Decile, ValueFindings } from "../findings.ts";
import type { Words } from "../words.ts";
import { ACCENT, CONTRAST, shadeOf } from "./colours.ts";
import { element, HAIRLINE, line, page, PAGE_TOP, QUIET, rect, type Svg, text } from "./svg.ts";

const PANEL = 380;
const BARS_LEFT = 90;
const CURVE_LEFT = 600;
const TOP = PAGE_TOP + 48;
const BOTTOM = TOP + PANEL;
const WIDTH = CURVE_LEFT + PANEL + 60;
const HEIGHT = BOTTOM + 76;
/** Pareto's share of the members: their part of the value is named. */
const FEW = 0.2;

export function drawValue(value: ValueFindings, day: string, words: Words): string {
  const { deciles, horizonDays, total } = value;
  const note =
    total > 0
      ? words.say("note.total", { days: words.count(horizonDays), value: words.money(total) })
      : words.say("note.nothing");
  const subtitle = [
    words.say("note.asOf", { day }),
    words.say("note.members", { members: words.count(sumOf(deciles, "members")) }),
    note,
  ].join(" · ");
  const title = words.say("score.lifetimeValue");
  const panels = total > 0 ? [...drawBars(deciles, words), ...drawCurve(curveOf(deciles), words)] : [];
  return page({ width: WIDTH, height: HEIGHT, title, subtitle }, panels);
}

export interface CurvePoint {
  /** Share of the members, best first, and of the value that they bring. */
  readonly members: number;
  readonly value: number;
}

/** Pareto's curve through the tenths, from nobody to all. */
export function curveOf(tenths: readonly Pick<Decile, "members" | "value">[]): CurvePoint[] {
  const all = { members: sumOf(tenths, "members"), value: sumOf(tenths, "value") };
  const points: CurvePoint[] = [{ members: 0, value: 0 }];
  let [members, value] = [0, 0];
  for (const tenth of tenths) {
    members += tenth.members;
    value += tenth.value;
    points.push({ members: members / Math.max(1, all.members), value: all.value > 0 ? value / all.value : 0 });
  }
  return points;
}

/** The share of the value that a share of the members bring: straight between the points of the curve. */
export function valueAt(points: readonly CurvePoint[], share: number): number {
  const after = points.findIndex(({ members }) => members >= share);
  const [low, high] = [points[after - 1], points[after]];
  if (low === undefined || high === undefined) return high?.value ?? 0;
  return low.value + ((share - low.members) / (high.members - low.members)) * (high.value - low.value);
}

function drawBars(tenths: readonly Decile[], words: Words): Svg[] {
  const means = tenths.map(({ value, members }) => value / Math.max(1, members));
  const most = Math.max(...means);
  const step = PANEL / tenths.length;
  return [
    text(words.say("title.valueDeciles"), { x: BARS_LEFT, y: TOP - 30, size: 15, weight: 700 }),
    line({ x1: BARS_LEFT, y1: BOTTOM, x2: BARS_LEFT + PANEL, y2: BOTTOM, stroke: QUIET }),
    ...means.flatMap((mean, at) => {
      const height = (mean / most) * (PANEL - 24);
      const x = BARS_LEFT + at * step;
      return [
        rect({ x: x + 3, y: BOTTOM - height, width: step - 6, height, fill: shadeOf(1 - (at * 0.65) / 9), radius: 2 }),
        text(words.money(mean), { x: x + step / 2, y: BOTTOM - height - 6, size: 11, anchor: "middle" }),
        text(String(at + 1), { x: x + step / 2, y: BOTTOM + 18, size: 12, anchor: "middle" }),
      ];
    }),
    text(words.say("axis.decile"), {
      x: BARS_LEFT + PANEL / 2,
      y: BOTTOM + 44,
      size: 12,
      fill: QUIET,
      anchor: "middle",
    }),
  ];
}

const across = (share: number) => CURVE_LEFT + share * PANEL;
const up = (share: number) => BOTTOM - share * PANEL;

function drawCurve(points: readonly CurvePoint[], words: Words): Svg[] {
  const reached = valueAt(points, FEW);
  const path = points.map(({ members, value }, at) => `${at === 0 ? "M" : "L"}${placeOf(members, value)}`).join(" ");
  const shares = { members: words.percent(FEW), value: words.percent(reached) };
  return [
    text(words.say("title.valueCurve"), { x: CURVE_LEFT, y: TOP - 30, size: 15, weight: 700 }),
    ...[0, 0.2, 0.4, 0.6, 0.8, 1].flatMap((share) => [
      line({ x1: CURVE_LEFT, y1: up(share), x2: CURVE_LEFT + PANEL, y2: up(share), stroke: HAIRLINE }),
      text(words.percent(share), { x: CURVE_LEFT - 8, y: up(share) + 4, size: 11, fill: QUIET, anchor: "end" }),
      text(words.percent(share), { x: across(share), y: BOTTOM + 18, size: 11, fill: QUIET, anchor: "middle" }),
    ]),
    line({ x1: across(0), y1: up(0), x2: across(1), y2: up(1), stroke: QUIET, dashed: true }),
    text(words.say("note.even"), {
      x: across(0.66) + 11,
      y: up(0.66) + 11,
      size: 11,
      fill: QUIET,
      anchor: "middle",
      turned: -45,
    }),
    line({ x1: across(FEW), y1: up(0), x2: across(FEW), y2: up(reached), stroke: CONTRAST, dashed: true }),
    line({ x1: across(0), y1: up(reached), x2: across(FEW), y2: up(reached), stroke: CONTRAST, dashed: true }),
    element("path", { d: path, fill: "none", stroke: ACCENT, "stroke-width": 2.5, "stroke-linejoin": "round" }),
    element("circle", { cx: across(FEW), cy: up(reached), r: 4.5, fill: CONTRAST }),
    text(words.say("note.pareto", shares), { x: across(1) - 8, y: up(0.07), size: 12, weight: 700, anchor: "end" }),
    text(words.say("axis.membersShare"), {
      x: across(0.5),
      y: BOTTOM + 44,
      size: 12,
      fill: QUIET,
      anchor: "middle",
    }),
    text(words.say("axis.valueShare"), {
      x: CURVE_LEFT - 52,
      y: up(0.5),
      size: 12,
      fill: QUIET,
      anchor: "middle",
      turned: -90,
    }),
  ];
}

function placeOf(members: number, value: number): string {
  return [across(members), up(value)].map((place) => place.toFixed(2)).join(" ");
}

function sumOf(tenths: readonly Pick<Decile, "members" | "value">[], of: "members" | "value"): number {
  return tenths.reduce((sum, tenth) => sum + tenth[of], 0);
}
