// Gives a share of the members one more order each, as the projector writes them, so that triggers mark who changed.
import type pg from "pg";
import { TENANT } from "./draw-rows.ts";

export interface NewOrders {
  /** Of all members, chosen anew for each `round`. */
  readonly share: number;
  readonly round: string;
  readonly placedAt: Date;
}

/** Returns how many members got one. */
export async function addOrders(owner: pg.Client, { share, round, placedAt }: NewOrders): Promise<number> {
  await owner.query("begin");
  const { rowCount } = await owner.query(
    `with chosen as (
      select member_id, last_sequence + 1 as sequence,
        100 * (50 + abs(hashtext(member_id || $3) % 500))::bigint as amount
      from members where tenant_id = $1 and enrolled_at < $4
        and ((hashtextextended(member_id || $3, 7) >> 12) & 4503599627370495) / 4503599627370496.0 < $2::float8
    ), told as (
      insert into orders (tenant_id, member_id, order_id, sequence, state, store_id, region_id, owner_id, currency,
        channel, placed_at, program_version, gross, net, payable, refunded, vouchered, late)
      select $1, member_id, 'new-' || $3, sequence, 'paid', 'store-1', 'region-1', 'owner-1', 'TWD', 'pos',
        $4, 1, amount, amount, amount, 0, 0, false
      from chosen
      -- A database that was kept has the orders of the measurement before.
      on conflict do nothing
    )
    update members as m set events = events + 1, last_sequence = c.sequence, last_at = $4
    from chosen as c where m.tenant_id = $1 and m.member_id = c.member_id`,
    [TENANT, share, round, placedAt],
  );
  await owner.query("commit");
  return rowCount ?? 0;
}
