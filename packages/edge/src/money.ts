// How an amount of money in minor units reads in a language.
import type { Language } from "@regulars/contracts/messages/catalog";

interface MoneyFormat {
  readonly format: Intl.NumberFormat;
  readonly minorPerMajor: number;
}

/** Callers choose currency codes, so the formats kept in memory are bounded; a tenant uses one. */
const FORMATS_MAX = 256;
const formats = new Map<string, MoneyFormat>();

/** Rates of rules are few and read again with every order; formatting one costs more than the rest of its sentence. */
const TEXTS_MAX = 4096;
const texts = new Map<string, string>();

/** `formatMoney(10000, "TWD", "zh-TW")` is `$100`; minor units appear only when there are some. */
export function formatMoney(minor: number, currency: string, language: Language): string {
  const key = `${language}${currency}${minor}`;
  const known = texts.get(key);
  if (known !== undefined) return known;
  const { format, minorPerMajor } = formatOf(currency, language);
  const text = format.format(minor / minorPerMajor);
  if (texts.size >= TEXTS_MAX) texts.clear();
  texts.set(key, text);
  return text;
}

function formatOf(currency: string, language: Language): MoneyFormat {
  const key = language + currency;
  const known = formats.get(key);
  if (known !== undefined) return known;
  const format = new Intl.NumberFormat(language, {
    style: "currency",
    currency,
    trailingZeroDisplay: "stripIfInteger",
  });
  const made = { format, minorPerMajor: 10 ** (format.resolvedOptions().maximumFractionDigits ?? 0) };
  if (formats.size >= FORMATS_MAX) formats.clear();
  formats.set(key, made);
  return made;
}
