// Draws the stores of each region by their score, with what it is made of and how it has moved.
import type { StoreScore } from "../findings.ts";
import type { Words } from "../words.ts";
import { ACCENT, CONTRAST } from "./colours.ts";
import { HAIRLINE, line, page, PAGE_LEFT, PAGE_TOP, QUIET, rect, type Svg, text } from "./svg.ts";

/** Stores of one region that are shown: a page is for reading. */
const SHOWN_MAX = 8;
const ROW_HEIGHT = 30;
const REGION_HEIGHT = 44;
const WIDTH = 1000;
/** Right edges of the columns with numbers. */
const COLUMNS = { revenue: 560, orders: 640, averageOrder: 740, repeat: 825, redeemed: 905, rating: 970 } as const;
const SCORE_LEFT = 250;
const SCORE_WIDTH = 120;

export interface LeagueOptions {
  readonly stores: readonly StoreScore[];
  /** The days that a scorecard looks at. */
  readonly days: number;
  readonly regionNames?: ReadonlyMap<string, string>;
}

export function drawLeague({ stores, days, regionNames }: LeagueOptions, day: string, words: Words): string {
  const regions = bestOfRegions(stores);
  let y = PAGE_TOP + 10;
  const drawn: Svg[] = [];
  for (const [regionId, best] of regions) {
    drawn.push(...drawRegion(regionNames?.get(regionId) ?? regionId, y, words));
    y += REGION_HEIGHT;
    for (const store of best) {
      drawn.push(...drawStore(store, y, words));
      y += ROW_HEIGHT;
    }
    y += ROW_HEIGHT / 2;
  }
  const subtitle = [
    words.say("note.asOf", { day }),
    words.say("note.trend", { days: words.count(days) }),
    regions.size === 0 ? words.say("note.nothing") : words.say("note.best", { stores: words.count(SHOWN_MAX) }),
  ].join(" · ");
  return page({ width: WIDTH, height: y + 20, title: words.say("title.league"), subtitle }, drawn);
}

/** Ranked stores of each region, best first; those without a rank had too little to go by. */
export function bestOfRegions(stores: readonly StoreScore[]): Map<string, StoreScore[]> {
  const ranked = stores.filter(({ rank }) => rank !== null);
  const regions = [...new Set(ranked.map(({ regionId }) => regionId))].sort();
  return new Map(
    regions.map((regionId) => [
      regionId,
      ranked
        .filter((store) => store.regionId === regionId)
        .sort((one, other) => (one.rank ?? 0) - (other.rank ?? 0) || (one.storeId < other.storeId ? -1 : 1))
        .slice(0, SHOWN_MAX),
    ]),
  );
}

function drawRegion(name: string, y: number, words: Words): Svg[] {
  const heading = (key: Parameters<Words["say"]>[0], x: number) =>
    text(words.say(key), { x, y: y + 30, size: 11, fill: QUIET, anchor: "end" });
  return [
    text(name, { x: PAGE_LEFT, y: y + 30, size: 15, weight: 700 }),
    text(words.say("column.score"), { x: SCORE_LEFT, y: y + 30, size: 11, fill: QUIET }),
    heading("column.revenue", COLUMNS.revenue),
    heading("column.orders", COLUMNS.orders),
    heading("column.averageOrder", COLUMNS.averageOrder),
    heading("column.repeat", COLUMNS.repeat),
    heading("column.redeemed", COLUMNS.redeemed),
    heading("column.rating", COLUMNS.rating),
    line({ x1: PAGE_LEFT, y1: y + 38, x2: WIDTH - PAGE_LEFT, y2: y + 38, stroke: HAIRLINE }),
  ];
}

function drawStore(store: StoreScore, y: number, words: Words): Svg[] {
  const base = y + 21;
  const score = store.score ?? 0;
  const number = (value: string, x: number) => text(value, { x, y: base, anchor: "end" });
  return [
    text(`${store.rank ?? ""}`, { x: PAGE_LEFT + 18, y: base, anchor: "end", weight: 700 }),
    text(store.storeId, { x: PAGE_LEFT + 34, y: base }),
    rect({ x: SCORE_LEFT, y: y + 9, width: SCORE_WIDTH, height: 14, fill: HAIRLINE, radius: 2 }),
    rect({ x: SCORE_LEFT, y: y + 9, width: (score / 100) * SCORE_WIDTH, height: 14, fill: ACCENT, radius: 2 }),
    text(score.toFixed(1), { x: SCORE_LEFT + SCORE_WIDTH + 42, y: base, anchor: "end" }),
    ...drawTrend(store, base),
    number(words.money(store.revenue), COLUMNS.revenue),
    number(words.count(store.orders), COLUMNS.orders),
    number(store.averageOrder === null ? "–" : words.money(store.averageOrder), COLUMNS.averageOrder),
    number(store.repeatRate === null ? "–" : words.percent(store.repeatRate), COLUMNS.repeat),
    number(store.redemptionRate === null ? "–" : words.percent(store.redemptionRate), COLUMNS.redeemed),
    number(store.rating === null ? "–" : store.rating.toFixed(1), COLUMNS.rating),
  ];
}

/** Shape and sign say it beside the colour. */
function drawTrend({ score, scoreBefore }: StoreScore, y: number): Svg[] {
  if (score === null || scoreBefore === null) return [];
  const moved = score - scoreBefore;
  const sign = moved > 0 ? "▲" : moved < 0 ? "▼" : "=";
  const fill = moved > 0 ? ACCENT : moved < 0 ? CONTRAST : QUIET;
  return [text(`${sign} ${Math.abs(moved).toFixed(1)}`, { x: SCORE_LEFT + SCORE_WIDTH + 54, y, size: 12, fill })];
}
