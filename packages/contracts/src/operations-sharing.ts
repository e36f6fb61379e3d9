// The operations of what members give each other: transfers, gifts, donations, and the code by which they refer others.
import type { Operation } from "./operations.ts";
import type { RefusalCode } from "./refusals.ts";
import { emptyRequest } from "./points.ts";
import {
  householdAnswer,
  putHouseholdMemberRequest,
  referralCodeAnswer,
  transferAnswer,
  transferRequest,
} from "./sharing.ts";
import { memberId, slug } from "./values.ts";
import { z } from "zod";

const OF_A_MEMBER: readonly RefusalCode[] = ["invalid_member_id", "member_not_found", "member_erased"];
const id = { id: memberId };

export const sharingOperations = [
  {
    id: "sendTransfer",
    method: "POST",
    path: "/v1/members/{id}/transfers",
    group: "Points",
    summary: "Give points or vouchers to another member, to a cause, or into the household's pool",
    description:
      "They leave at once and arrive a moment later, with their own end and issuer. When the receiver cannot take them they " +
      "come back. `to` names the receiver by `id` or by one identity; the program says which currencies may be given and how much.",
    scope: "points:write",
    testTime: true,
    parameters: id,
    body: transferRequest,
    answer: { status: 201, schema: transferAnswer },
    idempotency: "key",
    refusals: [
      ...OF_A_MEMBER,
      "invalid_phone",
      "invalid_email",
      "program_missing",
      "insufficient_points",
      "transfer_not_allowed",
      "transfer_to_self",
      "transfer_limit_reached",
      "household_not_found",
      "voucher_not_found",
      "voucher_not_transferable",
    ],
  },
  {
    id: "getTransfer",
    method: "GET",
    path: "/v1/members/{id}/transfers/{transferId}",
    group: "Points",
    summary: "Read a transfer: on its way, arrived, or come back",
    scope: "members:read",
    testTime: true,
    parameters: { ...id, transferId: z.string().max(100) },
    answer: { status: 200, schema: transferAnswer },
    idempotency: "none",
    refusals: [...OF_A_MEMBER, "transfer_not_found"],
  },
  {
    id: "getReferralCode",
    method: "GET",
    path: "/v1/members/{id}/referral-code",
    group: "Members",
    summary: "Read the code by which a member refers others",
    description: "It is the same for ever. `POST /v1/members` takes it as `referralCode`.",
    scope: "members:read",
    testTime: true,
    parameters: id,
    answer: { status: 200, schema: referralCodeAnswer },
    idempotency: "none",
    refusals: OF_A_MEMBER,
  },
  {
    id: "getHousehold",
    method: "GET",
    path: "/v1/households/{householdId}",
    group: "Members",
    summary: "Read a household: its members with their rights, and its pool",
    scope: "members:read",
    testTime: true,
    parameters: { householdId: slug },
    answer: { status: 200, schema: householdAnswer },
    idempotency: "none",
    refusals: ["household_not_found"],
  },
  {
    id: "letIntoHousehold",
    method: "POST",
    path: "/v1/households/{householdId}/members/{id}",
    group: "Members",
    summary: "Let a member into a household, or change the right",
    description:
      "The first is the `owner`, and founds it. `spender` may pay an order from the pool (`redeem[].wallet: household`), " +
      "`earner` only gives to it. A member belongs to one household.",
    scope: "members:write",
    testTime: true,
    parameters: { householdId: slug, ...id },
    body: putHouseholdMemberRequest,
    answer: { status: 200, schema: householdAnswer },
    idempotency: "key",
    refusals: [
      ...OF_A_MEMBER,
      "program_missing",
      "transfer_not_allowed",
      "household_not_found",
      "household_full",
      "household_taken",
    ],
  },
  {
    id: "leaveHousehold",
    method: "POST",
    path: "/v1/households/{householdId}/members/{id}/leave",
    group: "Members",
    summary: "Let a member leave a household; what it gave to the pool stays there",
    scope: "members:write",
    testTime: true,
    parameters: { householdId: slug, ...id },
    body: emptyRequest,
    answer: { status: 200, schema: householdAnswer },
    idempotency: "key",
    refusals: [...OF_A_MEMBER, "program_missing", "transfer_not_allowed", "household_not_found"],
  },
] as const satisfies readonly Operation[];
