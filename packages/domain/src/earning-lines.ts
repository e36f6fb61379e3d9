// What a basket comes to for a rule: which lines count, what of each line counts, and what points paid of each.
import type { StoredLine } from "@regulars/contracts/events-orders";
import { floorShare } from "./basket.ts";
import type { CompiledBase, CompiledFilter, Measure } from "./earning-rules.ts";

/** A basket as one measure sees it: minor units and quantities, of the lines that count, and in all. */
export interface Measured {
  readonly lines: readonly { readonly amount: number; readonly units: number }[];
  readonly amount: number;
  readonly units: number;
}

const NOTHING: Measured = { lines: [], amount: 0, units: 0 };

/** Measures a basket once for each measure that is asked for. `paidByPoints` in minor units of the whole order. */
export class BasketMeter {
  readonly #lines: readonly StoredLine[];
  readonly #paidByPoints: number;
  readonly #known: (Measured | undefined)[] = [];
  #shares: readonly number[] | null = null;

  constructor(lines: readonly StoredLine[], paidByPoints: number) {
    this.#lines = lines;
    this.#paidByPoints = paidByPoints;
  }

  read(measure: Measure): Measured {
    return (this.#known[measure.index] ??= this.#measure(measure));
  }

  #measure({ filters, base }: Measure): Measured {
    if (this.#lines.length === 0) return NOTHING;
    const shares = base.points && this.#paidByPoints > 0 ? this.#pointShares() : null;
    const lines: { amount: number; units: number }[] = [];
    let [amount, units] = [0, 0];
    for (const [place, line] of this.#lines.entries()) {
      if (!filters.every((filter) => counts(filter, line))) continue;
      const one = { amount: amountOf(base, line, shares?.[place] ?? 0), units: line.quantity };
      lines.push(one);
      amount += one.amount;
      units += one.units;
    }
    return { lines, amount, units };
  }

  #pointShares(): readonly number[] {
    return (this.#shares ??= sharesOfPoints(this.#lines, this.#paidByPoints));
  }
}

/**
 * What points paid of each line (minor units): in proportion to what the lines cost after discounts and vouchers. Shares are
 * differences of the rounded-down running total: they sum to `paidByPoints` exactly, and no line is paid beyond its cost.
 */
export function sharesOfPoints(lines: readonly StoredLine[], paidByPoints: number): readonly number[] {
  const total = lines.reduce((sum, line) => sum + costOf(line), 0);
  const paid = Math.min(paidByPoints, total);
  let [cost, given] = [0, 0];
  return lines.map((line) => {
    cost += costOf(line);
    const until = total === 0 ? 0 : floorShare(paid, cost, total);
    const share = until - given;
    given = until;
    return share;
  });
}

/** Whether a filter lets a line count: excluded never, gift cards and shipping only when said, then what is named. */
export function counts(filter: CompiledFilter, { kind, sku, category }: StoredLine): boolean {
  if (kind === "giftCard" && !filter.giftCards) return false;
  if (kind === "shipping" && !filter.shipping) return false;
  if (filter.excludedSkus.has(sku)) return false;
  if (category !== null && filter.excludedCategories.has(category)) return false;
  if (filter.included === null) return true;
  return filter.included.skus.has(sku) || (category !== null && filter.included.categories.has(category));
}

const netOf = (line: StoredLine) => line.quantity * line.unitPrice - line.discount;
const costOf = (line: StoredLine) => Math.max(0, netOf(line) - (line.vouchered ?? 0));

// Tax is contained in the line's net: what vouchers or points take off takes its part of the tax with it.
function amountOf(base: CompiledBase, line: StoredLine, paid: number): number {
  const { quantity, unitPrice, discount, vouchered = 0, tax = 0 } = line;
  const before = quantity * unitPrice - (base.discounts ? discount : 0);
  const amount = Math.max(0, before - (base.vouchers ? vouchered : 0) - (base.points ? paid : 0));
  if (!base.tax || tax === 0 || amount === 0) return amount;
  return Math.max(0, amount - floorShare(tax, amount, before));
}
