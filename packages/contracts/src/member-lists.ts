// Lists of members that somebody has named one by one: the requests and answers of the management API.
import { z } from "zod";
import { PAGE_LIMIT_DEFAULT } from "./limits.ts";
import { SEGMENT_PAGE_MAX } from "./segment-answers.ts";
import { LIST_MEMBERS_MAX } from "./segments.ts";
import { instant, memberId, slug, text } from "./values.ts";

/** Lists of one tenant: they are shown on one page. */
export const MEMBER_LISTS_MAX = 500;

export const listMembersRequest = z.strictObject({
  memberIds: z
    .array(memberId)
    .min(1)
    .max(LIST_MEMBERS_MAX)
    .refine((ids) => new Set(ids).size === ids.length, { params: { code: "duplicate_item" } }),
});

/** `changed`: how many this request has added or removed; the others were as wanted before. */
export const listChanged = z.strictObject({ listId: slug, changed: z.int(), members: z.int() });

export const memberLists = z.strictObject({
  lists: z.array(z.strictObject({ listId: slug, members: z.int(), lastAddedAt: instant })),
});

export const listMembersQuery = z.strictObject({
  limit: z.coerce.number().pipe(z.int().min(1).max(SEGMENT_PAGE_MAX)).default(PAGE_LIMIT_DEFAULT),
  cursor: text().optional(),
});
export const listMembersPage = z.strictObject({
  members: z.array(z.strictObject({ memberId, addedAt: instant })),
  nextCursor: z.string().nullable(),
});

export type ListChanged = z.output<typeof listChanged>;
export type MemberLists = z.output<typeof memberLists>;
export type ListMembersPage = z.output<typeof listMembersPage>;
