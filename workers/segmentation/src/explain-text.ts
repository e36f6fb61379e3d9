// Words of an explanation: what a condition looked at, what it found, and what it asks, in the asker's language.
import type { Catalog, Language } from "@regulars/contracts/messages/catalog";
import { en } from "@regulars/contracts/messages/en";
import type { SegmentKey } from "@regulars/contracts/messages/segments";
import { zhCN } from "@regulars/contracts/messages/zh-CN";
import { zhTW } from "@regulars/contracts/messages/zh-TW";
import type { OrderFilter, SegmentLeaf, SegmentWindow } from "@regulars/contracts/segments";
import type { LeafReason } from "@regulars/domain/segment-evaluation";
import type { SegmentFound } from "@regulars/domain/segment-facts";

const CATALOGS: Readonly<Record<Language, Catalog>> = { "zh-TW": zhTW, "zh-CN": zhCN, en };
/** Values that a text names of a long list. */
const NAMED_MAX = 10;
/** Shares and means are read, not reckoned with. */
const DECIMALS_MAX = 4;
/** Amounts in minor units. */
const MONEY: ReadonlySet<string> = new Set(["spend", "average", "expectedSpend", "lifetimeValue"]);

interface Speech {
  readonly catalog: Catalog;
  readonly language: Language;
  /** Of the tenant's money. */
  readonly currency: string;
}

type Facts = Readonly<Record<string, string | number>>;

/** One sentence, such as "Holds: spend (last 90 days) is NT$1,250 (asked: at least NT$1,000)". */
export function reasonText({ condition, holds, found }: LeafReason, language: Language, currency: string): string {
  const speech: Speech = { catalog: CATALOGS[language], language, currency };
  const subject = subjectOf(condition, speech);
  const details = detailsOf(condition, speech);
  return say(speech, holds ? "reason.holds" : "reason.fails", {
    subject:
      details.length === 0
        ? subject
        : say(speech, "reason.subject", { subject, details: details.join(say(speech, "reason.separator")) }),
    found: foundOf(condition, found, speech),
    asked: askedOf(condition, speech),
  });
}

function subjectOf(leaf: SegmentLeaf, speech: Speech): string {
  switch (leaf.kind) {
    case "word":
    case "number":
      return say(speech, `subject.${leaf.kind}.${leaf.field}` as SegmentKey);
    case "custom":
      return say(speech, "subject.custom", { field: leaf.field });
    case "identity":
      return say(speech, `subject.identity.${leaf.type}`);
    case "consent":
      return say(speech, "subject.consent", { to: leaf.to });
    case "balance":
      return say(speech, `subject.balance.${leaf.account}`, { currency: leaf.currency });
    case "orders":
      return say(speech, `subject.orders.${leaf.measure}`);
    case "messages":
      return say(speech, `subject.messages.${leaf.measure}`);
    case "orderAge":
      return say(speech, `subject.orderAge.${leaf.which}`);
    case "eventAge":
      return say(speech, `subject.eventAge.${leaf.which}`, { type: leaf.type });
    case "events":
      return say(speech, "subject.events", { type: leaf.type });
    case "scoreIs":
      return say(speech, `subject.scoreIs.${leaf.score}`);
    case "score":
      return say(speech, `subject.score.${leaf.score}`);
    case "flag":
      return say(speech, `subject.flag.${leaf.flag}`);
    case "predicted":
      return say(speech, `subject.predicted.${leaf.what === "nextOrder" ? leaf.what : leaf.what.kind}`);
    case "segment":
      return say(speech, "subject.segment", { segmentId: leaf.segmentId });
    case "list":
      return say(speech, "subject.list", { listId: leaf.listId });
    case "chance":
      return say(speech, "subject.chance", { salt: leaf.salt });
    default:
      return say(speech, `subject.${leaf.kind}`);
  }
}

/** Which orders, events, messages or products are meant. */
function detailsOf(leaf: SegmentLeaf, speech: Speech): string[] {
  const lists = (named: readonly (readonly [SegmentKey, readonly string[] | undefined])[]) =>
    named.flatMap(([key, list]) => (list === undefined ? [] : [say(speech, key, { list: listText(list, speech) })]));
  const ofOrders = ({ storeIds, regionIds, channels, skus, categories }: OrderFilter = {}) =>
    lists([
      ["of.stores", storeIds],
      ["of.regions", regionIds],
      ["of.channels", channels],
      ["of.skus", skus],
      ["of.categories", categories],
    ]);
  switch (leaf.kind) {
    case "orders":
      return [...windowText(leaf.window, speech), ...ofOrders(leaf.where)];
    case "orderAge":
      return ofOrders(leaf.where);
    case "events":
      return [...windowText(leaf.window, speech), ...lists([["of.stores", leaf.storeIds]])];
    case "messages": {
      const named = lists([
        ["of.channels", leaf.channels],
        ["of.campaigns", leaf.campaignIds],
      ]);
      return [...windowText(leaf.window, speech), ...named];
    }
    case "predicted":
      return leaf.what === "nextOrder" ? [] : lists([["of.refs", leaf.what.refs]]);
    default:
      return [];
  }
}

