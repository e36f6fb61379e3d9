// What the rules may know of a member at the moment of an order.
import type { MemberFacts } from "@regulars/contracts/events-orders";
import { localTime } from "./calendar.ts";
import { LIFE_SPEND, LIFE_VISITS } from "./contribution.ts";
import { insightsOf } from "./labels.ts";
import type { CompiledProgram } from "./program.ts";
import type { MemberState } from "./state.ts";
import { tierOf } from "./tiers-keep.ts";

const DAY_MS = 86_400_000;

/**
 * Facts of a member for an order placed at `placedAt`; a birthday gives only whether its day or month is the order's. They are
 * stored with every order, so what is nothing (no tier, no tags, nothing spent) is left out. With the program, the tier that everybody has is one.
 */
export function memberFacts(
  state: MemberState,
  birthday: string | undefined,
  placedAt: number,
  timeZone: string,
  program: CompiledProgram | null = null,
): MemberFacts {
  const { tags, segments } = state;
  const tier = program === null ? (state.tier?.tier ?? null) : tierOf(program, state.tier);
  const spend = state.counters.get(LIFE_SPEND)?.value ?? 0;
  const visits = state.counters.get(LIFE_VISITS)?.value ?? 0;
  const insights = insightsOf(state);
  const born = bornOn(birthday, placedAt, timeZone);
  return {
    homeStoreId: state.homeStoreId,
    source: state.source,
    firstOrder: state.paidOrders === 0,
    ordersBefore: state.paidOrders,
    birthdayMonth: born.month,
    enrolledDays: Math.max(0, Math.floor((placedAt - state.enrolledAt) / DAY_MS)),
    ...(tier !== null && { tier }),
    ...(tags.length > 0 && { tags }),
    ...(segments.length > 0 && { segments }),
    ...(visits > 0 && { visits }),
    ...(spend > 0 && { spend }),
    ...(born.day && { birthday: true }),
    ...(insights !== null && { stage: insights.stage, band: insights.band }),
    ...(insights?.churnRisk && { churnRisk: true }),
  };
}

// Who was born on 29 February has the birthday on the 28th of other years.
function bornOn(birthday: string | undefined, at: number, timeZone: string): { month: boolean; day: boolean } {
  if (birthday === undefined) return { month: false, day: false };
  const { year, month, day } = localTime(at, timeZone);
  if (Number(birthday.slice(5, 7)) !== month) return { month: false, day: false };
  const daysInMonth = new Date(Date.UTC(year, month, 0)).getUTCDate();
  return { month: true, day: Math.min(Number(birthday.slice(8, 10)), daysInMonth) === day };
}
