// Chooses the language of an answer from what the caller prefers.
import type { Language } from "@regulars/contracts/messages/catalog";

/** No browser sends more preferences than this. */
const PREFERENCES_MAX = 16;

/** The best supported language of an `Accept-Language` header, or the fallback when none is named. */
export function languageOf(acceptLanguage: string | null, fallback: Language): Language {
  if (acceptLanguage === null || acceptLanguage === "") return fallback;
  let best: Language | null = null;
  let bestQuality = 0;
  for (const preference of acceptLanguage.split(",", PREFERENCES_MAX)) {
    const [tag = "", ...parameters] = preference.split(";");
    const language = supported(tag.trim().toLowerCase());
    const quality = qualityOf(parameters);
    if (language === null || quality <= bestQuality) continue;
    best = language;
    bestQuality = quality;
  }
  return best ?? fallback;
}

function supported(tag: string): Language | null {
  if (tag === "en" || tag.startsWith("en-")) return "en";
  if (tag !== "zh" && !tag.startsWith("zh-")) return null;
  return /^zh-(hans|cn|sg|my)\b/.test(tag) ? "zh-CN" : "zh-TW";
}

function qualityOf(parameters: readonly string[]): number {
  const quality = parameters.find((parameter) => parameter.trim().startsWith("q="));
  if (quality === undefined) return 1;
  const value = Number(quality.trim().slice(2));
  return value >= 0 && value <= 1 ? value : 0;
}
