// The operations of tills without network: allowances, and the keys by which a till verifies them.
import type { Operation } from "./operations.ts";
import { emptyRequest } from "./points.ts";
import { allowanceAnswer, allowanceKeys, allowanceRequest, issuedAllowance } from "./tills.ts";
import { callerId, memberId } from "./values.ts";

const one = { id: memberId, allowanceId: callerId };

export const tillOperations = [
  {
    id: "issueAllowance",
    method: "POST",
    path: "/v1/members/{id}/allowances",
    group: "Holds",
    summary: "Let a till without network spend a member's points",
    description:
      "Sets the points aside and signs a token that says so, which the till verifies by itself. Orders placed until " +
      "`spendUntil` name it as `allowanceId` and draw on it part by part; together they can never draw more than it " +
      "has. What is left returns to the member at `settleUntil`, or when it is released.",
    scope: "checkout",
    testTime: true,
    parameters: { id: memberId },
    body: allowanceRequest,
    answer: { status: 201, schema: issuedAllowance },
    idempotency: "key",
    refusals: [
      "invalid_member_id",
      "member_not_found",
      "member_erased",
      "store_unknown",
      "store_not_allowed",
      "program_missing",
      "currency_unknown",
      "redeem_not_allowed",
      "insufficient_points",
    ],
  },
  {
    id: "getAllowance",
    method: "GET",
    path: "/v1/members/{id}/allowances/{allowanceId}",
    group: "Holds",
    summary: "Read what is left of an allowance",
    scope: "checkout",
    testTime: true,
    parameters: one,
    answer: { status: 200, schema: allowanceAnswer },
    idempotency: "none",
    refusals: ["invalid_member_id", "member_not_found", "member_erased", "allowance_not_found", "store_not_allowed"],
  },
  {
    id: "releaseAllowance",
    method: "POST",
    path: "/v1/members/{id}/allowances/{allowanceId}/release",
    group: "Holds",
    summary: "Give back what is left of an allowance",
    description: "Once every order of the till has arrived. An order that comes later can no longer draw on it.",
    scope: "checkout",
    testTime: true,
    parameters: one,
    body: emptyRequest,
    answer: { status: 200, schema: allowanceAnswer },
    idempotency: "key",
    refusals: [
      "invalid_member_id",
      "member_not_found",
      "member_erased",
      "program_missing",
      "allowance_not_found",
      "allowance_closed",
      "store_unknown",
      "store_not_allowed",
    ],
  },
  {
    id: "getAllowanceKeys",
    method: "GET",
    path: "/v1/allowance-keys",
    group: "Holds",
    summary: "Read the public keys that verify this tenant's allowances",
    scope: "checkout",
    testTime: false,
    answer: { status: 200, schema: allowanceKeys },
    idempotency: "none",
    refusals: [],
  },
] as const satisfies readonly Operation[];
