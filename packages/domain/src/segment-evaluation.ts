// Decides whether one member is in a segment, why, and when time alone may change that: the same answer as the SQL gives for all.
import { createHash } from "node:crypto";
import { CHANCE_BUCKETS, type SegmentLeaf, type SegmentNode } from "@regulars/contracts/segments";
import { dayPlus, localDay, startOfLocalDay } from "./calendar.ts";
import { ageOn, daysUntilBirthday, daysUntilBirthdayAfter, readBirthday } from "./segment-birthdays.ts";
import type { LeafOutcome, SegmentFacts, SegmentFound, SegmentMoment } from "./segment-facts.ts";
import { decideEventAge, decideEvents, decideMessages, decideOrderAge, decideOrders } from "./segment-happenings.ts";
import { decideCustom, decideWord } from "./segment-profile.ts";
import {
  CHANGE_DAYS_MAX,
  daysBetween,
  fallingChange,
  isWithin,
  risingChange,
  soonest,
  wholeLimits,
} from "./segment-ranges.ts";

type Of<Kind extends SegmentLeaf["kind"]> = Extract<SegmentLeaf, { readonly kind: Kind }>;

/** Why one condition holds or not; `path` is its place in the definition, such as `and.1.not`, and empty for the whole. */
export interface LeafReason {
  readonly path: string;
  readonly condition: SegmentLeaf;
  readonly holds: boolean;
  readonly found: SegmentFound;
}

export interface SegmentOutcome {
  readonly holds: boolean;
  readonly reasons: readonly LeafReason[];
  /** The first later instant (Unix ms) at which a condition may change by time alone: the beginning of a local day. Null: never. */
  readonly flipsAt: number | null;
}

/**
 * Logic has two values: a condition about something that is not known does not hold, so its `not` does. Unknown are a word or
 * birthday that was not told, a score without a model, the mean of no orders, the age of an order or event that never was. A
 * balance that was never moved is 0, a count of nothing is 0. Every condition is looked at, also where others decide alone.
 */
export function evaluateSegment(node: SegmentNode, facts: SegmentFacts, moment: SegmentMoment): SegmentOutcome {
  const reasons: LeafReason[] = [];
  const changes: (number | null)[] = [];
  const decide = (one: SegmentNode, path: string): boolean => {
    const at = (step: string) => (path === "" ? step : `${path}.${step}`);
    switch (one.kind) {
      case "and":
        return one.nodes.map((each, index) => decide(each, at(`and.${index}`))).every(Boolean);
      case "or":
        return one.nodes.map((each, index) => decide(each, at(`or.${index}`))).some(Boolean);
      case "not":
        return !decide(one.node, at("not"));
      default: {
        const { holds, found, changesInDays } = decideLeaf(one, facts, moment);
        reasons.push({ path, condition: one, holds, found });
        changes.push(changesInDays);
        return holds;
      }
    }
  };
  const holds = decide(node, "");
  const days = soonest(changes);
  const isNear = days !== null && days <= CHANGE_DAYS_MAX;
  return { holds, reasons, flipsAt: isNear ? startOfLocalDay(dayPlus(moment.today, days), moment.timeZone) : null };
}

/** The bucket of chance of a member: the first 32 bits of SHA-256 of `salt:memberId`, modulo CHANCE_BUCKETS. */
export function chanceBucket(salt: string, memberId: string): number {
  const digest = createHash("sha256").update(`${salt}:${memberId}`).digest("hex");
  return Number.parseInt(digest.slice(0, 8), 16) % CHANCE_BUCKETS;
}

