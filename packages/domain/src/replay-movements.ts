// What others did to a member in the past, done again in a replay: points that came and went without an order, labels, tiers
// set by hand.
import type { EventBody } from "@regulars/contracts/events";
import type { StoredEarn } from "@regulars/contracts/events-orders";
import type { LotPart } from "@regulars/contracts/events-transfers";
import type { Account, TransactionKind } from "@regulars/contracts/points";
import { Draft } from "./draft.ts";
import { givePrize } from "./prizes.ts";
import { lifetimeOf, type CompiledProgram } from "./program.ts";
import { REFERRAL_FACT } from "./referrals.ts";
import type { MemberState } from "./state.ts";

/** What a replay has taken for something that may come back, by its id. */
export interface Imposed {
  readonly spends: Map<string, readonly LotPart[]>;
  /** Points that stand for something which is told again as it stands. */
  readonly given: Map<string, number>;
}

/** What stood of such things before the replay began. */
export function rememberImposed({ spends, given }: Imposed, body: EventBody): void {
  if (body.kind === "transfer.sent") spends.set(body.transfer.id, body.transfer.parts);
  if (body.kind === "partner.settled") given.set(body.partner.orderId, standing(body.partner.earned));
  if (body.kind === "referral.rewarded" && body.referral.earned !== null) {
    given.set(body.referral.id, standing(body.referral.earned));
  }
}

const standing = ({ points, reversed }: StoredEarn) => points - reversed;

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
    case "referral.rewarded": {
      // Only the member who was brought keeps a fact of it.
      const side = body.facts?.[REFERRAL_FACT] === undefined ? "referrer" : "referee";
      const prize = scene.candidate.document.sharing.referral?.[side];
      if (prize === undefined) return bodyOf(draft);
      const given = give(draft, scene, { ...prize, rule: "referral" }, imposed, body.referral.id);
      const fact = body.facts?.[REFERRAL_FACT];
      if (fact !== undefined) draft.effects.setFact(REFERRAL_FACT, { ...(fact as object), earned: given });
      return bodyOf(draft);
    }
    case "partner.settled": {
      const { orderId, earned } = body.partner;
      const more = standing(earned) - (imposed.given.get(orderId) ?? 0);
      if (more <= 0) return null;
      give(draft, scene, { ...earned, points: more }, imposed, orderId);
      return bodyOf(draft);
    }
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
    case "referral.reversed":
    case "partner.settled": {
      const [id, earned] =
        body.kind === "partner.settled"
          ? [body.partner.orderId, body.partner.earned]
          : [body.referral.id, body.referral.earned];
      const given = imposed.given.get(id) ?? 0;
      if (earned === null) return bodyOf(draft);
      const target = body.kind === "partner.settled" ? Math.min(given, standing(earned)) : 0;
      const parts = draft.allocate(earned.currency, given - target);
      draft.move("reverse", parts, "available", "issued", earned.rule);
      imposed.given.set(id, target);
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
    case "referral.named":
    case "referral.refused":
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
    case "points.expired":
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

function give(
  draft: Draft,
  { candidate, timeZone }: GiveScene,
  { currency, points, rule }: { readonly currency: string; readonly points: number; readonly rule: string },
  { given }: Imposed,
  id: string,
): StoredEarn | null {
  const known = candidate.currencies.get(currency);
  if (known === undefined || known.network !== undefined) return null;
  given.set(id, (given.get(id) ?? 0) + points);
  const life = lifetimeOf(known, draft.now, timeZone);
  return givePrize(draft, { currency, points, storeId: null, rule, ...life });
}

function put(draft: Draft, part: LotPart, kind: TransactionKind, from: Account): void {
  draft.move(kind, [part], from, "available");
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
