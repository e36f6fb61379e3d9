// The operation that finds members by what a person types.
import type { Operation } from "./operations.ts";
import { foundMembers, memberSearchQuery } from "./search.ts";

export const searchOperations: readonly Operation[] = [
  {
    id: "searchMembers",
    method: "GET",
    path: "/manage/v1/members/search",
    group: "Management",
    scope: "manage",
    testTime: false,
    summary: "Find members by a part of what is known of them",
    description:
      "Any part of a name or company, from one letter on; the last three or more digits of a phone, or all of it as it is " +
      "written in the country or in E.164; the beginning of an email or of its host, the beginning or end of a card number, each " +
      "from three letters on; a member's id. Several words must all match. Capitals, full-width letters and wildcards mean nothing.",
    query: memberSearchQuery,
    answer: { status: 200, schema: foundMembers },
    idempotency: "none",
    refusals: [],
  },
];
