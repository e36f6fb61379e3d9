// The acts of a transfer: it is sent, received, and then settled or returned.
import type { SharingActs, SharingLooks, TransferAnswer } from "@regulars/contracts/acts-sharing";
import type { MemberEvent } from "@regulars/contracts/events";
import { belongingOf } from "@regulars/domain/households";
import { undoMerge } from "@regulars/domain/merging";
import { decideReceive, decideReturned, decideSend, decideSettled } from "@regulars/domain/transfers";
import { publicBalance } from "@regulars/domain/view";
import { read, refused, write } from "../commands.ts";
import type { ActHandlers, LookHandlers } from "./desk.ts";
import { bodyOf, demand, end } from "./saga.ts";

type TransferActName = "transfer.send" | "transfer.receive" | "transfer.settle" | "transfer.return";

export const transferActs: ActHandlers<Pick<SharingActs, TransferActName>> = {
  "transfer.send": ({ book, program }, context, ask) => {
    if (program === null) return refused({ code: "program_missing" });
    const wish = { ...ask, from: context.memberId };
    if (ask.purpose === "pool") {
      const pool = belongingOf(book.state)?.pool;
      if (pool === undefined) return refused({ code: "household_not_found", field: "household" });
      wish.to = pool;
    }
    const { timeZone } = context;
    return write(book, {
      context,
      decide: (now) => decideSend(book.state, program, wish, { now, timeZone }),
      answer: transferAnswer,
      subject: (body) => ("transfer" in body ? body.transfer.id : null),
    });
  },

  "transfer.receive": ({ book }, context, { transfer }) => {
    const opens = transfer.purpose === "donation" ? "account:cause" : null;
    const decide = (now: number) => decideReceive(book.state, transfer, now);
    return demand(book, { context, decide, answer: sequenceOf, subject: transfer.id, opens });
  },

  "transfer.settle": ({ book }, context, { transfer }) =>
    end(book, {
      context,
      decide: (now) => bodyOf(decideSettled(book.state, transfer, now)),
      answer: sequenceOf,
      subject: transfer.id,
    }),

  "transfer.return": ({ book }, context, { transfer }) =>
    end(book, {
      context,
      decide: (now) => bodyOf(decideReturned(book.state, transfer, now, undoMerge)),
      answer: sequenceOf,
      subject: transfer.id,
    }),
};

export const transferLooks: LookHandlers<Pick<SharingLooks, "transfer.get">> = {
  "transfer.get": ({ book }, context, { transferId }) =>
    read<TransferAnswer>(book, context, () => {
      const event = book.store.newestBySubject(transferId);
      // Holds and vouchers are found by their ids too.
      const isTransfer = event !== null && "transfer" in event.body;
      return isTransfer ? transferAnswer(event) : { code: "transfer_not_found", field: "transferId" };
    }),
};

const STATES = {
  "transfer.sent": "sent",
  "transfer.settled": "settled",
  "transfer.returned": "returned",
  "transfer.received": "received",
} as const;

/** The sender's answer, by how the transfer stands at this event. */
export function transferAnswer({ body, at, sequence }: MemberEvent): TransferAnswer {
  if (!("transfer" in body)) throw new Error(`event ${sequence} is not about a transfer`);
  const balances = body.balances.map(publicBalance);
  return { transfer: body.transfer, state: STATES[body.kind], at, balances, sequence };
}

const sequenceOf = ({ sequence }: MemberEvent) => ({ sequence });
