// The scalar shapes that every request and answer is made of; each refusal names the stable code of what is wrong.
import { z } from "zod";
import { CALLER_ID_LENGTH_MAX, MONEY_MAX, POINTS_MAX, QUANTITY_MAX, TEXT_LENGTH_MAX } from "./limits.ts";

// Control characters and lone surrogates cannot be stored by PostgreSQL, so they are refused at the edge.
const storable = (text: string) => text.isWellFormed() && !/\p{Cc}/u.test(text);

/** A text of 1 to `max` characters without control characters. */
export const text = (max = TEXT_LENGTH_MAX) =>
  z
    .string()
    .min(1)
    .max(max)
    .refine(storable, { params: { code: "invalid_text" } });

/** An id that the caller chose, kept letter for letter. */
export const callerId = text(CALLER_ID_LENGTH_MAX);

/** An id that Regulars gave to a member. */
export const memberId = z.string().regex(/^mbr_[0-9a-hjkmnp-tv-z]{26}$/, { error: "invalid_member_id" });

/** An id of a unit of points, a rule, a store, a region or an owner. Not a name that every object answers to. */
export const slug = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$/)
  .refine((id) => !(id in Object.prototype));

/** A count of points that is moved: a positive integer. */
export const points = z.int().min(1).max(POINTS_MAX);

/** A signed count of points other than zero. */
export const signedPoints = z
  .int()
  .min(-POINTS_MAX)
  .max(POINTS_MAX)
  .refine((value) => value !== 0, { params: { code: "number_out_of_range" } });

/** A balance of points; below zero only as debt after a refund. */
export const balancePoints = z.int();

/** An amount of money in ISO 4217 minor units. */
export const money = z.int().min(0).max(MONEY_MAX);

/** Units of one line. */
export const quantity = z.int().min(1).max(QUANTITY_MAX);

/** An ISO 4217 code. */
export const moneyCurrency = z.string().regex(/^[A-Z]{3}$/);

/** An instant, ISO 8601 with offset or Z. */
export const instant = z.iso.datetime({ offset: true });

/** A calendar day, ISO 8601. */
export const day = z.iso.date();
