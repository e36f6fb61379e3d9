// Works members out even when some of them cannot be: a page that fails for its data is halved until the one at fault stands alone.
import { withTenant } from "@regulars/schema/connection";
import { alerts } from "@regulars/schema/alerts";
import { sql } from "drizzle-orm";
import { postgresCode } from "./database-errors.ts";
import { pagesOf, sideBySide } from "./lanes.ts";
import { keepLease } from "./lease.ts";
import type { RunScope } from "./run-scope.ts";
import { isStretch, type Page } from "./scene.ts";
import { storeFigures, touchPage, type TouchWish } from "./touch.ts";
import { membersOf, pageSize, type Touched } from "./touched.ts";

/** Values out of range, broken constraints, limits of the server, and a statement that took too long. */
const OF_THE_DATA = /^(22|23|54|57014)/;

const DAY_MILLISECONDS = 86_400_000;

/** As `touchPage`; a single member that fails is set aside with an alert, and looked at again when it changes. */
export function touchCarefully(scope: RunScope, page: Page, wish: TouchWish): Promise<void> {
  return halving(scope, page, (part) => touchPage(scope, part, wish));
}

/** Works out whoever changed or was due; then the marks that this answers are taken away. */
export async function touchChanged(scope: RunScope, { memberIds, changeIds }: Touched): Promise<void> {
  const wish = { figures: true, scores: true, needs: true };
  await sideBySide(pagesOf(memberIds, pageSize(scope)), (page) => touchCarefully(scope, page, wish));
  if (changeIds.length > 0) await forgetChanges(scope, changeIds);
}

export function storeFiguresCarefully(scope: RunScope, page: Page): Promise<void> {
  return halving(scope, page, (part) => storeFigures(scope, part));
}

async function halving(scope: RunScope, page: Page, work: (part: Page) => Promise<void>): Promise<void> {
  if (!isStretch(page) && page.length === 0) return;
  try {
    await work(page);
  } catch (error) {
    const code = postgresCode(error);
    if (code === null || !OF_THE_DATA.test(code)) throw error;
    const memberIds = await membersOf(scope, page);
    const [first] = memberIds;
    if (memberIds.length === 1 && first !== undefined) return setAside(scope, first, code);
    const middle = Math.ceil(memberIds.length / 2);
    await halving(scope, memberIds.slice(0, middle), work);
    await halving(scope, memberIds.slice(middle), work);
  }
}

/** Whatever of the member is stored stays; time alone brings it up again tomorrow, a change of it at once. */
async function setAside(scope: RunScope, memberId: string, reason: string): Promise<void> {
  const { database, scene, token } = scope;
  const { tenantId, now } = scene;
  const tomorrow = new Date(now + DAY_MILLISECONDS).toISOString();
  const own = sql`tenant_id = ${tenantId}::text and member_id = ${memberId}::text`;
  console.error(JSON.stringify({ alert: "member_not_scored", tenantId, memberId, reason }));
  const alert = { tenantId, alertId: `member_not_scored:${memberId}`, kind: "member_not_scored", memberId };
  await withTenant(database, tenantId, [
    database
      .insert(alerts)
      .values({ ...alert, facts: { reason }, raisedAt: new Date(now) })
      .onConflictDoNothing(),
    database.execute(sql`update segment_flips set flips_at = ${tomorrow}::timestamptz
      where ${own} and flips_at < ${tomorrow}::timestamptz`),
    database.execute(sql`update auto_tags set expires_at = ${tomorrow}::timestamptz
      where ${own} and expires_at < ${tomorrow}::timestamptz`),
    keepLease(database, token),
  ]);
}

/** Marks are taken away once their members are worked out: after a crash before it, they are worked out again. */
async function forgetChanges({ database, scene, token }: RunScope, changeIds: readonly number[]): Promise<void> {
  await withTenant(database, scene.tenantId, [
    database.execute(sql`delete from member_changes where tenant_id = ${scene.tenantId}::text
      and change_id in (select jsonb_array_elements_text(${JSON.stringify(changeIds)}::jsonb)::bigint)`),
    keepLease(database, token),
  ]);
}
