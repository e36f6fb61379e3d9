// Answers with all that is known of one member: habits, labels, what is needed next and when, and what to offer.
import { RECOMMENDATIONS_DEFAULT } from "@regulars/contracts/affinity";
import type { MemberOutlook } from "@regulars/contracts/insights-trade";
import { localDay } from "@regulars/domain/calendar";
import type { Read } from "@regulars/edge/body";
import { type Call, done, parameterOf, refused, tenantOf } from "./call.ts";
import { labelsAnswer } from "./insight-report-labels.ts";
import { type OutlookRows, readOutlook } from "./insight-report-outlook-rows.ts";
import { dueAnswer } from "./insight-report-repurchase.ts";
import { contextOf, segmentationOf } from "./segment-questions.ts";

export async function getMemberOutlook(call: Call): Promise<Read<MemberOutlook>> {
  const tenant = tenantOf(call);
  const memberId = parameterOf(call, "memberId");
  const asOf = localDay(call.now, tenant.timeZone);
  const rows = await readOutlook(call.database, tenant, memberId);
  const [member] = rows.members;
  if (member === undefined) return refused("member_not_found", { field: "memberId" });
  if (member.erased || member.enrolled_at === null) return refused("member_erased");
  const offers = await segmentationOf(call).recommend(contextOf(call), memberId, RECOMMENDATIONS_DEFAULT);
  if (!offers.ok) return { ok: false, refusals: [offers.refusal] };
  return done({
    memberId,
    asOf,
    enrolledAt: member.enrolled_at,
    homeStoreId: member.home_store_id,
    source: member.source,
    tier: member.tier,
    tags: member.tags ?? [],
    segments: rows.segments.map(({ segment_id: id }) => id),
    figures: figuresAnswer(rows),
    ...scoresAnswer(rows),
    due: rows.due.map(dueAnswer),
    offers: offers.value.map(({ item, because, rules }) => ({
      item,
      because: { ...because, antecedent: [...because.antecedent] },
      rules,
    })),
    stores: rows.stores.map(({ store_id: storeId, orders }) => ({ storeId, orders: Number(orders) })),
    categories: rows.categories.map(({ category, quantity, spend }) => ({
      category,
      quantity: Number(quantity),
      spend: Number(spend),
    })),
  });
}

function figuresAnswer({ figures }: OutlookRows): MemberOutlook["figures"] {
  const [row] = figures;
  if (row === undefined) return null;
  const { orders, order_days: orderDays, first_day: firstDay, last_day: lastDay } = row;
  const spend = Number(row.spend);
  return { orders, orderDays, spend, averageOrder: spend / orders, firstDay, lastDay };
}

function scoresAnswer({ scores }: OutlookRows): Pick<MemberOutlook, "labels" | "next"> {
  const [row] = scores;
  if (row === undefined) return { labels: null, next: null };
  return {
    labels: labelsAnswer(row),
    next: {
      cycleDays: row.cycle_days,
      orderOn: row.next_order_on,
      churnFrom: row.churn_from,
      churnRisk: row.churn_risk,
      expectedOrders: row.expected_orders,
      expectedSpend: row.expected_spend,
    },
  };
}
