// Members and how they are recognised: the requests and answers about a person.
import { z } from "zod";
import { IDENTITIES_MAX } from "./limits.ts";
import { day, instant, memberId, slug, text } from "./values.ts";

export const identityType = z.enum(["phone", "email", "line", "card"]);

export const identity = z.strictObject({ type: identityType, value: text() });

export const profile = z.strictObject({
  name: text().optional(),
  birthday: day.optional(),
  gender: z.enum(["female", "male", "other", "undisclosed"]).optional(),
  email: text().optional(),
  phone: text().optional(),
  locale: z
    .string()
    .regex(/^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*$/)
    .optional(),
  company: text().optional(),
  address: text().optional(),
  note: text().optional(),
  custom: z.record(slug, z.union([text(), z.boolean(), z.int()])).optional(),
});

/** Each channel or purpose, and whether the member agreed to it. */
export const consent = z.record(slug, z.boolean());

export const createMember = z.strictObject({
  identities: z.array(identity).min(1).max(IDENTITIES_MAX),
  profile: profile.optional(),
  homeStoreId: slug.optional(),
  source: text().optional(),
  consent: consent.optional(),
  /** Of the member who referred this one: both are paid by the program's referral. */
  referralCode: z
    .string()
    .regex(/^[A-Za-z0-9]{4,20}$/)
    .optional(),
});

/** A merge patch: a field of the profile set to null is removed; `identities` is the new whole list. */
export const changeMember = z.strictObject({
  identities: z.array(identity).min(1).max(IDENTITIES_MAX).optional(),
  profile: z.strictObject(nullable(profile.shape)).optional(),
  homeStoreId: slug.optional(),
  consent: consent.optional(),
});

/** Who is meant at a checkout: exactly one of these. */
export const memberReference = z
  .strictObject({
    id: memberId.optional(),
    phone: text().optional(),
    email: text().optional(),
    line: text().optional(),
    card: text().optional(),
  })
  .refine((reference) => Object.values(reference).filter((value) => value !== undefined).length === 1, {
    params: { code: "invalid_value" },
  });

export const lookupQuery = z
  .strictObject({
    phone: text().optional(),
    email: text().optional(),
    line: text().optional(),
    card: text().optional(),
  })
  .refine((query) => Object.values(query).filter((value) => value !== undefined).length === 1, {
    params: { code: "missing_field" },
  });

export const member = z.strictObject({
  id: memberId,
  identities: z.array(identity),
  profile,
  homeStoreId: slug.nullable(),
  source: z.string().nullable(),
  consent,
  enrolledAt: instant,
  sequence: z.int(),
});

export const erased = z.strictObject({ id: memberId, erasedAt: instant, sequence: z.int() });

export type IdentityType = z.output<typeof identityType>;
export type Identity = z.output<typeof identity>;
export type Profile = z.output<typeof profile>;
export type Consent = z.output<typeof consent>;
export type CreateMember = z.output<typeof createMember>;
export type ChangeMember = z.output<typeof changeMember>;
export type MemberReference = z.output<typeof memberReference>;
export type Member = z.output<typeof member>;

function nullable<Shape extends Record<string, z.ZodOptional>>(shape: Shape) {
  return Object.fromEntries(Object.entries(shape).map(([name, field]) => [name, field.nullable()])) as {
    [Name in keyof Shape]: z.ZodNullable<Shape[Name]>;
  };
}
