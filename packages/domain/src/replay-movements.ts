// What others did to a member in the past, done again in a replay: points that came and went without an order, labels, tiers
// set by hand.
import type { EventBody } from "@regulars/contracts/events";
import type { LotPart } from "@regulars/contracts/events-transfers";
import type { Account, TransactionKind } from "@regulars/contracts/points";
import { Draft } from "./draft.ts";
import { lifetimeOf, type CompiledProgram } from "./program.ts";
import type { MemberState } from "./state.ts";

/** What a replay has taken for something that may come back, by its id. */
export interface Imposed {
  readonly spends: Map<string, readonly LotPart[]>;
}

interface GiveScene {
  readonly candidate: CompiledProgram;
  readonly timeZone: string;
}

type Carried = EventBody | "by time" | null;

/** Points that came to the member come again; null when the event gives none. */
export function giveAgain(
  state: MemberState,
  scene: GiveScene,
  imposed: Imposed,
  body: EventBody,
  now: number,
): Carried {
  const draft = new Draft(state, now);
  switch (body.kind) {
    case "activity.recorded":
      for (const { currency, points, rule } of body.record.earned) {
        put(draft, newLot(draft, scene, { currency, points, rule }), "earn", "issued", rule);
      }
      return bodyOf(draft);
    case "referral.rewarded":
      put(draft, newLot(draft, scene, { ...body.referral, rule: "referral" }), "earn", "issued", "referral");
      return bodyOf(draft);
    case "transfer.received":
      for (const { lot, points } of body.transfer.parts) {
        const { id: _id, ...facts } = lot;
        put(draft, { lot: draft.newLot({ ...facts, points }), points }, "transfer", "transit");
      }
      return bodyOf(draft);
    case "transfer.returned":
      return bodyOf(putBack(draft, imposed, body.transfer.id, "transfer", "transit"));
    case "reward.returned":
      return bodyOf(putBack(draft, imposed, body.voucher.id, "restore", "redeemed"));
    default:
      return null;
  }
}

/** Points that the member gave away or spent go again, as far as there are any; null when the event takes none. */
export function takeAgain(state: MemberState, imposed: Imposed, body: EventBody, now: number): Carried {
  const draft = new Draft(state, now);
  switch (body.kind) {
    case "transfer.sent": {
      const sums = new Map<string, number>();
      for (const { lot, points } of body.transfer.parts) sums.set(lot.currency, (sums.get(lot.currency) ?? 0) + points);
      const parts = [...sums].flatMap(([currency, points]) => draft.allocate(currency, points));
      draft.move("transfer", parts, "available", "transit");
      imposed.spends.set(body.transfer.id, parts);
      return bodyOf(draft);
    }
    case "reward.bought": {
      const parts = draft.allocate(body.cost.currency, body.cost.points);
      draft.move("redeem", parts, "available", "redeemed");
      imposed.spends.set(body.voucher.id, parts);
      return bodyOf(draft);
    }
    case "referral.reversed": {
      const parts = draft.allocate(body.referral.currency, body.referral.points);
      draft.move("reverse", parts, "available", "issued", "referral");
      return bodyOf(draft);
    }
    default:
      return null;
  }
}

/** Labels, facts and tiers set by hand; `by time` for what the candidate's own time does, null for what is left out. */
export function imposeEffects(state: MemberState, body: EventBody, now: number): Carried {
  switch (body.kind) {
    case "facts.set":
    case "household.changed":
    case "tier.changed": {
      if (body.kind === "tier.changed" && body.cause !== "set") return "by time";
      const draft = new Draft(state, now);
      if (body.tags !== undefined) draft.effects.setTags(body.tags);
      if (body.segments !== undefined) draft.effects.setSegments(body.segments);
      if (body.tier !== undefined) draft.effects.setTier(body.tier);
      for (const [name, value] of Object.entries(body.facts ?? {})) draft.effects.setFact(name, value);
      return bodyOf(draft);
    }
    case "order.authorized":
    case "points.expired":
    case "points.available":
    case "points.expiring":
    case "hold.lapsed":
    case "tier.warned":
    case "tier.kept":
    case "birthday.reached":
    case "entitlement.used":
    case "voucher.issued":
    case "voucher.changed":
    case "transfer.settled":
      return "by time";
    default:
      return null;
  }
}

function newLot(
  draft: Draft,
  { candidate, timeZone }: GiveScene,
  given: { readonly currency: string; readonly points: number; readonly rule: string },
): LotPart {
  const currency = candidate.currencies.get(given.currency);
  const life = currency === undefined ? { expiresAt: null } : lifetimeOf(currency, draft.now, timeZone);
  const facts = { storeId: null, availableAt: draft.now, expiresAt: life.expiresAt };
  const { currency: id, points, rule } = given;
  return { lot: draft.newLot({ ...facts, currency: id, points, rule }), points };
}

function put(draft: Draft, part: LotPart, kind: TransactionKind, from: Account, rule?: string): void {
  draft.move(kind, [part], from, "available", rule);
}

function putBack(draft: Draft, { spends }: Imposed, id: string, kind: TransactionKind, from: Account): Draft {
  const parts = spends.get(id) ?? [];
  for (const { lot } of parts) draft.reopen(lot);
  draft.move(kind, parts, from, "available");
  spends.delete(id);
  return draft;
}

/** Written as an event that only carries what it does. */
const bodyOf = (draft: Draft): EventBody => ({ kind: "facts.set", ...draft.body([]) });
