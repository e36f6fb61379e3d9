// The operations of `/v1`: members and points here, every other group from its own file.
import { changeMember, createMember, erased, lookupQuery, member } from "./members.ts";
import { checkoutOperations } from "./operations-checkout.ts";
import { explainOperations } from "./operations-explain.ts";
import type { Operation } from "./operations.ts";
import {
  adjustAnswer,
  adjustRequest,
  balances,
  captureRequest,
  emptyRequest,
  holdAnswer,
  holdRequest,
  pageQuery,
  statement,
} from "./points.ts";
import { lifeOperations } from "./operations-life.ts";
import { rewardOperations } from "./operations-rewards.ts";
import { sharingOperations } from "./operations-sharing.ts";
import { tillOperations } from "./operations-tills.ts";
import { activityOperations } from "./operations-activity.ts";
import type { RefusalCode } from "./refusals.ts";
import { callerId, memberId } from "./values.ts";

const OF_A_MEMBER: readonly RefusalCode[] = ["invalid_member_id", "member_not_found", "member_erased"];
const OF_AN_IDENTITY: readonly RefusalCode[] = ["invalid_phone", "invalid_email"];
const OF_A_STORE: readonly RefusalCode[] = ["store_unknown", "store_not_allowed"];
const OF_A_PROGRAM: readonly RefusalCode[] = ["program_missing"];
const OF_A_HOLD: readonly RefusalCode[] = [
  ...OF_A_MEMBER,
  "hold_not_found",
  "hold_already_captured",
  "hold_already_voided",
  "hold_lapsed",
  "hold_belongs_to_order",
  "hold_is_allowance",
];

const id = { id: memberId };

const personOperations = [
  {
    id: "createMember",
    method: "POST",
    path: "/v1/members",
    group: "Members",
    summary: "Enrol a member",
    description: "Each identity is claimed for this member. Phones without a country code are of the tenant's region.",
    scope: "members:write",
    testTime: true,
    body: createMember,
    answer: { status: 201, schema: member },
    idempotency: "key",
    refusals: [...OF_AN_IDENTITY, ...OF_A_STORE, "identity_taken", "referral_code_unknown"],
  },
  {
    id: "lookupMember",
    method: "GET",
    path: "/v1/members/lookup",
    group: "Members",
    summary: "Find a member by one identity",
    description: "Exactly one of `phone`, `email`, `line`, `card`.",
    scope: "members:read",
    testTime: true,
    query: lookupQuery,
    answer: { status: 200, schema: member },
    idempotency: "none",
    refusals: [...OF_AN_IDENTITY, "member_not_found"],
  },
  {
    id: "getMember",
    method: "GET",
    path: "/v1/members/{id}",
    group: "Members",
    summary: "Read a member",
    scope: "members:read",
    testTime: true,
    parameters: id,
    answer: { status: 200, schema: member },
    idempotency: "none",
    refusals: OF_A_MEMBER,
  },
  {
    id: "changeMember",
    method: "PATCH",
    path: "/v1/members/{id}",
    group: "Members",
    summary: "Change a member",
    description:
      "Leaves what is not sent. A field of the profile that is null is removed; `identities` is the whole list.",
    scope: "members:write",
    testTime: true,
    parameters: id,
    body: changeMember,
    answer: { status: 200, schema: member },
    idempotency: "key",
    refusals: [...OF_A_MEMBER, ...OF_AN_IDENTITY, ...OF_A_STORE, "identity_taken"],
  },
  {
    id: "eraseMember",
    method: "DELETE",
    path: "/v1/members/{id}",
    group: "Members",
    summary: "Erase a member's personal data",
    description: "Profile and identities go; the ledger stays under the id. Erasing again gives the same answer.",
    scope: "members:write",
    testTime: true,
    parameters: id,
    answer: { status: 200, schema: erased },
    idempotency: "own-id",
    refusals: ["invalid_member_id", "member_not_found"],
  },
] as const satisfies readonly Operation[];

const pointOperations = [
  {
    id: "getBalances",
    method: "GET",
    path: "/v1/members/{id}/balances",
    group: "Points",
    summary: "Read a member's balances",
    scope: "members:read",
    testTime: true,
    parameters: id,
    answer: { status: 200, schema: balances },
    idempotency: "none",
    refusals: OF_A_MEMBER,
  },
  {
    id: "getStatement",
    method: "GET",
    path: "/v1/members/{id}/statement",
    group: "Points",
    summary: "Read a member's statement, newest first",
    scope: "members:read",
    testTime: true,
    parameters: id,
    query: pageQuery,
    answer: { status: 200, schema: statement },
    idempotency: "none",
    refusals: [...OF_A_MEMBER, "invalid_cursor"],
  },
  {
    id: "adjustPoints",
    method: "POST",
    path: "/v1/members/{id}/adjustments",
    group: "Points",
    summary: "Give points or take them away, with a reason",
    scope: "points:write",
    testTime: true,
    parameters: id,
    body: adjustRequest,
    answer: { status: 201, schema: adjustAnswer },
    idempotency: "key",
    refusals: [...OF_A_MEMBER, ...OF_A_STORE, ...OF_A_PROGRAM, "currency_unknown", "insufficient_points"],
  },
  {
    id: "placeHold",
    method: "POST",
    path: "/v1/members/{id}/holds",
    group: "Holds",
    summary: "Set points aside for a while",
    scope: "points:write",
    testTime: true,
    parameters: id,
    body: holdRequest,
    answer: { status: 201, schema: holdAnswer },
    idempotency: "key",
    refusals: [...OF_A_MEMBER, ...OF_A_PROGRAM, "currency_unknown", "insufficient_points"],
  },
  {
    id: "captureHold",
    method: "POST",
    path: "/v1/members/{id}/holds/{holdId}/capture",
    group: "Holds",
    summary: "Spend held points, all or some; the rest is released",
    scope: "points:write",
    testTime: true,
    parameters: { ...id, holdId: callerId },
    body: captureRequest,
    answer: { status: 200, schema: holdAnswer },
    idempotency: "key",
    refusals: [...OF_A_HOLD, "capture_exceeds_hold"],
  },
  {
    id: "voidHold",
    method: "POST",
    path: "/v1/members/{id}/holds/{holdId}/void",
    group: "Holds",
    summary: "Release held points",
    scope: "points:write",
    testTime: true,
    parameters: { ...id, holdId: callerId },
    body: emptyRequest,
    answer: { status: 200, schema: holdAnswer },
    idempotency: "key",
    refusals: OF_A_HOLD,
  },
] as const satisfies readonly Operation[];

export const memberOperations = [
  ...checkoutOperations,
  ...explainOperations,
  ...personOperations,
  ...lifeOperations,
  ...rewardOperations,
  ...pointOperations,
  ...sharingOperations,
  ...tillOperations,
  ...activityOperations,
] as const;
