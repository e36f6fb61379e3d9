// The acts of a referral and of a partner: each side is paid once, and gives back once.
import { env } from "cloudflare:workers";
import type { SharingActs } from "@regulars/contracts/acts-sharing";
import type { MemberEvent } from "@regulars/contracts/events";
import type { CallContext } from "@regulars/contracts/rpc";
import { tenantKeyOf } from "@regulars/domain/naming";
import type { CompiledProgram } from "@regulars/domain/program";
import { decidePartnerSettled } from "@regulars/domain/partners";
import { decideReferralSettled, decideReward, decideRewardReversed } from "@regulars/domain/referrals";
import type { Book } from "../book.ts";
import { identityHashes } from "../identity-hashes.ts";
import type { ActHandlers } from "./desk.ts";
import { bodyOf, demand, end } from "./saga.ts";

type ReferralActName = "referral.reward" | "referral.reverse" | "referral.settle" | "partner.settle";

export const referralActs: ActHandlers<Pick<SharingActs, ReferralActName>> = {
  "referral.reward": ({ book }, context, ask) =>
    demand(book, {
      context,
      decide: (now) => {
        const { memberId, timeZone } = context;
        const household = (book.state.facts.get("household") as { id: string } | undefined)?.id ?? null;
        const own = { memberId, hashes: identityHashes(keyOf(context), book.person), household };
        return decideReward(book.state, ask, own, { now, timeZone });
      },
      answer: sequenceOf,
      subject: subjectOf(ask),
    }),

  "referral.reverse": ({ book, program }, context, ask) => {
    const body = book.exists ? book.store.newestBySubject(subjectOf(ask))?.body : undefined;
    const referral = body?.kind === "referral.rewarded" ? body.referral : null;
    // The referrer had refused, or gave it back already.
    if (referral === null || referral.earned === null) return nothing(book);
    const rewarded = { ...referral, earned: referral.earned };
    return end(book, {
      context,
      decide: (now) => bodyOf(decideRewardReversed(book.state, inForce(program), rewarded, momentOf(book, now))),
      answer: sequenceOf,
      subject: subjectOf(ask),
    });
  },

  "referral.settle": ({ book }, context, ask) => {
    const { memberId } = context;
    const decideAt = (now: number) => decideReferralSettled(book.state, { memberId, ...ask }, now);
    if (decideAt(book.timeOf(context)) === null) return nothing(book);
    return end(book, {
      context,
      decide: (now) => {
        const decision = decideAt(now);
        if (decision === null) throw new Error("time alone has ended a referral");
        return bodyOf(decision);
      },
      answer: sequenceOf,
      subject: `referral/${ask.orderId}`,
    });
  },

  "partner.settle": ({ book, program }, context, ask) => {
    const subject = `partner/${ask.buyerId}/${ask.orderId}`;
    return demand(book, {
      context,
      decide: (now) => {
        const body = book.store.newestBySubject(subject)?.body;
        const known = body?.kind === "partner.settled" ? body.partner.earned : null;
        return decidePartnerSettled(book.state, inForce(program), ask, known, momentOf(book, now));
      },
      answer: sequenceOf,
      subject,
    });
  },
};

const subjectOf = ({ refereeId, orderId }: { refereeId: string; orderId: string }) =>
  `referral/${refereeId}/${orderId}`;

const keyOf = ({ tenantId }: CallContext) => tenantKeyOf(env.MASTER_KEY, tenantId);

const nothing = ({ state }: Book) => ({ ok: true as const, value: { sequence: state.sequence }, events: [] });

function inForce(program: CompiledProgram | null): CompiledProgram {
  if (program === null) throw new Error("a tenant that pays prizes has no program");
  return program;
}

const momentOf = (book: Book, now: number) => ({ now, expiredOf: (lotId: string) => book.store.expiredOf(lotId) });

const sequenceOf = ({ sequence }: MemberEvent) => ({ sequence });
