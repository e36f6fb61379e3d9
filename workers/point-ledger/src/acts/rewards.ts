// Acts and looks on rewards and vouchers of one member.
import type { RewardActs, RewardLooks, VoucherAnswer } from "@regulars/contracts/acts-rewards";
import type { VoucherRecord } from "@regulars/contracts/events-effects";
import type { EventBody, MemberEvent } from "@regulars/contracts/events";
import { NOTHING_PREPARED } from "@regulars/domain/moment";
import { decideIssue, decidePurchase, decideReturn, decideVoid, offersOf } from "@regulars/domain/rewards";
import { publicBalance, settledAt } from "@regulars/domain/view";
import type { Book } from "../book.ts";
import { read, refused, write } from "../commands.ts";
import type { ActHandlers, LookHandlers } from "./desk.ts";

// A page of events at a time, as the statement reads them.
const EVENTS_PER_READ = 200;
/** Ended vouchers that one look tells of; PostgreSQL has all of them. */
const ENDED_MAX = 500;

export const rewardActs: ActHandlers<RewardActs> = {
  "reward.buy": ({ book, program, prepared = NOTHING_PREPARED }, context, ask) => {
    if (program === null) return refused({ code: "program_missing" });
    const { timeZone } = context;
    const decide = (now: number) => decidePurchase(book.state, program, ask, { now, timeZone, prepared });
    return write(book, { context, decide, answer: answerOf, subject: voucherIdOf, prepared });
  },

  "reward.return": ({ book, program }, context, { voucherId }) => {
    if (program === null) return refused({ code: "program_missing" });
    const decide = (now: number) => decideReturn(book.state, program, voucherId, now);
    return write(book, { context, decide, answer: answerOf, subject: voucherIdOf });
  },

  "voucher.issue": ({ book, program, prepared = NOTHING_PREPARED }, context, ask) => {
    if (program === null) return refused({ code: "program_missing" });
    const { timeZone } = context;
    const decide = (now: number) => decideIssue(book.state, program, ask, { now, timeZone, prepared });
    return write(book, { context, decide, answer: answerOf, subject: voucherIdOf, prepared });
  },

  "voucher.void": ({ book }, context, ask) => {
    const decide = (now: number) => decideVoid(book.state, ask, now);
    return write(book, { context, decide, answer: answerOf, subject: voucherIdOf });
  },
};

export const rewardLooks: LookHandlers<RewardLooks> = {
  "vouchers.list": ({ book }, context, { all }) =>
    read<RewardLooks["vouchers.list"]["answer"]>(book, context, (now) => {
      const open = [...settledAt(book.state, now).vouchers.values()];
      return { vouchers: all ? withEnded(book, open) : open, sequence: book.state.sequence };
    }),

  "rewards.list": ({ book, program }, context) => {
    if (program === null) return refused({ code: "program_missing" });
    const { timeZone } = context;
    return read<RewardLooks["rewards.list"]["answer"]>(book, context, (now) => ({
      rewards: offersOf(settledAt(book.state, now), program, { now, timeZone }),
      programVersion: program.version,
    }));
  },
};

// What has ended is in the events alone: the newest that names a voucher says how it stands.
function withEnded(book: Book, open: readonly VoucherRecord[]): readonly VoucherRecord[] {
  const known = new Map(open.map((voucher) => [voucher.id, voucher]));
  const most = open.length + ENDED_MAX;
  for (let from = book.state.sequence; from >= 1 && known.size < most; from -= EVENTS_PER_READ) {
    for (const { body } of book.store.eventsDownFrom(from, EVENTS_PER_READ)) {
      for (const voucher of vouchersOf(body)) if (!known.has(voucher.id)) known.set(voucher.id, voucher);
    }
  }
  return [...known.values()].sort((one, other) => other.issuedAt - one.issuedAt || (one.id < other.id ? 1 : -1));
}

const vouchersOf = (body: EventBody): readonly VoucherRecord[] =>
  "transactions" in body ? (body.vouchers ?? []).toReversed() : [];

function answerOf({ body, sequence }: MemberEvent): VoucherAnswer {
  if (!("voucher" in body)) throw new Error(`event ${sequence} is not about a voucher`);
  return { voucher: body.voucher, balances: body.balances.map(publicBalance), sequence };
}

const voucherIdOf = (body: EventBody) => ("voucher" in body ? body.voucher.id : null);
