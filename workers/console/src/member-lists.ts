// Keeps the lists of members that somebody has named one by one; a list is there as long as anybody is on it.
import {
  type ListChanged,
  listMembersQuery,
  type ListMembersPage,
  listMembersRequest,
  MEMBER_LISTS_MAX,
  type MemberLists,
} from "@regulars/contracts/member-lists";
import type { Refusal } from "@regulars/contracts/refusals";
import { memberId } from "@regulars/contracts/values";
import { type Read, readJson, readQuery } from "@regulars/edge/body";
import { withTenant } from "@regulars/schema/connection";
import { members } from "@regulars/schema/members";
import { memberLists } from "@regulars/schema/segments";
import { and, asc, count, eq, gt, inArray, max } from "drizzle-orm";
import { type Call, done, parameterOf, refused, tenantOf } from "./call.ts";

/** A body names a thousand members at most; so many of the wrong ones are told at once. */
const ERRORS_MAX = 20;

export async function listMemberLists(call: Call): Promise<Read<MemberLists>> {
  const { tenantId } = tenantOf(call);
  const counts = call.database
    .select({ listId: memberLists.listId, members: count(), lastAddedAt: max(memberLists.addedAt) })
    .from(memberLists)
    .where(eq(memberLists.tenantId, tenantId))
    .groupBy(memberLists.listId)
    .orderBy(asc(memberLists.listId))
    .limit(MEMBER_LISTS_MAX);
  const [rows] = await withTenant(call.database, tenantId, [counts]);
  const lists = rows.flatMap(({ lastAddedAt, ...list }) =>
    lastAddedAt === null ? [] : [{ ...list, lastAddedAt: lastAddedAt.toISOString() }],
  );
  return done({ lists });
}

export async function listListMembers(call: Call): Promise<Read<ListMembersPage>> {
  const query = readQuery(call.request.url, listMembersQuery);
  if (!query.ok) return query;
  const { limit, cursor } = query.value;
  if (cursor !== undefined && !memberId.safeParse(cursor).success) {
    return refused("invalid_cursor", { field: "cursor" });
  }
  const { database } = call;
  const [anybody, rows] = await withTenant(database, tenantOf(call).tenantId, [
    database.select({ memberId: memberLists.memberId }).from(memberLists).where(onList(call)).limit(1),
    database
      .select()
      .from(memberLists)
      .where(and(onList(call), gt(memberLists.memberId, cursor ?? "")))
      .orderBy(asc(memberLists.memberId))
      .limit(limit + 1),
  ]);
  if (anybody.length === 0) return listNotFound();
  const shown = rows.slice(0, limit);
  return done({
    members: shown.map((row) => ({ memberId: row.memberId, addedAt: row.addedAt.toISOString() })),
    nextCursor: rows.length > limit ? (shown.at(-1)?.memberId ?? null) : null,
  });
}

/** All of them are added, or none: a file of members with one that nobody knows is the wrong file. */
export async function addListMembers(call: Call): Promise<Read<ListChanged>> {
  const body = await readJson(call.request, listMembersRequest);
  if (!body.ok) return body;
  const { memberIds } = body.value;
  const { database } = call;
  const { tenantId } = tenantOf(call);
  const listId = parameterOf(call, "listId");
  const [known, lists] = await withTenant(database, tenantId, [
    database
      .select({ memberId: members.memberId, erasedAt: members.erasedAt })
      .from(members)
      .where(and(eq(members.tenantId, tenantId), inArray(members.memberId, memberIds))),
    database.selectDistinct({ listId: memberLists.listId }).from(memberLists).where(eq(memberLists.tenantId, tenantId)),
  ]);
  const [first, ...others] = refusalsOf(memberIds, known);
  if (first !== undefined) return { ok: false, refusals: [first, ...others] };
  if (lists.length >= MEMBER_LISTS_MAX && lists.every((list) => list.listId !== listId)) {
    return refused("too_many_items", { field: "listId", facts: { limit: MEMBER_LISTS_MAX } });
  }
  const addedAt = new Date(call.now);
  const [added, [counted]] = await withTenant(database, tenantId, [
    database
      .insert(memberLists)
      .values(memberIds.map((id) => ({ tenantId, listId, memberId: id, addedAt })))
      .onConflictDoNothing()
      .returning({ memberId: memberLists.memberId }),
    database.select({ members: count() }).from(memberLists).where(onList(call)),
  ]);
  return done({ listId, changed: added.length, members: counted?.members ?? 0 });
}

export async function removeListMembers(call: Call): Promise<Read<ListChanged>> {
  const body = await readJson(call.request, listMembersRequest);
  if (!body.ok) return body;
  const { database } = call;
  const [before, removed, [after]] = await withTenant(database, tenantOf(call).tenantId, [
    database.select({ memberId: memberLists.memberId }).from(memberLists).where(onList(call)).limit(1),
    database
      .delete(memberLists)
      .where(and(onList(call), inArray(memberLists.memberId, body.value.memberIds)))
      .returning({ memberId: memberLists.memberId }),
    database.select({ members: count() }).from(memberLists).where(onList(call)),
  ]);
  if (before.length === 0) return listNotFound();
  return done({ listId: parameterOf(call, "listId"), changed: removed.length, members: after?.members ?? 0 });
}

const listNotFound = () => refused("list_not_found", { field: "listId" });

const onList = (call: Call) =>
  and(eq(memberLists.tenantId, tenantOf(call).tenantId), eq(memberLists.listId, parameterOf(call, "listId")));

function refusalsOf(
  memberIds: readonly string[],
  known: readonly { readonly memberId: string; readonly erasedAt: Date | null }[],
): Refusal[] {
  const byId = new Map(known.map((member) => [member.memberId, member]));
  const wrong = memberIds.flatMap((id, place): Refusal[] => {
    const field = `memberIds[${place}]`;
    const member = byId.get(id);
    if (member === undefined) return [{ code: "member_not_found", field }];
    return member.erasedAt === null ? [] : [{ code: "member_erased", field }];
  });
  return wrong.slice(0, ERRORS_MAX);
}
