// What the reconciler asks of a member: the state in memory, and what the stored events alone say it should be.
import type { LedgerAudit } from "@regulars/contracts/rpc";
import { writeSnapshot } from "@regulars/domain/snapshot";
import type { MemberState } from "@regulars/domain/state";
import type { Book } from "./book.ts";
import { documentOf } from "./publish.ts";

const PAGE = 500;

/** Reads every stored event: for the reconciler, not for a checkout. */
export function audit(book: Book, confirmedSequence: number): LedgerAudit {
  const { state, exists } = book;
  return {
    exists: exists && state.status !== "unknown",
    epoch: state.epoch,
    sequence: state.sequence,
    confirmedSequence,
    balances: figuresOf(state),
    entrySums: exists ? entrySums(book) : [],
    foldEqual: !exists || writeSnapshot(book.refold()) === writeSnapshot(state),
    member: documentOf(book),
  };
}

function figuresOf(state: MemberState): LedgerAudit["balances"] {
  return [...state.currencies].map(([currency, { available, pending, held }]) => ({
    currency,
    available,
    pending,
    held,
  }));
}

function entrySums(book: Book): LedgerAudit["entrySums"] {
  const sums = new Map<string, { currency: string; available: number; pending: number; held: number }>();
  for (let from = 0; ;) {
    const events = book.store.eventsAfter(from, PAGE);
    for (const { sequence, body } of events) {
      from = sequence;
      for (const { entries } of "transactions" in body ? body.transactions : []) {
        for (const { account, currency, points } of entries) {
          if (account !== "available" && account !== "pending" && account !== "held") continue;
          const sum = sums.get(currency) ?? { currency, available: 0, pending: 0, held: 0 };
          sum[account] += points;
          sums.set(currency, sum);
        }
      }
    }
    if (events.length < PAGE) return [...sums.values()];
  }
}