function decideLeaf(leaf: SegmentLeaf, facts: SegmentFacts, moment: SegmentMoment): LeafOutcome {
  switch (leaf.kind) {
    case "everyone":
      return still(true, true);
    case "word":
      return decideWord(leaf, facts);
    case "custom":
      return decideCustom(leaf, facts);
    case "number":
      return decideNumber(leaf, facts, moment);
    case "identity":
      return isThere(facts.identities.includes(leaf.type));
    case "consent": {
      // Whoever was never asked has not agreed.
      const isGiven = Object.hasOwn(facts.consent, leaf.to) && facts.consent[leaf.to] === true;
      return still(isGiven === leaf.given, isGiven);
    }
    case "tag": {
      const carried = facts.tags.filter((tag) => leaf.in.includes(tag));
      return still(carried.length > 0, carried.length > 0 ? carried.join(", ") : null);
    }
    case "tier":
      return still(leaf.in.includes(facts.tier), facts.tier);
    case "balance": {
      const balance = facts.balances.find(({ currency }) => currency === leaf.currency)?.[leaf.account] ?? 0;
      return still(isWithin(balance, leaf), balance);
    }
    case "orders":
      return decideOrders(leaf, facts, moment);
    case "orderAge":
      return decideOrderAge(leaf, facts, moment);
    case "events":
      return decideEvents(leaf, facts, moment);
    case "eventAge":
      return decideEventAge(leaf, facts, moment);
    case "messages":
      return decideMessages(leaf, facts, moment);
    case "predicted":
      return decidePredicted(leaf, facts, moment);
    case "segment":
      return isThere(facts.segments.includes(leaf.segmentId));
    case "list":
      return isThere(facts.lists.includes(leaf.listId));
    case "chance": {
      const bucket = chanceBucket(leaf.salt, facts.memberId);
      return still(bucket >= leaf.from && bucket < leaf.until, bucket);
    }
    default:
      return decideScore(leaf, facts);
  }
}

// Scores change when they are worked out again, which looks at the member anew: time alone changes none of them here.
function decideScore(leaf: Of<"scoreIs" | "score" | "flag">, { scores }: SegmentFacts): LeafOutcome {
  if (leaf.kind === "scoreIs") {
    const name = scores?.[leaf.score] ?? null;
    return still(name !== null && leaf.in.includes(name), name);
  }
  if (leaf.kind === "flag") return still(scores?.[leaf.flag] === true, scores?.[leaf.flag] ?? null);
  const score = scores?.[leaf.score] ?? null;
  return still(isWithin(score, leaf), score);
}

function decideNumber(leaf: Of<"number">, facts: SegmentFacts, { today, timeZone }: SegmentMoment): LeafOutcome {
  if (leaf.field === "enrolledDays") {
    const days = daysBetween(localDay(facts.enrolledAt, timeZone), today);
    return { holds: isWithin(days, leaf), found: days, changesInDays: risingChange(days, leaf) };
  }
  const birthday = readBirthday(facts.profile);
  if (birthday === null) return still(false, null);
  if (leaf.field === "birthMonth") {
    const month = Number(birthday.slice(5, 7));
    return still(isWithin(month, leaf), month);
  }
  if (leaf.field === "age") {
    const age = ageOn(birthday, today);
    const mayChange = age < wholeLimits(leaf).leaves;
    const changesInDays = mayChange ? daysUntilBirthdayAfter(birthday, today) : null;
    return { holds: isWithin(age, leaf), found: age, changesInDays };
  }
  const days = daysUntilBirthday(birthday, today);
  // After the birthday the days jump to those until the next one.
  return { holds: isWithin(days, leaf), found: days, changesInDays: soonest([fallingChange(days, leaf), days + 1]) };
}

/** Any of the products named is enough; `found` are the days of the first that is needed. */
function decidePredicted(leaf: Of<"predicted">, facts: SegmentFacts, { today }: SegmentMoment): LeafOutcome {
  const days = daysOfPrediction(leaf.what, facts, today);
  const within = days.filter((each) => isWithin(each, leaf));
  const found = soonest(within.length > 0 ? within : days);
  return { holds: within.length > 0, found, changesInDays: soonest(days.map((each) => fallingChange(each, leaf))) };
}

function daysOfPrediction(what: Of<"predicted">["what"], facts: SegmentFacts, today: string): number[] {
  if (what === "nextOrder") return facts.scores === null ? [] : [daysBetween(today, facts.scores.nextOrderOn)];
  return facts.repurchases
    .filter(({ kind, ref }) => kind === what.kind && (what.refs === undefined || what.refs.includes(ref)))
    .map(({ dueOn }) => daysBetween(today, dueOn));
}

const still = (holds: boolean, found: SegmentFound): LeafOutcome => ({ holds, found, changesInDays: null });
const isThere = (holds: boolean) => still(holds, holds);
