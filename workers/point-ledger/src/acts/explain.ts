// Looks that explain what an order earned: recomputed from the stored order, its version and what its caps and budgets left.
import type { ExplainLooks } from "@regulars/contracts/acts-explain";
import type { LedgerExplanation } from "@regulars/contracts/rpc";
import { explainOrder } from "@regulars/domain/explain";
import { read, refused } from "../commands.ts";
import { knownOrder } from "../order-calls.ts";
import type { LookHandlers } from "./desk.ts";

export const explainLooks: LookHandlers<ExplainLooks> = {
  "order.explain": ({ book, program }, context, { orderId }) => {
    if (program === null) return refused({ code: "program_missing" });
    return read<LedgerExplanation>(book, context, () => {
      const order = knownOrder(book, orderId);
      if (order === null) return { code: "order_not_found", field: "orderId" };
      if (order.programVersion !== program.version) {
        throw new Error(`order of version ${order.programVersion} was asked about under ${program.version}`);
      }
      return explainOrder(program, order, context.timeZone);
    });
  },
};
