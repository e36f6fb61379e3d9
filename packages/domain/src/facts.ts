// What the rules may know of a member at the moment of an order.
import type { MemberFacts } from "@regulars/contracts/events-orders";
import { localTime } from "./calendar.ts";
import type { MemberState } from "./state.ts";

const DAY_MS = 86_400_000;

/** Facts of a member for an order placed at `placedAt`; a birthday gives only whether its month is the order's. */
export function memberFacts(
  state: MemberState,
  birthday: string | undefined,
  placedAt: number,
  timeZone: string,
): MemberFacts {
  const birthdayMonth = birthday !== undefined && Number(birthday.slice(5, 7)) === localTime(placedAt, timeZone).month;
  return {
    homeStoreId: state.homeStoreId,
    source: state.source,
    firstOrder: state.paidOrders === 0,
    ordersBefore: state.paidOrders,
    birthdayMonth,
    enrolledDays: Math.max(0, Math.floor((placedAt - state.enrolledAt) / DAY_MS)),
  };
}
