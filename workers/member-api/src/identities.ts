// Identities as people write them, made equal: E.164 phones, lower-case emails, and the hash by which each is claimed.
import type { Identity, IdentityType } from "@regulars/contracts/members";
import type { Refusal } from "@regulars/contracts/refusals";
import type { HashedIdentity } from "@regulars/contracts/rpc";
import { claimHash } from "@regulars/domain/naming";
import { isSupportedCountry, parsePhoneNumberWithError } from "libphonenumber-js";
import type { Session } from "./session.ts";

// The shape that mail servers accept in practice; whether it exists only a message can tell.
const EMAIL = /^[^\s@]{1,64}@[^\s@.]+(\.[^\s@.]+)+$/;
// Parsing a phone number walks metadata; shoppers of a store come back with the same few thousand.
const PHONES_KEPT_MAX = 10_000;
const phones = new Map<string, string | null>();

/** The identity in its one written form with its hash, or why it is none. `field` names it in a refusal. */
export function normalizeIdentity(session: Session, identity: Identity, field: string): HashedIdentity | Refusal {
  const value = normalized(identity.type, identity.value.trim(), session.tenant.phoneRegion);
  if (value === null) return { code: REFUSED[identity.type], field };
  return { type: identity.type, value, hash: claimHash(session.tenantKey, identity.type, value) };
}

/** All identities in their one form, without repeats, or the first refusal. */
export function normalizeIdentities(session: Session, identities: readonly Identity[]): HashedIdentity[] | Refusal {
  const known = new Map<string, HashedIdentity>();
  for (const [index, identity] of identities.entries()) {
    const one = normalizeIdentity(session, identity, `identities[${index}].value`);
    if ("code" in one) return one;
    known.set(one.hash, one);
  }
  return [...known.values()];
}

const REFUSED: Record<IdentityType, Refusal["code"]> = {
  phone: "invalid_phone",
  email: "invalid_email",
  line: "invalid_value",
  card: "invalid_value",
};

function normalized(type: IdentityType, value: string, region: string): string | null {
  switch (type) {
    case "phone":
      return phoneOf(value, region);
    case "email":
      return EMAIL.test(value) ? value.toLowerCase() : null;
    case "line":
    case "card":
      return value === "" ? null : value;
  }
}

function phoneOf(value: string, region: string): string | null {
  const path = `${region}:${value}`;
  const known = phones.get(path);
  if (known !== undefined) return known;
  const parsed = parsePhone(value, region);
  if (phones.size >= PHONES_KEPT_MAX) phones.clear();
  phones.set(path, parsed);
  return parsed;
}

function parsePhone(value: string, region: string): string | null {
  try {
    const phone = parsePhoneNumberWithError(value, isSupportedCountry(region) ? { defaultCountry: region } : undefined);
    return phone.isValid() && phone.ext === undefined ? phone.number : null;
  } catch {
    return null;
  }
}
