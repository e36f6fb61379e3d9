// The acts of a household: the pool lets somebody in or go, the member follows or says why not.
import type { Belonging, HouseholdAnswer, SharingActs, SharingLooks } from "@regulars/contracts/acts-sharing";
import {
  belongingOf,
  decideBelong,
  decideLet,
  decideLetUndone,
  POOL,
  poolOf,
  type PoolFact,
} from "@regulars/domain/households";
import type { MemberEvent } from "@regulars/contracts/events";
import { balancesAt, publicBalance } from "@regulars/domain/view";
import type { Book } from "../book.ts";
import { read, refused, write } from "../commands.ts";
import type { ActHandlers, LookHandlers } from "./desk.ts";
import { bodyOf, demand, end } from "./saga.ts";

type HouseholdActName = "household.let" | "household.belong" | "household.undo";

export const householdActs: ActHandlers<Pick<SharingActs, HouseholdActName>> = {
  "household.let": ({ book, program }, context, ask) => {
    if (program === null) return refused({ code: "program_missing" });
    const subject = `household/${ask.memberId}`;
    const decide = (now: number) => decideLet(book.state, program, ask, now);
    if (book.state.status !== "unknown")
      return write(book, { context, decide, answer: letAnswer, subject: () => subject });
    // Nobody can be let into a household that nobody has founded.
    if (ask.role !== "owner") return refused({ code: "household_not_found", field: "householdId" });
    return demand(book, { context, decide, answer: letAnswer, subject, opens: "account:household" });
  },

  "household.undo": ({ book }, context, ask) =>
    end(book, {
      context,
      decide: (now) => bodyOf(decideLetUndone(book.state, ask, now)),
      answer: ({ sequence }) => ({ sequence }),
      subject: `household/${ask.memberId}`,
    }),

  "household.belong": ({ book }, context, ask) =>
    demand(book, {
      context,
      decide: (now) => decideBelong(book.state, ask, context.memberId, now),
      answer: ({ sequence }) => ({ sequence }),
      subject: `household/${ask.id}`,
    }),
};

export const householdLooks: LookHandlers<Pick<SharingLooks, "household.get" | "household.of">> = {
  "household.get": ({ book }, context) =>
    read<HouseholdAnswer>(book, context, (now) =>
      poolOf(book.state) === null ? { code: "household_not_found" } : householdAnswer(book, now),
    ),
  "household.of": ({ book }, context) =>
    read<{ household: Belonging | null; sequence: number }>(book, context, () => {
      return { household: belongingOf(book.state), sequence: book.state.sequence };
    }),
};

/** From the event alone: the same key gets the same answer whoever has come or gone since. */
function letAnswer({ body, sequence }: MemberEvent): HouseholdAnswer {
  if (body.kind !== "household.changed") throw new Error(`event ${sequence} is not about a household`);
  // Only `decideLet` writes this fact.
  const pool = body.facts?.[POOL] as PoolFact | undefined;
  return { ...listOf(pool ?? null), balances: body.balances.map(publicBalance), sequence };
}

function householdAnswer({ state }: Book, now: number): HouseholdAnswer {
  const balances = balancesAt(state, now, []).map(publicBalance);
  return { ...listOf(poolOf(state)), balances, sequence: state.sequence };
}

function listOf(pool: PoolFact | null) {
  const members = Object.entries(pool?.members ?? {}).map(([memberId, role]) => ({ memberId, role }));
  return { id: pool?.id ?? "", members };
}
