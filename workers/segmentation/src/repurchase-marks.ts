// Marks everybody who ever bought one of some products or categories, so that a run looks at them again.
import { sql } from "drizzle-orm";
import { type NightScope, writeRows } from "./night-scope.ts";

/** Members of one statement: their lines are looked through until one is found, about a second. */
const PAGE_MEMBERS = 5000;

/** Page by page over the buyers by id. Marks that are made twice make a member be looked at once. */
export async function markBuyers(
  scope: NightScope,
  refs: readonly { readonly kind: "sku" | "category"; readonly ref: string }[],
): Promise<void> {
  const { tenantId } = scope.scene;
  const named = (kind: string) => JSON.stringify(refs.filter((one) => one.kind === kind).map(({ ref }) => ref));
  for (let after: string | null = ""; after !== null;) {
    const [page]: { last: string | null }[] = await writeRows<{ last: string | null }>(scope, [
      sql`with page as (
          select member_id from member_figures where tenant_id = ${tenantId} and member_id > ${after}
          order by member_id limit ${PAGE_MEMBERS}
        ),
        marked as (
          insert into member_changes (tenant_id, member_id)
          select ${tenantId}, member_id from page as p
          where exists (
            select from order_lines as l where l.tenant_id = ${tenantId} and l.member_id = p.member_id
              and (l.sku in (select jsonb_array_elements_text(${named("sku")}::jsonb))
                or l.category in (select jsonb_array_elements_text(${named("category")}::jsonb))))
        )
        select max(member_id) as last from page`,
    ]);
    after = page?.last ?? null;
  }
}
