// Whether a voucher may be used on a basket by its own terms, and on which lines.
import type { VoucherRecord } from "@regulars/contracts/events-effects";
import type { MemberFacts, StoredLine } from "@regulars/contracts/events-orders";
import type { LineFilter } from "@regulars/contracts/program-earning";
import { floorShare, totalsOf } from "./basket.ts";
import { compileCondition, type Condition, type ConditionInput } from "./conditions.ts";

/** A basket as terms see it. Times in Unix ms. */
export interface TermsBasket {
  readonly lines: readonly StoredLine[];
  readonly storeId: string;
  readonly regionId: string;
  readonly channel: string | null;
  readonly placedAt: number;
  readonly now: number;
  readonly orderId: string | null;
  readonly facts: MemberFacts;
  readonly input: ConditionInput;
}

/** Why a voucher cannot be used, or why it lost against others. */
export type VoucherReason =
  | "reserved"
  | "expired"
  | "store"
  | "region"
  | "channel"
  | "tier"
  | "first_order_only"
  | "no_lines"
  | "min_net"
  | "condition"
  | "no_value"
  | "alone"
  | "group"
  | "limit"
  | "beaten";

export type TermsMet =
  /** Places of the lines that it may take something off. */
  | { readonly ok: true; readonly places: readonly number[] }
  | { readonly ok: false; readonly reason: VoucherReason; readonly facts?: Readonly<Record<string, number>> };

/** Checks one voucher against a basket. A voucher that this very order has reserved stays usable after its end. */
export function checkTerms(voucher: VoucherRecord, basket: TermsBasket): TermsMet {
  const barred = barredBy(voucher, basket);
  if (barred !== null) return { ok: false, reason: barred };
  const { lines } = basket;
  const { terms } = voucher;
  const counted = placesWhere(lines, (line) => countsFor(terms.lines, line));
  if (counted.length === 0) return { ok: false, reason: "no_lines" };
  const places = placesOf(voucher, lines, counted);
  if (places.length === 0 && NEEDS_LINES.has(voucher.benefit.type)) return { ok: false, reason: "no_lines" };
  const net = countedNet(voucher, lines, counted);
  if (net < terms.minNet) return { ok: false, reason: "min_net", facts: { minNet: terms.minNet, net } };
  const holds = terms.when === undefined || conditionOf(terms.when)(basket.input);
  return holds ? { ok: true, places } : { ok: false, reason: "condition" };
}

// A gift that is not in the basket is handed over, and an experience has no line: both need none.
const NEEDS_LINES: ReadonlySet<string> = new Set(["percentOff", "amountOff", "freeShipping", "nextItem", "bundle"]);

function barredBy({ state, orderId, expiresAt, terms }: VoucherRecord, basket: TermsBasket): VoucherReason | null {
  const { facts, channel } = basket;
  const ownReserved = state === "reserved" && orderId !== null && orderId === basket.orderId;
  if (state === "reserved" && !ownReserved) return "reserved";
  if (!ownReserved && expiresAt !== null && expiresAt <= Math.max(basket.now, basket.placedAt)) return "expired";
  if (terms.stores !== undefined && !terms.stores.includes(basket.storeId)) return "store";
  if (terms.regions !== undefined && !terms.regions.includes(basket.regionId)) return "region";
  if (terms.channels !== undefined && (channel === null || !terms.channels.includes(channel))) return "channel";
  if (terms.tiers !== undefined && (!facts.tier || !terms.tiers.includes(facts.tier))) return "tier";
  return terms.firstOrderOnly && !facts.firstOrder ? "first_order_only" : null;
}

/** Whether a filter lets a line count: gift cards and shipping only when said, excluded never, then what is named. */
function countsFor(filter: LineFilter, { kind, sku, category }: StoredLine): boolean {
  if (kind === "giftCard" && !filter.giftCards) return false;
  if (kind === "shipping" && !filter.shipping) return false;
  if (isExcluded(filter, { sku, category })) return false;
  if (filter.skus === undefined && filter.categories === undefined) return true;
  return filter.skus?.includes(sku) === true || (category !== null && filter.categories?.includes(category) === true);
}

const isExcluded = (filter: LineFilter, { sku, category }: Pick<StoredLine, "sku" | "category">) =>
  filter.excludeSkus.includes(sku) || (category !== null && filter.excludeCategories.includes(category));

// Free shipping is for shipping lines, a gift for lines of its SKU; the lines that count only qualify for them.
function placesOf({ benefit, terms }: VoucherRecord, lines: readonly StoredLine[], counted: readonly number[]) {
  if (benefit.type === "freeShipping") {
    return placesWhere(lines, (line) => line.kind === "shipping" && !isExcluded(terms.lines, line));
  }
  if (benefit.type === "gift") {
    const giftCards = terms.lines.giftCards;
    return placesWhere(lines, ({ sku, kind }) => sku === benefit.sku && (kind !== "giftCard" || giftCards));
  }
  return counted;
}

// The net that counts towards `minNet`: before any voucher, and without the gift's own units, which nobody pays.
function countedNet({ benefit }: VoucherRecord, lines: readonly StoredLine[], counted: readonly number[]): number {
  const own = counted.flatMap((place) => lines[place] ?? []);
  const { net } = totalsOf(own);
  if (benefit.type !== "gift") return net;
  return net - giftNet(own, benefit);
}

function giftNet(lines: readonly StoredLine[], { sku, quantity }: { sku: string; quantity: number }): number {
  let [free, net] = [quantity, 0];
  for (const line of lines.filter((one) => one.sku === sku)) {
    const units = Math.min(free, line.quantity);
    free -= units;
    net += floorShare(line.quantity * line.unitPrice - line.discount, units, line.quantity);
  }
  return net;
}

const placesWhere = (lines: readonly StoredLine[], counts: (line: StoredLine) => boolean): number[] =>
  lines.flatMap((line, place) => (counts(line) ? [place] : []));

// Terms travel with the voucher, so their conditions are compiled when first met; a program has some dozens of them.
const CONDITIONS_KEPT_MAX = 2_000;
const conditions = new Map<string, Condition>();

function conditionOf(text: string): Condition {
  const known = conditions.get(text);
  if (known !== undefined) return known;
  if (conditions.size >= CONDITIONS_KEPT_MAX) conditions.clear();
  const compiled = compileCondition(text);
  conditions.set(text, compiled);
  return compiled;
}
