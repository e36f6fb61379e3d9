// Finds members by what a person types.
import { type FoundMember, type FoundMembers, memberSearchQuery } from "@regulars/contracts/search";
import { type Read, readQuery } from "@regulars/edge/body";
import { type Call, done, type Handler, tenantOf } from "./call.ts";
import { findMembers, type FoundRow } from "./member-search-rows.ts";
import { wordsOf } from "./member-search-words.ts";

export const searchHandlers: Readonly<Record<string, Handler>> = { searchMembers };

async function searchMembers(call: Call): Promise<Read<FoundMembers>> {
  const query = readQuery(call.request.url, memberSearchQuery);
  if (!query.ok) return query;
  const { q, limit } = query.value;
  const wish = { words: wordsOf(q), limit: limit + 1 };
  const rows = await findMembers(call.database, tenantOf(call).tenantId, wish);
  return done({ members: rows.slice(0, limit).map(answerOf), more: rows.length > limit });
}

const answerOf = (row: FoundRow): FoundMember => ({
  id: row.member_id,
  name: row.name,
  company: row.company,
  phoneTail: row.phone_tail,
  tier: row.tier,
  homeStoreId: row.home_store_id,
  stage: row.stage,
  lastOrderOn: row.last_day,
  spend: row.spend === null ? null : Number(row.spend),
});
