// What one HTTP request carries from its first line to its answer: its id, its language, the state of its quota.
import type { Language } from "@regulars/contracts/messages/catalog";
import { languageOf } from "./language.ts";
import type { QuotaState } from "./rate-limit.ts";
import { requestIdOf } from "./request-id.ts";

/** `language` starts as the caller's wish and is settled once the tenant is known; `quota` once the key is. */
export interface RequestContext {
  readonly requestId: string;
  language: Language;
  quota: QuotaState | null;
}

/** The language of answers before the tenant is known, when the caller names none. */
const LANGUAGE_BEFORE_TENANT = "en";

export function startRequest(headers: Headers): RequestContext {
  return {
    requestId: requestIdOf(headers),
    language: languageOf(headers.get("Accept-Language"), LANGUAGE_BEFORE_TENANT),
    quota: null,
  };
}
