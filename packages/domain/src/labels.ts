// Labels of a member: the lists that people set, those that segmentation keeps beside them, and what it knows of the member.
import type { LifeActs, MemberInsights } from "@regulars/contracts/acts-life";
import { LABELS_MAX } from "@regulars/contracts/limits";
import { Draft } from "./draft.ts";
import type { Decision } from "./refuse.ts";
import type { MemberState } from "./state.ts";

type LabelsWish = Omit<LifeActs["labels.sync"]["ask"], "version">;
type Made = Extract<Decision, { ok: true }>;

/** Puts labels in place of those before; what is not given stays. */
export function decideLabels(
  state: MemberState,
  { tags, segments }: LifeActs["facts.set"]["ask"],
  now: number,
): Decision {
  const draft = new Draft(state, now);
  const after = { tags: listed(tags ?? state.tags), segments: listed(segments ?? state.segments) };
  draft.effects.setTags(after.tags);
  draft.effects.setSegments(after.segments);
  // A label that a person took away is theirs from then on, also when they give it again.
  const own = ownLabels(state);
  const kept = { tags: carried(own.tags, after.tags), segments: carried(own.segments, after.segments) };
  if (kept.tags.length + kept.segments.length < own.tags.length + own.segments.length) {
    draft.effects.setFact(OWN, kept satisfies OwnLabels);
  }
  return { ok: true, body: { kind: "facts.set", ...draft.body([]) } };
}

/**
 * Makes the member carry what segmentation wants now, beside what others have set, as far as LABELS_MAX allows. Null when
 * nothing changes.
 */
export function decideLabelsSync(
  state: MemberState,
  { tags, segments, insights }: LabelsWish,
  now: number,
): Made | null {
  const own = ownLabels(state);
  const joined = { tags: join(state.tags, own.tags, tags), segments: join(state.segments, own.segments, segments) };
  const isKnown = sameInsights(insightsOf(state), insights);
  if (isKnown && same(joined.tags.all, state.tags) && same(joined.segments.all, state.segments)) return null;
  const draft = new Draft(state, now);
  draft.effects.setTags(joined.tags.all);
  draft.effects.setSegments(joined.segments.all);
  if (!isKnown) draft.effects.setFact(INSIGHTS, insights);
  draft.effects.setFact(OWN, { tags: joined.tags.own, segments: joined.segments.own } satisfies OwnLabels);
  return { ok: true, body: { kind: "facts.set", ...draft.body([]) } };
}

/** Wanted labels that a member does not carry, because others have filled the list. */
export function leftOut(wanted: readonly string[], all: readonly string[]): readonly string[] {
  return listed(wanted).filter((label) => !all.includes(label));
}

/** What segmentation has told of the member, or null. */
export const insightsOf = (state: MemberState): MemberInsights | null =>
  (state.facts.get(INSIGHTS) as MemberInsights | undefined) ?? null;

/** Tags that somebody gave the member: those of segmentation follow what the member does, and go nowhere else. */
export const tagsByHand = (state: MemberState): readonly string[] =>
  state.tags.filter((tag) => !ownLabels(state).tags.includes(tag));

const INSIGHTS = "insights";
const OWN = "ownLabels";

/** Labels that segmentation gave and may take away again. */
interface OwnLabels {
  readonly tags: readonly string[];
  readonly segments: readonly string[];
}

const NO_OWN: OwnLabels = { tags: [], segments: [] };

// The only writer of the name is above.
const ownLabels = (state: MemberState) => (state.facts.get(OWN) as OwnLabels | undefined) ?? NO_OWN;

// What others gave stays first; of what is wanted besides, the first by name that fit.
function join(before: readonly string[], own: readonly string[], wanted: readonly string[]) {
  const byHand = before.filter((label) => !own.includes(label));
  const more = listed(wanted).filter((label) => !byHand.includes(label));
  const fitting = more.slice(0, Math.max(0, LABELS_MAX - byHand.length));
  return { all: listed([...byHand, ...fitting]), own: fitting };
}

const carried = (own: readonly string[], all: readonly string[]) => own.filter((label) => all.includes(label));

// Both lists are told, so that the event alone gives the answer.
const listed = (labels: readonly string[]) => [...new Set(labels)].sort();

const same = (listedOnes: readonly string[], others: readonly string[]) =>
  listedOnes.length === others.length && listedOnes.every((label) => others.includes(label));

const sameInsights = (one: MemberInsights | null, other: MemberInsights | null) =>
  one?.stage === other?.stage && one?.band === other?.band && one?.churnRisk === other?.churnRisk;
