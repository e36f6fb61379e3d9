// Acts on tiers, entitlements, the life of points, deliveries and labels of one member.
import type { ActivityActs } from "@regulars/contracts/acts-activity";
import type { LifeActs, LifeLooks, TierAnswer } from "@regulars/contracts/acts-life";
import type { EventBody, Lot, MemberEvent } from "@regulars/contracts/events";
import type { OrderRecord } from "@regulars/contracts/events-orders";
import type { LotPart } from "@regulars/contracts/events-transfers";
import { Draft } from "@regulars/domain/draft";
import { decideLabels, decideLabelsSync, leftOut } from "@regulars/domain/labels";
import { decideDelivery, decideExtension, decideReinstatement } from "@regulars/domain/life-acts";
import { refuse, type Refused } from "@regulars/domain/refuse";
import { decideEntitlementUse, decideTierSet, entitlementsOf } from "@regulars/domain/tiers-acts";
import { progressOf } from "@regulars/domain/tiers";
import { publicBalance, settledAt } from "@regulars/domain/view";
import type { Book } from "../book.ts";
import { read, refused, write } from "../commands.ts";
import { knownOrder } from "../order-calls.ts";
import type { ActHandlers, Desk, LookHandlers } from "./desk.ts";

export const lifeActs: ActHandlers<LifeActs & Pick<ActivityActs, "order.delivered">> = {
  "tier.set": ({ book, program }, context, ask) => {
    if (program === null) return refused({ code: "program_missing" });
    const { timeZone } = context;
    const decide = (now: number) => decideTierSet(book.state, program, ask, { now, timeZone });
    return write(book, { context, decide, answer: tierSetAnswer });
  },

  "entitlement.use": ({ book, program }, context, ask) => {
    if (program === null) return refused({ code: "program_missing" });
    const { timeZone } = context;
    const decide = (now: number) => decideEntitlementUse(book.state, program, ask, { now, timeZone });
    return write(book, {
      context,
      decide,
      answer: ({ body, sequence }) => {
        const { entitlement, left } = bodyOf(body, "entitlement.used");
        return { entitlement, left, sequence };
      },
    });
  },

  "points.extend": (desk, context, ask) => {
    const { book } = desk;
    const { timeZone } = context;
    const decide = (now: number) => unknownCurrency(desk, ask) ?? decideExtension(book.state, ask, { now, timeZone });
    return write(book, { context, decide, answer: movedAnswer });
  },

  "points.reinstate": (desk, context, ask) => {
    const { book } = desk;
    const { timeZone } = context;
    const decide = (now: number) => {
      const unknown = unknownCurrency(desk, ask);
      if (unknown !== null) return unknown;
      const expired = expiredSince(book, ask.currency, ask.endedAfter);
      return decideReinstatement(book.state, ask, expired, { now, timeZone });
    };
    return write(book, { context, decide, answer: movedAnswer });
  },

  "facts.set": ({ book }, context, ask) =>
    write(book, {
      context,
      decide: (now) => decideLabels(book.state, ask, now),
      answer: ({ body, sequence }) => {
        const { tags = [], segments = [] } = bodyOf(body, "facts.set");
        return { tags, segments, sequence };
      },
    }),

  "labels.sync": ({ book }, context, ask) => {
    const answer = (tags: readonly string[], segments: readonly string[], sequence: number) => ({
      tags,
      segments,
      leftOut: { tags: leftOut(ask.tags, tags), segments: leftOut(ask.segments, segments) },
      sequence,
    });
    // Who lives by a caller's time is not moved on by the clock of a cron.
    const { at, testTime } = book.state;
    return write(book, {
      context: testTime ? { ...context, now: at, testTime } : context,
      decide: (now) => {
        // A run that comes late does not undo what a later one has told.
        if (ask.version <= book.store.labelsVersion()) return null;
        book.store.setLabelsVersion(ask.version);
        return decideLabelsSync(book.state, ask, now);
      },
      unchanged: ({ tags, segments, sequence }) => answer(tags, segments, sequence),
      answer: ({ body, sequence }) => {
        const { tags = [], segments = [] } = bodyOf(body, "facts.set");
        return answer(tags, segments, sequence);
      },
    });
  },

  "order.delivered": ({ book }, context, { orderId }) =>
    write(book, {
      context,
      decide: (now) => {
        const order = knownOrder(book, orderId);
        return order === null ? refuse("order_not_found", "orderId") : decideDelivery(book.state, order, now);
      },
      answer: ({ body, sequence }) => {
        const { balances } = bodyOf(body, "points.available");
        return { orderId, balances: balances.map(publicBalance), sequence };
      },
    }),
};

