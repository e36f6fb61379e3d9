// Acts and looks on allowances of tills without network.
import type { AllowanceAnswer, AllowanceHold, TillActs, TillLooks } from "@regulars/contracts/acts-tills";
import type { MemberEvent } from "@regulars/contracts/events";
import { decideAllowance, decideAllowanceRelease, isAllowance } from "@regulars/domain/allowances";
import { refuse } from "@regulars/domain/refuse";
import { balancesAt, publicBalance } from "@regulars/domain/view";
import type { Book } from "../book.ts";
import { read, refused, write } from "../commands.ts";
import type { ActHandlers, LookHandlers } from "./desk.ts";

export const tillActs: ActHandlers<TillActs> = {
  "allowance.issue": ({ book, program }, context, ask) => {
    if (program === null) return refused({ code: "program_missing" });
    return write(book, {
      context,
      decide: (now) => decideAllowance(book.state, program, ask, now),
      answer: answerOf,
      subject: holdIdOf,
    });
  },

  "allowance.release": ({ book, program }, context, { holdId }) => {
    if (program === null) return refused({ code: "program_missing" });
    return write(book, {
      context,
      decide: (now) => {
        const hold = knownAllowance(book, holdId);
        if (hold === null) return refuse("allowance_not_found", "allowanceId");
        if (hold.state !== "held") return refuse("allowance_closed", "allowanceId", { state: hold.state });
        return decideAllowanceRelease(book.state, program, hold, now);
      },
      answer: answerOf,
      subject: holdIdOf,
    });
  },
};

export const tillLooks: LookHandlers<TillLooks> = {
  "allowance.read": ({ book }, context, { holdId }) =>
    read<AllowanceAnswer>(book, context, (now) => {
      const hold = knownAllowance(book, holdId);
      if (hold === null) return { code: "allowance_not_found", field: "allowanceId" };
      const due = hold.state === "held" && hold.lapsesAt <= now;
      return {
        hold: due ? { ...hold, state: "lapsed" } : hold,
        balances: balancesAt(book.state, now, []).map(publicBalance),
        sequence: book.state.sequence,
      };
    }),
};

// The events of a hold name it as their subject; orders do not, so one that is gone without such an end was used up.
function knownAllowance(book: Book, holdId: string): AllowanceHold | null {
  const open = book.state.holds.get(holdId);
  if (open !== undefined) return isAllowance(open) ? open : null;
  const body = book.store.newestBySubject(holdId)?.body;
  if (body === undefined || !("hold" in body) || !isAllowance(body.hold)) return null;
  const { hold } = body;
  return hold.state === "held" ? { ...hold, state: "captured", capturedPoints: hold.points, parts: [] } : hold;
}

function answerOf({ body, sequence }: MemberEvent): AllowanceAnswer {
  if (!("hold" in body) || !isAllowance(body.hold)) throw new Error(`event ${sequence} is not about an allowance`);
  return { hold: body.hold, balances: body.balances.map(publicBalance), sequence };
}

const holdIdOf = (body: object) => ("hold" in body ? (body as { hold: AllowanceHold }).hold.id : null);
