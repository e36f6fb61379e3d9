// Reads the orders that count for insights straight from PostgreSQL, with their lines: what the oracle works from.
import { dayNumber } from "@regulars/insights/days";
import type { PostgresCopy } from "../replay/postgres-copy.ts";

/** An order of an enrolled member that counts: paid, not undone, and not wholly given back. */
export interface CountedOrder {
  readonly memberId: string;
  readonly storeId: string;
  /** The local day, see `days.ts` of the insights. */
  readonly day: number;
  /** Money kept, in minor units. */
  readonly amount: number;
  readonly lines: readonly KeptLine[];
}

/** Units that were not brought back. */
export interface KeptLine {
  readonly sku: string;
  readonly category: string | null;
  readonly kept: number;
}

export interface Book {
  /** Members who enrolled and were not erased. */
  readonly members: number;
  readonly orders: readonly CountedOrder[];
}

/** $1 the tenant, $2 its time zone. A definition of its own, so that it can contradict the Worker's statements. */
const ORDERS_QUERY = `
  select o.member_id, o.order_id, o.store_id, to_char(o.placed_at at time zone $2, 'YYYY-MM-DD') as day,
    o.payable - o.refunded as amount
  from orders as o join members as m using (tenant_id, member_id)
  where o.tenant_id = $1 and m.enrolled_at is not null and m.erased_at is null and o.state = 'paid'
    and o.undone is null and not (o.payable > 0 and o.refunded >= o.payable)
  order by o.member_id, o.placed_at, o.order_id`;

const LINES_QUERY = `
  select member_id, order_id, sku, category, quantity - returned as kept from order_lines
  where tenant_id = $1 and quantity > returned order by member_id, order_id, line_id`;

const MEMBERS_QUERY = `
  select count(*) as members from members where tenant_id = $1 and enrolled_at is not null and erased_at is null`;

type OrderRow = Readonly<Record<"member_id" | "order_id" | "store_id" | "day" | "amount", string>>;
type LineRow = Readonly<Record<"member_id" | "order_id" | "sku" | "kept", string>> & {
  readonly category: string | null;
};

export async function readBook(copy: PostgresCopy, timeZone: string): Promise<Book> {
  const linesOf = new Map<string, KeptLine[]>();
  for (const { member_id, order_id, sku, category, kept } of await copy.rows<LineRow>(LINES_QUERY, [])) {
    const key = `${member_id} ${order_id}`;
    const lines = linesOf.get(key) ?? [];
    if (lines.length === 0) linesOf.set(key, lines);
    lines.push({ sku, category, kept: Number(kept) });
  }
  const rows = await copy.rows<OrderRow>(ORDERS_QUERY, [timeZone]);
  const [counted] = await copy.rows<{ members: string }>(MEMBERS_QUERY, []);
  return {
    members: Number(counted?.members),
    orders: rows.map(({ member_id, order_id, store_id, day, amount }) => ({
      memberId: member_id,
      storeId: store_id,
      day: dayNumber(day),
      amount: Number(amount),
      lines: linesOf.get(`${member_id} ${order_id}`) ?? [],
    })),
  };
}