export const lifeLooks: LookHandlers<LifeLooks> = {
  "tier.progress": ({ book, program }, context) => {
    if (program === null) return refused({ code: "program_missing" });
    const { timeZone } = context;
    return read<TierAnswer>(book, context, (now) => {
      const draft = new Draft(settledAt(book.state, now, { program, timeZone, birthday: null }), now);
      const progress = progressOf(draft, program, { now, timeZone, adding: null }) ?? NO_TIERS;
      const record = draft.effects.tier;
      return {
        ...progress,
        since: record === null ? null : iso(record.since),
        fixed: record?.fixed ?? false,
        entitlements: entitlementsOf(draft, program, { now, timeZone }),
        sequence: book.state.sequence,
      };
    });
  },
};

const NO_TIERS = { tier: null, until: null, next: null, missing: [], freeShipping: false };

// One that the program has given up is known as long as the member has had any of it.
function unknownCurrency({ book, program }: Desk, { currency }: { readonly currency: string }): Refused | null {
  const isKnown = book.state.currencies.has(currency) || program?.currencies.has(currency) === true;
  return isKnown ? null : refuse("currency_unknown", "currency", { currency });
}

/** What may be given back: expired since then, not given back yet, and not of what a refund has taken back. */
function expiredSince(book: Book, currency: string, since: number): LotPart[] {
  const parts: LotPart[] = [];
  for (const [lotId, expired] of expiredByLot(book, currency, since)) {
    const opening = openingOf(book, lotId);
    const taken = opening.order === null ? 0 : reversedExpiredOf(opening.order, lotId);
    const points = Math.min(expired, book.store.expiredOf(lotId) - taken);
    if (points > 0) parts.push({ lot: book.state.lots.get(lotId)?.lot ?? opening.lot, points });
  }
  return parts;
}

const EVENTS_PER_PAGE = 200;

function expiredByLot(book: Book, currency: string, since: number): Map<string, number> {
  const sums = new Map<string, number>();
  for (let from = book.state.sequence; from >= 1;) {
    const events = book.store.eventsDownFrom(from, EVENTS_PER_PAGE);
    for (const { at, sequence, body } of events) {
      if (at < since) return sums;
      from = sequence - 1;
      for (const entry of "transactions" in body ? body.transactions.flatMap(({ entries }) => entries) : []) {
        if (entry.account !== "expired" || entry.currency !== currency || entry.lot === undefined) continue;
        if (entry.points > 0) sums.set(entry.lot, (sums.get(entry.lot) ?? 0) + entry.points);
      }
    }
    if (events.length === 0) break;
  }
  return sums;
}

// The id of a lot names the event that opened it.
function openingOf(book: Book, lotId: string): { lot: Lot; order: OrderRecord | null } {
  const sequence = Number(lotId.split("_")[1]);
  const body = book.store.eventsAfter(sequence - 1, 1)[0]?.body;
  const lot = body !== undefined && "lots" in body ? body.lots.find(({ id }) => id === lotId) : undefined;
  if (body === undefined || lot === undefined) throw new Error(`event ${sequence} did not open lot ${lotId}`);
  return { lot, order: "order" in body ? knownOrder(book, body.order.orderId) : null };
}

function reversedExpiredOf({ earned, grants = [] }: OrderRecord, lotId: string): number {
  const all = [...earned, ...grants.flatMap((grant) => grant.earned)];
  return all.reduce((sum, { lot, reversedExpired }) => (lot === lotId ? sum + reversedExpired : sum), 0);
}

function tierSetAnswer({ body, sequence }: MemberEvent) {
  const { to, tier = null } = bodyOf(body, "tier.changed");
  const until = tier?.until ?? null;
  return {
    tier: to,
    since: tier === null ? null : iso(tier.since),
    until: until === null ? null : iso(until),
    fixed: tier?.fixed ?? false,
    sequence,
  };
}

function movedAnswer({ body, sequence }: MemberEvent) {
  if (body.kind !== "points.extended" && body.kind !== "points.reinstated") {
    throw new Error(`event ${sequence} moves no points' end`);
  }
  return { points: body.points, balances: body.balances.map(publicBalance), sequence };
}

function bodyOf<Kind extends EventBody["kind"]>(body: EventBody, kind: Kind): Extract<EventBody, { kind: Kind }> {
  if (body.kind !== kind) throw new Error(`a ${body.kind} where a ${kind} was written`);
  // The kind was compared just before; TypeScript does not narrow by a parameter.
  return body as Extract<EventBody, { kind: Kind }>;
}

const iso = (instant: number) => new Date(instant).toISOString();
