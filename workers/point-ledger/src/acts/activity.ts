// Acts and looks on events beside orders: what a member did, rounds of games, and where a member stands in what is counted.
import type { ActivityActs, ActivityAnswer, ActivityLooks } from "@regulars/contracts/acts-activity";
import type { ActivityRecord } from "@regulars/contracts/events-more";
import type { WriteContext } from "@regulars/contracts/rpc";
import { decideActivity, decideReversal, RESERVED_TYPES, type ActivityMoment } from "@regulars/domain/activities";
import { activityAnswer, reversalAnswer } from "@regulars/domain/activity-answers";
import { Draft } from "@regulars/domain/draft";
import { memberFacts } from "@regulars/domain/facts";
import { decideRound, playableGame } from "@regulars/domain/games";
import { playProgress } from "@regulars/domain/play-progress";
import { balancesAt, settledAt } from "@regulars/domain/view";
import type { Book } from "../book.ts";
import { guard, read, refused, write } from "../commands.ts";
import type { ActHandlers, Desk, LookHandlers } from "./desk.ts";

type Recorded = Pick<ActivityRecord, "type" | "key">;

// Keys of events are their own: "a/{type}/{key}/recorded" and "…/reversed"; see the handlers of the API.
const prefixOf = ({ type, key }: Recorded) => `a/${type}/${encodeURIComponent(key)}/`;

/** The key under which an event is recorded: the same event again finds it. */
export const recordedKey = (event: Recorded) => `${prefixOf(event)}recorded`;

export const activityActs: ActHandlers<Omit<ActivityActs, "order.delivered">> = {
  "activity.record": (desk, context, ask) => {
    const { book, program } = desk;
    if (program === null) return refused({ code: "program_missing" });
    if (RESERVED_TYPES.includes(ask.type)) return refused({ code: "event_type_reserved", field: "type" });
    return write(book, {
      context,
      ...grantedTo(desk),
      decide: (now) => decideActivity(book.state, program, ask, activityMoment(desk, context, now)),
      answer: (event) => activityAnswer(event),
    });
  },

  "activity.reverse": ({ book, program }, context, ask) => {
    if (program === null) return refused({ code: "program_missing" });
    const guarded = guard(book, context);
    if (guarded !== null) return refused(guarded);
    const known = knownActivity(book, ask);
    // Not remembered: the event may still be on its way.
    if (known === null) return refused({ code: "event_not_found", field: "key" });
    return write(book, {
      context,
      decide: (now) => decideReversal(book.state, program, known, activityMoment({ book, program }, context, now)),
      answer: reversalAnswer,
    });
  },

  "game.finish": (desk, context, ask) => {
    const { book, program } = desk;
    if (program === null) return refused({ code: "program_missing" });
    return write(book, {
      context,
      ...grantedTo(desk),
      decide: (now) => decideRound(book.state, program, ask, activityMoment(desk, context, now)),
      answer: (event) => activityAnswer(event),
    });
  },
};

export const activityLooks: LookHandlers<ActivityLooks> = {
  "activity.read": ({ book }, context, ask) =>
    read<ActivityAnswer>(book, context, (now) => {
      const event = book.store.newestByKeyPrefix(prefixOf(ask));
      if (event === null) return { code: "event_not_found", field: "key" };
      return activityAnswer(event, balancesAt(book.state, now, []));
    }),

  "play.progress": ({ book, program }, context) => {
    if (program === null) return refused({ code: "program_missing" });
    return read(book, context, (now) => {
      const draft = new Draft(settledAt(book.state, now), now);
      const progress = playProgress(draft, program, { now, timeZone: context.timeZone });
      return { ...progress, sequence: book.state.sequence };
    });
  },

  "game.start": ({ book, program }, context, { gameId }) => {
    if (program === null) return refused({ code: "program_missing" });
    return read(book, context, (now) => {
      const { effects } = new Draft(book.state, now);
      const found = playableGame(program, effects, gameId, { now, timeZone: context.timeZone });
      if (!found.ok) return found.refusal;
      const { game, roundsLeft } = found;
      return { roundsLeft, maxSeconds: game.maxSeconds, sequence: book.state.sequence };
    });
  },
};

/** What an event that happens now knows of its member. */
export function activityMoment(
  { book, program, ...desk }: Desk,
  { timeZone }: Pick<WriteContext, "timeZone">,
  now: number,
): ActivityMoment {
  const facts = memberFacts(book.state, book.person?.profile.birthday, now, timeZone, program);
  const expiredOf = (lotId: string) => book.store.expiredOf(lotId);
  return { now, timeZone, facts, expiredOf, ...grantedTo(desk) };
}

const grantedTo = ({ prepared }: Pick<Desk, "prepared">) => (prepared === undefined ? {} : { prepared });

function knownActivity(book: Book, of: Recorded): ActivityRecord | null {
  const body = book.store.newestByKeyPrefix(prefixOf(of))?.body;
  return body?.kind === "activity.recorded" || body?.kind === "activity.reversed" ? body.record : null;
}
