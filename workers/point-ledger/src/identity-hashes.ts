// By what a person can be known: the identities, and the phone and email of the profile, as the hashes by which they are claimed.
import { claimHash } from "@regulars/domain/naming";
import type { Person } from "./store.ts";

/** Hashes under the tenant's key: equal for equal values, and nothing more. */
export function identityHashes(tenantKey: string, person: Person | null): readonly string[] {
  if (person === null) return [];
  const { phone, email } = person.profile;
  const profile = [
    ...(phone === undefined ? [] : [claimHash(tenantKey, "phone", phone)]),
    ...(email === undefined ? [] : [claimHash(tenantKey, "email", email.toLowerCase())]),
  ];
  return [...person.identities.map(({ hash }) => hash), ...profile];
}