function windowText(window: SegmentWindow | undefined, speech: Speech): string[] {
  if (window === undefined) return [];
  return [
    "lastDays" in window ? say(speech, "of.lastDays", { days: window.lastDays }) : say(speech, "of.days", window),
  ];
}

function foundOf(leaf: SegmentLeaf, found: SegmentFound, speech: Speech): string {
  if (found === null) return say(speech, leaf.kind === "tier" ? "found.noTier" : "found.none");
  if (typeof found !== "boolean" || leaf.kind === "custom") return valueText(leaf, found, speech);
  return say(speech, flagKey(leaf, found));
}

function flagKey(leaf: SegmentLeaf, isTrue: boolean): SegmentKey {
  const answer = isTrue ? "yes" : "no";
  const { kind } = leaf;
  const isNamed = kind === "consent" || kind === "identity" || kind === "segment" || kind === "list";
  return isNamed ? `found.${kind}.${answer}` : `found.${answer}`;
}

function askedOf(leaf: SegmentLeaf, speech: Speech): string {
  if (leaf.kind === "chance") return say(speech, "asked.bucket", { from: leaf.from, until: leaf.until });
  if (leaf.kind === "consent") return say(speech, flagKey(leaf, leaf.given));
  if ("contains" in leaf && leaf.contains !== undefined) return say(speech, "asked.contains", { text: leaf.contains });
  if ("known" in leaf && leaf.known !== undefined) return say(speech, leaf.known ? "asked.known" : "asked.unknown");
  if ("in" in leaf && leaf.in !== undefined) {
    const named = leaf.in.map((value) =>
      value === null ? say(speech, "found.noTier") : valueText(leaf, value, speech),
    );
    return say(speech, "asked.in", { list: listText(named, speech) });
  }
  const limit = (value: number) => valueText(leaf, value, speech);
  const { atLeast, atMost }: { atLeast?: number | undefined; atMost?: number | undefined } =
    "atLeast" in leaf || "atMost" in leaf ? leaf : {};
  if (atLeast !== undefined && atMost !== undefined) {
    return say(speech, "asked.between", { atLeast: limit(atLeast), atMost: limit(atMost) });
  }
  if (atLeast !== undefined) return say(speech, "asked.atLeast", { atLeast: limit(atLeast) });
  if (atMost !== undefined) return say(speech, "asked.atMost", { atMost: limit(atMost) });
  return say(speech, flagKey(leaf, true));
}

function valueText(leaf: SegmentLeaf, value: string | number | boolean, speech: Speech): string {
  const { catalog, language, currency } = speech;
  if (typeof value === "boolean") return say(speech, value ? "found.yes" : "found.no");
  if (typeof value === "number")
    return isMoney(leaf) ? moneyText(value, currency, language) : numberText(value, language);
  // A value that no catalog names, such as a tier, is its own name.
  const names: Readonly<Record<string, string>> = leaf.kind === "scoreIs" ? catalog.insights : catalog.segments;
  if (leaf.kind === "scoreIs") return names[`${leaf.score}.${value}`] ?? value;
  return (leaf.kind === "word" && leaf.field === "gender" ? names[`gender.${value}`] : undefined) ?? value;
}

function isMoney(leaf: SegmentLeaf): boolean {
  return leaf.kind === "orders" ? MONEY.has(leaf.measure) : leaf.kind === "score" && MONEY.has(leaf.score);
}

function moneyText(minor: number, currency: string, language: Language): string {
  const format = new Intl.NumberFormat(language, {
    style: "currency",
    currency,
    trailingZeroDisplay: "stripIfInteger",
  });
  return format.format(minor / 10 ** (format.resolvedOptions().maximumFractionDigits ?? 0));
}

function numberText(value: number, language: Language): string {
  return new Intl.NumberFormat(language, { maximumFractionDigits: DECIMALS_MAX }).format(value);
}

function listText(list: readonly string[], speech: Speech): string {
  const more = list.length > NAMED_MAX ? ["…"] : [];
  return [...list.slice(0, NAMED_MAX), ...more].join(say(speech, "reason.separator"));
}

function say({ catalog }: Speech, key: SegmentKey, facts: Facts = {}): string {
  return catalog.segments[key].replace(/\{(\w+)\}/g, (_, name: string) => String(facts[name] ?? name));
}
