// How the insights read in a language: words of the catalogs, counts, shares and money.
import type { Language } from "@regulars/contracts/messages/catalog";
import { en } from "@regulars/contracts/messages/en";
import type { InsightKey } from "@regulars/contracts/messages/insights";
import { zhCN } from "@regulars/contracts/messages/zh-CN";
import { zhTW } from "@regulars/contracts/messages/zh-TW";

export interface Words {
  readonly language: Language;
  /** The catalog's text with its facts filled in; a name that no catalog knows is shown as it is. */
  say(key: InsightKey, facts?: Readonly<Record<string, string>>): string;
  /** The text of a name that came from outside, such as a stage; the name itself where no catalog has it. */
  name(kind: "stage" | "label" | "rfmSegment" | "rfmGroup" | "band", name: string): string;
  count(value: number): string;
  /** A share in [0, 1] in percent. */
  percent(share: number, digits?: number): string;
  /** Minor units as money without minor units: pictures are for comparing. */
  money(minor: number): string;
}

const CATALOGS = { "zh-TW": zhTW, "zh-CN": zhCN, en } as const;

export function wordsOf(language: Language, currency: string): Words {
  const texts: Readonly<Record<string, string>> = CATALOGS[language].insights;
  const counts = new Intl.NumberFormat(language, { maximumFractionDigits: 0 });
  const amounts = new Intl.NumberFormat(language, { style: "currency", currency, maximumFractionDigits: 0 });
  const minorPerMajor = minorPerMajorOf(currency);
  return {
    language,
    say: (key, facts = {}) => fill(texts[key] ?? key, facts),
    name: (kind, name) => texts[`${kind}.${name}`] ?? name,
    count: (value) => counts.format(finite(value)),
    percent: (share, fractionDigits = 0) =>
      new Intl.NumberFormat(language, {
        style: "percent",
        minimumFractionDigits: fractionDigits,
        maximumFractionDigits: fractionDigits,
      }).format(finite(share)),
    money: (minor) => amounts.format(finite(minor) / minorPerMajor),
  };
}

/** Minor units of one unit of a kind of money. */
export function minorPerMajorOf(currency: string): number {
  const { maximumFractionDigits } = new Intl.NumberFormat("en", { style: "currency", currency }).resolvedOptions();
  return 10 ** (maximumFractionDigits ?? 0);
}

/** "NaN" would be printed and drawn like any figure. */
function finite(value: number): number {
  if (!Number.isFinite(value)) throw new Error(`${value} is no figure that can be told`);
  return value;
}

function fill(text: string, facts: Readonly<Record<string, string>>): string {
  return text.replace(/\{(\w+)\}/g, (whole, name: string) => facts[name] ?? whole);
}
