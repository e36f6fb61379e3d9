// Owns what Good Days sells, where, and when people come: goods, shops, hours and holidays of one Taiwanese year.

export interface Item {
  readonly sku: string;
  readonly category: string;
  /** Whole NT$. */
  readonly price: number;
  /** How often it is bought, against the others. */
  readonly weight: number;
}

export interface Shop {
  readonly id: string;
  readonly weight: number;
}

export const YEAR = 2025;

export const SHOPS: readonly Shop[] = [
  { id: "taipei-xinyi", weight: 5 },
  { id: "taipei-shilin", weight: 4 },
  { id: "taichung-west", weight: 3 },
  { id: "changhua-station", weight: 2 },
  { id: "tainan-anping", weight: 2 },
  { id: "kaohsiung-yancheng", weight: 3 },
];

/** Category, weight of its goods, and their prices: goods are numbered in this order. */
const RANGE: readonly (readonly [category: string, weight: number, prices: readonly number[]])[] = [
  ["茶", 6, [45, 55, 60, 65, 75, 90, 320, 480]],
  ["咖啡", 7, [50, 65, 80, 95, 120, 350, 420]],
  ["麵包", 8, [28, 32, 35, 38, 45, 55, 68, 120]],
  ["便當", 7, [85, 95, 105, 120, 135, 150]],
  ["零食", 5, [25, 35, 39, 49, 59, 79, 99]],
  ["生鮮", 4, [49, 69, 79, 99, 139, 189, 259]],
  ["日用品", 3, [59, 89, 129, 159, 199, 299, 399]],
  ["禮盒", 1, [380, 480, 580, 680, 980, 1280]],
];

export const GIFTS = "禮盒";

export const ITEMS: readonly Item[] = RANGE.flatMap(([category, weight, prices], range) =>
  // Of one range the cheaper goods sell more.
  prices.map((price, place) => ({
    sku: `GD-${range + 1}${String(place + 1).padStart(2, "0")}`,
    category,
    price,
    weight: weight / (1 + place / 3),
  })),
);

/** Visits of an hour of the day, against the others; the shops are open from 7 to 22. */
export const HOURS: readonly (readonly [hour: number, weight: number])[] = [
  [7, 4],
  [8, 7],
  [9, 4],
  [10, 3],
  [11, 5],
  [12, 9],
  [13, 5],
  [14, 4],
  [15, 5],
  [16, 4],
  [17, 6],
  [18, 9],
  [19, 8],
  [20, 5],
  [21, 3],
];

/** Sunday first, as Date counts. */
const WEEKDAYS = [1.25, 0.85, 0.85, 0.9, 0.95, 1.15, 1.4];

/** How busy stretches of the year are; gifts follow `gifts`. Lunar New Year's Eve was 28 January 2025. */
const SEASONS: readonly {
  readonly from: string;
  readonly to: string;
  readonly visits: number;
  readonly gifts: number;
}[] = [
  { from: "01-14", to: "01-27", visits: 1.5, gifts: 8 },
  { from: "01-28", to: "01-30", visits: 0, gifts: 1 },
  { from: "01-31", to: "02-04", visits: 0.6, gifts: 3 },
  { from: "05-05", to: "05-11", visits: 1.2, gifts: 4 },
  { from: "05-24", to: "05-31", visits: 1.15, gifts: 3 },
  { from: "09-22", to: "10-06", visits: 1.3, gifts: 7 },
  { from: "11-08", to: "11-11", visits: 1.4, gifts: 2 },
  { from: "12-20", to: "12-31", visits: 1.3, gifts: 3 },
];

/** The busiest day against a common one. */
export const BUSIEST = 1.4 * 1.5;

/** How busy a day is against a common one (0 is closed), and how sought after gifts are. */
export function dayOf(date: Date): { visits: number; gifts: number } {
  const monthDay = date.toISOString().slice(5, 10);
  const season = SEASONS.find(({ from, to }) => monthDay >= from && monthDay <= to);
  return { visits: (WEEKDAYS[date.getUTCDay()] ?? 1) * (season?.visits ?? 1), gifts: season?.gifts ?? 1 };
}
