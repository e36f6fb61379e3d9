// Orders as the guide writes them: "A: 2 coffee × 120, 1 cake × 90; voucher free-drink; pay 10 points".
import type { StoredLine } from "@regulars/contracts/events-orders";

export interface GuideOrder {
  readonly orderId: string;
  readonly lines: readonly StoredLine[];
  readonly channel: string | null;
  readonly redeem: readonly { readonly currency: string; readonly points: number }[] | null;
  readonly vouchers: readonly string[];
  readonly codes: readonly string[];
}

const CENTS = 100;

/** The order that a row describes; vouchers by the names of their rewards. */
export function readOrder(text: string): GuideOrder {
  const [head = "", ...options] = text.split(";").map((part) => part.trim());
  const [, orderId = "", basket = ""] = /^(\w+): (.*)$/.exec(head) ?? [];
  const option = (name: string) => options.find((one) => one.startsWith(`${name} `))?.slice(name.length + 1) ?? null;
  const taxPercent = Number.parseInt(option("tax") ?? "0", 10);
  const paying = /^(\d+) (\S+)$/.exec(option("pay") ?? "");
  return {
    orderId,
    lines: basket.split(", ").map((line, place) => lineOf(line, place, taxPercent)),
    channel: option("channel"),
    redeem: paying === null ? null : [{ points: Number(paying[1]), currency: paying[2] ?? "" }],
    vouchers: option("voucher") === null ? [] : [option("voucher") ?? ""],
    codes: option("code") === null ? [] : [option("code") ?? ""],
  };
}

function lineOf(text: string, place: number, taxPercent: number): StoredLine {
  const [, quantity, category = "", price] = /^(\d+) (\S+) × (\d+)$/.exec(text) ?? [];
  if (price === undefined) throw new Error(`"${text}" is not a line such as "2 coffee × 120"`);
  const unitPrice = Number(price) * CENTS;
  const line = { lineId: String(place), sku: category, category, quantity: Number(quantity), unitPrice, discount: 0 };
  const total = line.quantity * unitPrice;
  return taxPercent === 0 ? line : { ...line, tax: Math.round((total * taxPercent) / (100 + taxPercent)) };
}
