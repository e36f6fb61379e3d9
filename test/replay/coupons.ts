// The coupons of a source: which basket of the day each published redemption belongs to, and the rewards they stand for.
import { join } from "node:path";
import type { ProgramInput } from "@regulars/contracts/program";
import { localDay } from "@regulars/domain/calendar";
import { readTable, type Table } from "./csv.ts";
import { compileTemplate } from "./expressions.ts";
import type { Mapping, Template } from "./mapping.ts";
import type { Basket } from "./source.ts";

/** How a mapping names the coupons of its data: who redeemed which of which campaign on which day, and what they were for. */
export interface CouponMapping {
  /** One row a redemption. */
  readonly file: string;
  readonly member: Template;
  readonly campaign: Template;
  readonly coupon: Template;
  /** "2017-03-05", in the mapping's time zone. */
  readonly day: Template;
  /** One row a product that a coupon is for. */
  readonly products: {
    readonly file: string;
    readonly campaign: Template;
    readonly coupon: Template;
    readonly sku: Template;
  };
}

export interface Coupons {
  /** Redemptions by campaign, as published. */
  readonly published: ReadonlyMap<string, number>;
  /** Campaigns of the coupons that each basket redeems, one for each coupon. */
  readonly ofBasket: ReadonlyMap<string, readonly string[]>;
}

export const NO_COUPONS: Coupons = { published: new Map(), ofBasket: new Map() };

/** Reads the published redemptions, and finds the basket of each: that of the member and day which has the coupon's product. */
export function readCoupons(folder: string, mapping: Mapping, baskets: readonly Basket[]): Coupons {
  const { coupons } = mapping;
  if (coupons === undefined) return NO_COUPONS;
  const read = (file: string) => readTable(join(folder, file), mapping.delimiter ?? ",");
  return placeCoupons(mapping, baskets, { redemptions: read(coupons.file), products: read(coupons.products.file) });
}

/** A redemption on a day without a basket of that member, which a sample of the sales leaves, is published but in no basket. */
export function placeCoupons(
  mapping: Mapping,
  baskets: readonly Basket[],
  { redemptions, products }: { redemptions: Table; products: Table },
): Coupons {
  const { coupons } = mapping;
  if (coupons === undefined) return NO_COUPONS;
  const skus = skusOf(mapping, coupons, products);
  const ofDay = new Map<string, Basket[]>();
  for (const basket of baskets) {
    const key = dayKey(basket.person, localDay(basket.at, mapping.timeZone));
    ofDay.set(key, [...(ofDay.get(key) ?? []), basket]);
  }
  const text = (template: Template) => compileTemplate(template, redemptions, mapping);
  const [member, campaign, coupon, day] = [coupons.member, coupons.campaign, coupons.coupon, coupons.day].map(text);
  const published = new Map<string, number>();
  const ofBasket = new Map<string, string[]>();
  for (const row of redemptions.rows) {
    const id = campaign?.(row) ?? "";
    published.set(id, (published.get(id) ?? 0) + 1);
    const wanted = skus.get(couponKey(id, coupon?.(row) ?? ""));
    const those = ofDay.get(dayKey(member?.(row) ?? "", day?.(row) ?? "")) ?? [];
    const basket = those.find(({ lines }) => lines.some(({ sku }) => wanted?.has(sku))) ?? those[0];
    if (basket !== undefined) ofBasket.set(basket.id, [...(ofBasket.get(basket.id) ?? []), id]);
  }
  return { published, ofBasket };
}

/** How many redemptions of each campaign these baskets carry. */
export function carriedBy({ ofBasket }: Coupons, baskets: readonly Basket[]): Map<string, number> {
  const carried = new Map<string, number>();
  for (const { id } of baskets) {
    for (const campaign of ofBasket.get(id) ?? []) carried.set(campaign, (carried.get(campaign) ?? 0) + 1);
  }
  return carried;
}

/** What a campaign's coupons are in the program. */
export const rewardOf = (campaign: string) => `campaign-${campaign}`;

/**
 * A reward for every campaign. What a coupon took off stands in the prices of the source already, so the voucher takes off
 * nothing more; and a coupon that was handed in is not handed back when the goods are.
 */
export function couponRewards({ published }: Coupons): NonNullable<ProgramInput["rewards"]> {
  return [...published.keys()].sort().map((campaign) => ({
    id: rewardOf(campaign),
    name: { "zh-TW": `活動 ${campaign}`, en: `Campaign ${campaign}` },
    benefit: { type: "experience" as const },
    terms: { onRefund: { type: "keepUsed" as const } },
    borneBy: "headOffice" as const,
  }));
}

function skusOf(mapping: Mapping, { products: names }: CouponMapping, table: Table): Map<string, Set<string>> {
  const text = (template: Template) => compileTemplate(template, table, mapping);
  const [campaign, coupon, sku] = [text(names.campaign), text(names.coupon), text(names.sku)];
  const skus = new Map<string, Set<string>>();
  for (const row of table.rows) {
    const key = couponKey(campaign(row) ?? "", coupon(row) ?? "");
    const known = skus.get(key) ?? new Set<string>();
    known.add(sku(row) ?? "");
    skus.set(key, known);
  }
  return skus;
}

const dayKey = (person: string, day: string) => `${person} ${day}`;
const couponKey = (campaign: string, coupon: string) => `${campaign} ${coupon}`;
