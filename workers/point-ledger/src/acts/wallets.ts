// The acts of an account that orders of other objects spend from and earn into: each has its effect once, in any order of calls.
import type { SharingActs } from "@regulars/contracts/acts-sharing";
import type { MemberEvent } from "@regulars/contracts/events";
import type { CallContext } from "@regulars/contracts/rpc";
import type { CompiledProgram } from "@regulars/domain/program";
import {
  decideDeposit,
  decideWalletCapture,
  decideWalletHold,
  decideWalletRelease,
  decideWalletRestore,
  decideWithdrawal,
  type WalletMoment,
} from "@regulars/domain/wallet-accounts";
import { maySpend } from "@regulars/domain/households";
import { refuse } from "@regulars/domain/refuse";
import type { Book } from "../book.ts";
import type { ActHandlers } from "./desk.ts";
import { bodyOf, demand, end } from "./saga.ts";

type WalletActName = Extract<keyof SharingActs, `wallet.${string}`>;

export const walletActs: ActHandlers<Pick<SharingActs, WalletActName>> = {
  "wallet.hold": ({ book, program }, context, { holdId, currency, points, by }) =>
    demand(book, {
      context,
      decide: (now) => {
        const wish = { holdId, currency, points, orderId: by.orderId };
        if (!maySpend(book.state, by.memberId)) {
          return refuse("insufficient_points", "points", { available: 0, requested: points });
        }
        return decideWalletHold(book.state, inForce(program), wish, momentOf(book, context, now));
      },
      answer: ({ sequence }) => ({ points, sequence }),
      subject: holdId,
    }),

  "wallet.capture": ({ book, program }, context, { holdId, points, elsewhere }) =>
    end(book, {
      context,
      decide: (now) => {
        const hold = book.state.holds.get(holdId);
        // The order's object has given its word for the hold: it can be neither lapsed nor released.
        if (hold === undefined) throw new Error(`hold ${holdId} is not open`);
        const moment = momentOf(book, context, now);
        return bodyOf(decideWalletCapture(book.state, program, hold, { points, elsewhere }, moment));
      },
      answer: sequenceOf,
      subject: holdId,
    }),

  "wallet.release": ({ book }, context, { holdId }) => {
    const { tenantId, memberId } = context;
    if (!book.exists) book.create({ tenantId, memberId, epoch: 1 });
    const hold = book.state.holds.get(holdId);
    if (hold === undefined) {
      // One that never came may still be under way: it finds that it was refused.
      const hasCome = book.store.newestBySubject(holdId) !== null || book.store.refusal(holdId) !== null;
      if (!hasCome) book.store.insertRefusal(holdId, holdId, book.timeOf(context), { code: "hold_already_voided" });
      return { ok: true, value: { sequence: book.state.sequence }, events: [] };
    }
    return end(book, {
      context,
      decide: (now) => bodyOf(decideWalletRelease(book.state, hold, momentOf(book, context, now))),
      answer: sequenceOf,
      subject: holdId,
    });
  },

  "wallet.restore": ({ book, program }, context, { holdId, restored }) =>
    end(book, {
      context,
      decide: (now) => {
        const captured = capturedOf(book, holdId);
        const moment = momentOf(book, context, now);
        return bodyOf(decideWalletRestore(book.state, program, captured, restored, moment));
      },
      answer: sequenceOf,
      subject: holdId,
    }),

  "wallet.deposit": ({ book, program }, context, { deposit: id, ...ask }) => {
    // Not remembered as a refusal: the network may yet publish its coin.
    if (!inForce(program).currencies.has(ask.currency)) throw new Error(`no currency ${ask.currency}`);
    return demand(book, {
      context,
      decide: (now) => decideDeposit(book.state, inForce(program), { id, ...ask }, momentOf(book, context, now)),
      answer: sequenceOf,
      subject: id,
      opens: "account:network",
    });
  },

  "wallet.withdraw": ({ book, program }, context, { deposit: id, withdrawn }) =>
    end(book, {
      context,
      decide: (now) => {
        const moment = momentOf(book, context, now);
        return bodyOf(decideWithdrawal(book.state, inForce(program), depositOf(book, id), withdrawn, moment));
      },
      answer: sequenceOf,
      subject: id,
    }),
};

function inForce(program: CompiledProgram | null): CompiledProgram {
  if (program === null) throw new Error("the keeper of the account has no program");
  return program;
}

function capturedOf(book: Book, id: string) {
  const body = book.store.newestBySubject(id)?.body;
  if (body?.kind === "hold.captured" && body.spends !== undefined && body.elsewhere !== undefined) {
    return { id, spends: body.spends, elsewhere: body.elsewhere };
  }
  if (body?.kind === "wallet.moved" && body.wallet.spends !== undefined) {
    return { id, spends: body.wallet.spends, elsewhere: body.wallet.elsewhere };
  }
  throw new Error(`hold ${id} was not captured`);
}

function depositOf(book: Book, id: string) {
  const body = book.store.newestBySubject(id)?.body;
  if (body?.kind !== "wallet.moved" || body.wallet.earned === undefined) throw new Error(`no deposit ${id}`);
  return { id, earned: body.wallet.earned, elsewhere: body.wallet.elsewhere };
}

function momentOf(book: Book, { timeZone }: CallContext, now: number): WalletMoment {
  return { now, timeZone, expiredOf: (lotId) => book.store.expiredOf(lotId) };
}

const sequenceOf = ({ sequence }: MemberEvent) => ({ sequence });
