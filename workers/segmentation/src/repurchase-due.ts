// Announces that members are about to need something again: one event for each supply, some days before its end.
import { sql } from "drizzle-orm";
import { type NightScope, writeRows } from "./night-scope.ts";
import { dayAfter, type Scene } from "./scene.ts";

/** What was due longer ago is no news: a first night, or a week without nights, announces what still helps. */
const LATE_DAYS_MAX = 14;
/** Announcements of one transaction: about a second. */
const PAGE_ANNOUNCEMENTS = 5000;

/** Announces all that is due, page by page: what has no row of an event yet gets one, and is marked as announced. */
export async function announceDue(scope: NightScope): Promise<void> {
  const { leadDays } = scope.settings.repurchase;
  for (let announced = PAGE_ANNOUNCEMENTS; announced === PAGE_ANNOUNCEMENTS;) {
    const [page] = await writeRows<{ announced: number }>(scope, [dueAnnouncements(scope.scene, leadDays)]);
    announced = page?.announced ?? 0;
  }
}

/** One page, earliest first. The id of an event follows from member, product and supply. */
function dueAnnouncements({ tenantId, today, now }: Scene, leadDays: number) {
  const [from, until] = [dayAfter(today, -LATE_DAYS_MAX), dayAfter(today, leadDays)];
  return sql`
    with due as (
      select r.* from repurchases as r
      join members as m on m.tenant_id = ${tenantId} and m.member_id = r.member_id
        and m.is_person
      where r.tenant_id = ${tenantId} and r.due_on between ${from}::date and ${until}::date
        and announced_for is distinct from last_day
      order by r.due_on, r.member_id limit ${PAGE_ANNOUNCEMENTS}
    ),
    told as (
      insert into insight_events (tenant_id, event_id, kind, member_id, facts, at)
      select ${tenantId}, concat_ws(':', 'repurchase_due', member_id, kind, ref, last_day), 'member.repurchase_due',
        member_id, jsonb_build_object('product', kind, 'ref', ref, 'lastDay', last_day, 'dueOn', due_on, 'windowFrom',
          window_from, 'windowUntil', window_until), ${new Date(now).toISOString()}::timestamptz
      from due
      on conflict (tenant_id, event_id) do nothing
    ),
    kept as (
      update repurchases as r set announced_for = d.last_day from due as d
      where r.tenant_id = ${tenantId} and r.member_id = d.member_id and r.kind = d.kind and r.ref = d.ref
      returning 1
    )
    select count(*)::int as announced from kept`;
}
