// An order before anything has come of it, and the event of one that is decided.
import { LATE_ORDER_SECONDS } from "@regulars/contracts/limits";
import type { HoldRecord, OrderRecord } from "@regulars/contracts/events-orders";
import type { OrderCommand } from "@regulars/contracts/rpc";
import { totalsOf } from "./basket.ts";
import type { Draft } from "./draft.ts";
import { NOTHING_PREPARED, type OrderMoment, type OrderScene } from "./moment.ts";
import type { CompiledProgram } from "./program.ts";
import type { Decision } from "./refuse.ts";

/** The order as it was sent, with nothing spent, earned or used. */
export function blankOrder(program: CompiledProgram, wanted: OrderCommand, moment: OrderMoment): OrderRecord {
  const { orderId, state, storeId, regionId, ownerId, currency, channel, placedAt, lines } = wanted;
  const { gross, net } = totalsOf(lines);
  return {
    orderId,
    state,
    storeId,
    regionId,
    ownerId,
    currency,
    channel,
    placedAt,
    programVersion: program.version,
    lines,
    facts: moment.facts,
    gross,
    net,
    payable: net,
    redeemed: [],
    holds: [],
    spends: [],
    earned: [],
    returned: {},
    refunded: 0,
    undone: null,
    ...(moment.now - placedAt > LATE_ORDER_SECONDS * 1000 && { late: true as const }),
    ...(wanted.partnerCode !== undefined && { partner: wanted.partnerCode }),
    ...(wanted.allowanceId !== undefined && { allowanceId: wanted.allowanceId }),
  };
}

/** What each step of a decision sees. */
export function sceneOf(program: CompiledProgram, order: OrderRecord, moment: OrderMoment): OrderScene {
  const { now, timeZone, expiredOf, prepared = NOTHING_PREPARED } = moment;
  return { program, order, now, timeZone, expiredOf, prepared };
}

/** The event of a decided order. */
export function orderEvent(
  kind: "order.authorized" | "order.paid" | "order.cancelled",
  draft: Draft,
  scene: Pick<OrderScene, "program" | "order">,
  {
    placed,
    closed,
    emptied = false,
  }: { placed: readonly HoldRecord[]; closed: readonly HoldRecord[]; emptied?: boolean },
): Decision {
  const movements = draft.body(scene.program.currencies.keys());
  const about = { kind, order: scene.order, placedHolds: placed, closedHolds: closed };
  return { ok: true, body: { ...about, ...(emptied && { emptied: true as const }), ...movements } };
}
