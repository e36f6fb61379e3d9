// Turns codes and figures into text in the caller's language.
import type { EarnReason } from "@regulars/contracts/events-orders";
import type { Catalog, Language, ReasonKey } from "@regulars/contracts/messages/catalog";
import { FAULTS, type FaultKey } from "@regulars/contracts/messages/faults";
import { en } from "@regulars/contracts/messages/en";
import { zhCN } from "@regulars/contracts/messages/zh-CN";
import { zhTW } from "@regulars/contracts/messages/zh-TW";
import type { Refusal, RefusalCode } from "@regulars/contracts/refusals";
import type { ReasonedRule } from "@regulars/contracts/rpc";
import { formatMoney } from "./money.ts";

/** Every catalog by its language. */
export const CATALOGS: Readonly<Record<Language, Catalog>> = { "zh-TW": zhTW, "zh-CN": zhCN, en };

type Facts = Readonly<Record<string, string | number>>;
/** Literal text, or the name of a fact; `optional` parts vanish when a fact in them is not known. */
type Piece = string | { readonly fact: string } | { readonly optional: readonly Piece[] };

const NO_FACTS: Facts = {};
const compiled = new Map<string, readonly Piece[]>();

export function refusalTitle(code: RefusalCode, language: Language): string {
  return CATALOGS[language].refusals[code].title;
}

const FAULT_KEYS: ReadonlySet<unknown> = new Set(FAULTS);
const isFault = (reason: unknown): reason is FaultKey => FAULT_KEYS.has(reason);

/** The explanation of a refusal with its facts filled in; a known reason in the words of the language. */
export function refusalDetail(refusal: Refusal, language: Language): string {
  const { refusals, faults } = CATALOGS[language];
  const facts = refusal.facts ?? NO_FACTS;
  const { reason } = facts;
  // Other reasons are the words of a library about an expression, or of whoever gave them.
  const known = isFault(reason) ? { ...facts, reason: fill(faults[reason], facts) } : facts;
  return fill(refusals[refusal.code].detail, known);
}

/** Why a rule gave its points, as one readable sentence; `given` are the points after what cut them. */
export function earnWhy(reason: EarnReason, currency: string, language: Language, given = 0): string {
  const { reasons } = CATALOGS[language];
  const { type, per, points, times, amount, factor = 100, less = [], cutBy, uncut = 0 } = reason;
  const isMoney = type === undefined;
  const taken = less.map((part) => reasons[`earn.less.${part}`]).join(reasons["earn.less.separator"]);
  const why = fill(reasons[whyKey(reason)], {
    points,
    times,
    amount,
    less: taken,
    per: isMoney ? formatMoney(per, currency, language) : per,
    factor: factor / 100,
  });
  return cutBy === undefined ? why : fill(reasons[`earn.cut.${cutBy}`], { why, uncut, points: given });
}

/** Why a rule gave nothing. */
export function nothingWhy(reason: NonNullable<ReasonedRule["reason"]>, language: Language): string {
  return CATALOGS[language].reasons[`earn.nothing.${reason}`];
}

function whyKey({ type, base, per, less }: EarnReason): ReasonKey {
  if (type === "perItem") return per === 1 ? "earn.why.eachItem" : "earn.why.perItem";
  if (type !== undefined) return `earn.why.${type}`;
  if (less !== undefined) return less.length === 0 ? "earn.why.gross" : "earn.why.less";
  return `earn.why.${base}`;
}

/** Fills a template of a catalog; a required fact that is missing stays visible as its name. */
export function fill(template: string, facts: Facts): string {
  let pieces = compiled.get(template);
  if (pieces === undefined) {
    pieces = compile(template);
    compiled.set(template, pieces);
  }
  return render(pieces, facts);
}

/** The facts that a template mentions, sorted. */
export function placeholders(template: string): string[] {
  return [...template.matchAll(/\{(\w+)\}/g)].map(([, name]) => name ?? "").sort();
}

function render(pieces: readonly Piece[], facts: Facts): string {
  let text = "";
  for (const piece of pieces) {
    if (typeof piece === "string") text += piece;
    else if ("fact" in piece) text += facts[piece.fact] ?? piece.fact;
    else if (piece.optional.every((part) => isKnown(part, facts))) text += render(piece.optional, facts);
  }
  return text;
}

function isKnown(piece: Piece, facts: Facts): boolean {
  return typeof piece === "string" || !("fact" in piece) || facts[piece.fact] !== undefined;
}

function compile(template: string): readonly Piece[] {
  return template
    .split(/(\[[^\]]*\]|\{\w+\})/)
    .filter((part) => part !== "")
    .map((part) => {
      if (part.startsWith("{")) return { fact: part.slice(1, -1) };
      if (part.startsWith("[")) return { optional: compile(part.slice(1, -1)) };
      return part;
    });
}
