// The operations that make networks, and the statements of partners.
import { tenantId } from "./manage.ts";
import { createNetwork, networkCreated, networkId, networkJoined } from "./networks.ts";
import type { Operation } from "./operations.ts";
import { partnerStatement, partnerStatementQuery } from "./partners.ts";
import { slug } from "./values.ts";

export const networkOperations: readonly Operation[] = [
  {
    id: "createNetwork",
    method: "POST",
    path: "/manage/v1/networks",
    group: "Management",
    summary: "Make a network, whose coin several tenants accept beside their own points",
    description:
      "Needs the operator's key. A network is a tenant of its own that keeps the coins: publish its program, which has the coin, " +
      "with `manageKey`. The same request gives the same answer.",
    scope: "operator",
    testTime: false,
    body: createNetwork,
    answer: { status: 201, schema: networkCreated },
    idempotency: "own-id",
    refusals: ["resource_exists"],
  },
  {
    id: "joinNetwork",
    method: "PUT",
    path: "/manage/v1/networks/{networkId}/tenants/{tenantId}",
    group: "Management",
    summary: "Make a tenant part of a network",
    description:
      "Needs the operator's key. From then on the tenant's program may name the network in a currency; between the tenants each " +
      "is one owner in the network's clearing. Joining again gives the same answer.",
    scope: "operator",
    testTime: false,
    parameters: { networkId, tenantId },
    answer: { status: 200, schema: networkJoined },
    idempotency: "own-id",
    refusals: ["tenant_not_found", "invalid_value"],
  },
];

export const partnerOperations: readonly Operation[] = [
  {
    id: "getPartnerStatement",
    method: "GET",
    path: "/manage/v1/partners/{id}/statement",
    group: "Management",
    summary: "Read what a partner has brought and earned in a period",
    description:
      "Every order with the partner's code, by when it was placed: what was paid and stays paid, and the commission under the " +
      "version of the program that decided it, rounded down to a minor unit for each order.",
    scope: "manage",
    testTime: true,
    parameters: { id: slug },
    query: partnerStatementQuery,
    answer: { status: 200, schema: partnerStatement },
    idempotency: "none",
    refusals: ["invalid_cursor"],
  },
];
