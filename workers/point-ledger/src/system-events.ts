// Events that Regulars records by itself: a member has enrolled, or filled a field of the profile for the first time.
import type { MemberEvent } from "@regulars/contracts/events";
import type { Profile } from "@regulars/contracts/members";
import type { CallContext } from "@regulars/contracts/rpc";
import { decideActivity } from "@regulars/domain/activities";
import { listensTo } from "@regulars/domain/play-program";
import type { CompiledProgram } from "@regulars/domain/program";
import { activityMoment, recordedKey } from "./acts/activity.ts";
import type { Book } from "./book.ts";

/** Records `enrolled`, when the program in force has anything for it, and the fields that are filled already. */
export function recordEnrolment(book: Book, context: CallContext): MemberEvent[] {
  return [...record(book, context, "enrolled", "enrolled", {}), ...recordProfile(book, context)];
}

/** Records each field of the profile that is filled for the first time: once a member and field, whatever becomes of it. */
export function recordProfile(book: Book, context: CallContext): MemberEvent[] {
  const { program } = book.current;
  if (program === null || book.person === null || !listensTo(program, "profile_completed")) return [];
  return filledFields(book.person.profile)
    .filter((field) => isWanted(program, field))
    .flatMap((field) => record(book, context, "profile_completed", field, { [field]: true }));
}

// The values of a profile are personal data, which events never carry: only that a field is filled.
function record(
  book: Book,
  context: CallContext,
  type: string,
  key: string,
  data: Readonly<Record<string, boolean>>,
): MemberEvent[] {
  const { program } = book.current;
  const recorded = recordedKey({ type, key });
  if (program === null || !listensTo(program, type) || book.store.eventByKey(recorded) !== null) return [];
  const ask = { type, key, data, storeId: null, regionId: null, ownerId: null };
  const { body } = decideActivity(
    book.state,
    program,
    ask,
    activityMoment({ book, program }, context, book.timeOf(context)),
  );
  return [book.append(body, context, { key: recorded, requestHash: null, subject: null })];
}

function filledFields({ custom = {}, ...profile }: Profile): string[] {
  const isFilled = ([, value]: [string, unknown]) => value !== undefined && value !== "" && value !== false;
  const own = Object.entries(profile).filter(isFilled);
  return [...own, ...Object.entries(custom).filter(isFilled)].map(([field]) => field);
}

// Rules that give points for fields want those alone; anything else that listens wants every field.
function isWanted({ rulesOn, document }: CompiledProgram, field: string): boolean {
  const rules = rulesOn.get("profile_completed") ?? [];
  const { challenges, streaks } = document.play;
  const isPlayed = [...challenges, ...streaks].some(({ event }) => event === "profile_completed");
  return isPlayed || rules.some(({ perField }) => perField === undefined || Object.hasOwn(perField, field));
}
