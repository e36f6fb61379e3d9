// A member's statement as text, for tests that read like a bank statement.
import { statementLines } from "./answers.ts";
import type { MemoryLedger } from "./memory-ledger.ts";

/** One line a transaction, oldest first: kind, what moved on each of the member's accounts, available/pending/held after. */
export function statementText({ events }: MemoryLedger, currency = "points"): string[] {
  return events
    .flatMap((event) => statementLines(event).toReversed())
    .filter(({ entries }) => entries.some((entry) => entry.currency === currency))
    .map(({ kind, entries, balanceAfter }) => {
      const moved = (["available", "pending", "held"] as const).flatMap((account) => {
        const sum = entries
          .filter((entry) => entry.account === account && entry.currency === currency)
          .reduce((all, { points }) => all + points, 0);
        return sum === 0 ? [] : [`${account} ${sum > 0 ? "+" : ""}${sum}`];
      });
      const after = balanceAfter.find((balance) => balance.currency === currency);
      return `${kind}: ${moved.join(", ")} = ${after?.available}/${after?.pending}/${after?.held}`;
    });
}
