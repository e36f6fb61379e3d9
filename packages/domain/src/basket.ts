// Sums of a basket: gross, net, and what stays of it after lines were given back.
import type { StoredLine } from "@regulars/contracts/events-orders";

export interface BasketTotals {
  /** Quantity × unit price, in minor units. */
  readonly gross: number;
  /** Gross less the lines' discounts, in minor units. */
  readonly net: number;
  readonly quantity: number;
}

/** Totals of lines in minor units. */
export function totalsOf(lines: readonly StoredLine[]): BasketTotals {
  let gross = 0;
  let discounts = 0;
  let quantity = 0;
  for (const line of lines) {
    gross += line.quantity * line.unitPrice;
    discounts += line.discount;
    quantity += line.quantity;
  }
  return { gross, net: gross - discounts, quantity };
}

/** Units of a line that were given back. A line may have any name, also one that every object answers to. */
export function returnedOf(returned: Readonly<Record<string, number>>, lineId: string): number {
  return Object.hasOwn(returned, lineId) ? (returned[lineId] ?? 0) : 0;
}

/** The lines that stay when `returned` units of each are given back; a line's discount shrinks in proportion, rounded down. */
export function stayingLines(
  lines: readonly StoredLine[],
  returned: Readonly<Record<string, number>>,
): readonly StoredLine[] {
  const staying: StoredLine[] = [];
  for (const line of lines) {
    const quantity = line.quantity - returnedOf(returned, line.lineId);
    if (quantity === line.quantity) staying.push(line);
    else if (quantity > 0) {
      staying.push({ ...line, quantity, ...sharesOf(line, quantity) });
    }
  }
  return staying;
}

// A line's discount, tax and vouchers shrink with its quantity, each rounded down.
function sharesOf(line: StoredLine, quantity: number): Pick<StoredLine, "discount" | "tax" | "vouchered"> {
  const share = (amount: number) => floorShare(amount, quantity, line.quantity);
  return {
    discount: share(line.discount),
    ...(line.tax !== undefined && { tax: share(line.tax) }),
    ...(line.vouchered !== undefined && { vouchered: share(line.vouchered) }),
  };
}

/** floor(amount × part / whole), exact for all safe integers. */
export function floorShare(amount: number, part: number, whole: number): number {
  const product = amount * part;
  return Number.isSafeInteger(product)
    ? Math.floor(product / whole)
    : Number((BigInt(amount) * BigInt(part)) / BigInt(whole));
}

/** ceil(amount × part / whole), exact for all safe integers. */
export function ceilShare(amount: number, part: number, whole: number): number {
  return amount - floorShare(amount, whole - part, whole);
}
