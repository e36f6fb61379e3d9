// Makes the people of the demo: names, phones, and the habits that decide when they come and what they buy.
import { HOURS, type Item, ITEMS, type Shop, SHOPS } from "./catalogue.ts";
import type { Random } from "./random.ts";

export interface Shopper {
  readonly memberNo: string;
  readonly name: string;
  readonly phone: string;
  readonly home: Shop;
  /** Days between two visits, on average. */
  readonly cycleDays: number;
  /** First day of the year on which they come, and the one from which on they do not. */
  readonly fromDay: number;
  readonly untilDay: number;
  /** The hour at which they mostly come. */
  readonly hour: number;
  /** What they buy again and again. */
  readonly favourites: readonly Item[];
  readonly webShare: number;
}

const SURNAMES = [..."陳林黃張李王吳劉蔡楊許鄭謝郭洪曾邱廖賴徐周葉蘇莊呂江何蕭羅高"];
const GIVEN = [..."怡雅淑美惠婷君芳玲文心宜佳欣志家俊明建宏偉冠宇承翰柏廷子軒品詩涵思妤語恩"];
/** Half of a loyalty program's members were there when the year began. */
const MEMBERS_BEFORE_SHARE = 0.5;
/** Seven in ten stay to the end of the year; the others leave after about five months. */
const STAYING_SHARE = 0.7;
const LEAVING_DAYS = 150;
const DAYS = 365;

/** People numbered from 1; no two have the same phone. */
export function makeShoppers(count: number, random: Random): Shopper[] {
  const phones = new Set<string>();
  return Array.from({ length: count }, (_, place) => {
    const fromDay = random.unit() < MEMBERS_BEFORE_SHARE ? random.between(0, 20) : random.between(0, DAYS - 1);
    return {
      memberNo: String(100_001 + place),
      name: random.pick(SURNAMES) + random.pick(GIVEN) + random.pick(GIVEN),
      phone: newPhone(phones, random),
      home: random.weighted(SHOPS, ({ weight }) => weight),
      cycleDays: cycleOf(random),
      fromDay,
      untilDay: random.unit() < STAYING_SHARE ? DAYS : fromDay + random.wait(LEAVING_DAYS),
      hour: random.weighted(HOURS, ([, weight]) => weight)[0],
      favourites: Array.from({ length: random.between(2, 5) }, () => random.weighted(ITEMS, ({ weight }) => weight)),
      webShare: random.unit() < 0.3 ? 0.6 : 0.05,
    };
  });
}

function newPhone(taken: Set<string>, random: Random): string {
  for (;;) {
    const phone = `09${random.between(10, 89)}${String(random.between(0, 999_999)).padStart(6, "0")}`;
    if (taken.has(phone)) continue;
    taken.add(phone);
    return phone;
  }
}

// Few come every other day, most every week or two, some once a season.
function cycleOf(random: Random): number {
  const kind = random.unit();
  if (kind < 0.1) return 2 + random.unit() * 2;
  if (kind < 0.45) return 5 + random.unit() * 6;
  if (kind < 0.8) return 11 + random.unit() * 14;
  return 30 + random.unit() * 50;
}
