// The operations of `/manage/v1`: tenants, stores, keys, programs, and what keeps an installation healthy.
import {
  createKey,
  createTenant,
  key,
  keyCreated,
  keyId,
  keys,
  listQuery,
  owner,
  owners,
  programPublished,
  programQuery,
  programs,
  publishedProgram,
  putOwner,
  putRegion,
  putStore,
  region,
  regions,
  store,
  storeBoard,
  stores,
  tenant,
  tenantCreated,
  tenantId,
  tenantPublished,
} from "./manage.ts";
import { careOperations } from "./operations-care.ts";
import { clearingOperations, liabilityOperations } from "./operations-clearing.ts";
import { insightOperations } from "./operations-insights.ts";
import { networkOperations, partnerOperations } from "./operations-networks.ts";
import { exportOperations } from "./operations-exports.ts";
import { searchOperations } from "./operations-search.ts";
import { segmentationOperations } from "./operations-segments.ts";
import { simulationOperations } from "./operations-simulation.ts";
import { codeOperations } from "./operations-codes.ts";
import type { Operation } from "./operations.ts";
import { program } from "./program.ts";
import { slug } from "./values.ts";

type Given = Pick<Operation, "id" | "method" | "path" | "summary" | "answer"> & Partial<Operation>;

/** What operations of a tenant's own manager have in common. */
const managed = (given: Given): Operation => ({
  group: "Management",
  scope: "manage",
  testTime: true,
  idempotency: "none",
  refusals: [],
  ...given,
});

const id = { id: slug };

const tenantOperations = [
  managed({
    id: "createTenant",
    method: "POST",
    path: "/manage/v1/tenants",
    summary: "Make a tenant with its stores and its first key",
    description:
      "Needs the operator's key. `manageKey` has the scope `manage`. The same request gives the same answer. Without " +
      "`tenantId` the header `Idempotency-Key` is needed, and names the tenant instead.",
    scope: "operator",
    testTime: false,
    body: createTenant,
    answer: { status: 201, schema: tenantCreated },
    idempotency: "own-id",
    refusals: ["idempotency_key_missing", "idempotency_key_invalid", "resource_exists"],
  }),
  managed({
    id: "publishTenant",
    method: "POST",
    path: "/manage/v1/tenants/{tenantId}/publication",
    group: "Operation",
    summary: "Publish a tenant's record, keys and programs to the edge again",
    description:
      "Needs the operator's key. For a directory that was lost; what PostgreSQL holds is published as it is.",
    scope: "operator",
    testTime: false,
    parameters: { tenantId },
    answer: { status: 200, schema: tenantPublished },
    refusals: ["tenant_not_found"],
  }),
  managed({
    id: "getTenant",
    method: "GET",
    path: "/manage/v1/tenant",
    summary: "Read the tenant of this key",
    answer: { status: 200, schema: tenant },
  }),
  managed({
    id: "listRegions",
    method: "GET",
    path: "/manage/v1/regions",
    summary: "List the regions",
    answer: { status: 200, schema: regions },
  }),
  managed({
    id: "putRegion",
    method: "PUT",
    path: "/manage/v1/regions/{id}",
    summary: "Make or change a region",
    parameters: id,
    body: putRegion,
    answer: { status: 200, schema: region },
    idempotency: "own-id",
  }),
  managed({
    id: "listOwners",
    method: "GET",
    path: "/manage/v1/owners",
    summary: "List the owners of stores",
    answer: { status: 200, schema: owners },
  }),
  managed({
    id: "putOwner",
    method: "PUT",
    path: "/manage/v1/owners/{id}",
    summary: "Make or change an owner of stores",
    parameters: id,
    body: putOwner,
    answer: { status: 200, schema: owner },
    idempotency: "own-id",
  }),
  managed({
    id: "listStores",
    method: "GET",
    path: "/manage/v1/stores",
    summary: "List the stores",
    answer: { status: 200, schema: stores },
  }),
  managed({
    id: "putStore",
    method: "PUT",
    path: "/manage/v1/stores/{id}",
    summary: "Make or change a store",
    parameters: id,
    body: putStore,
    answer: { status: 200, schema: store },
    idempotency: "own-id",
  }),
  managed({
    id: "getStoreBoard",
    method: "GET",
    path: "/manage/v1/stores/{id}/board",
    summary: "Read a store's live board of today",
    parameters: id,
    answer: { status: 200, schema: storeBoard },
    refusals: ["store_not_found"],
  }),
  managed({
    id: "rebuildStoreBoard",
    method: "POST",
    path: "/manage/v1/stores/{id}/board",
    summary: "Rebuild a store's live board from PostgreSQL",
    description: "For a board that was lost or looks wrong. Safe to repeat.",
    parameters: id,
    answer: { status: 200, schema: storeBoard },
    refusals: ["store_not_found"],
  }),
];

const keyOperations = [
  managed({
    id: "createKey",
    method: "POST",
    path: "/manage/v1/keys",
    summary: "Make a secret key",
    description: "The secret is shown in this answer only, and again when the same request is repeated with its key.",
    body: createKey,
    answer: { status: 201, schema: keyCreated },
    idempotency: "key",
    refusals: ["store_unknown"],
  }),
  managed({
    id: "listKeys",
    method: "GET",
    path: "/manage/v1/keys",
    summary: "List the keys, without their secrets",
    answer: { status: 200, schema: keys },
  }),
  managed({
    id: "revokeKey",
    method: "DELETE",
    path: "/manage/v1/keys/{keyId}",
    summary: "Revoke a key",
    description: "Takes effect within a minute everywhere. Revoking again gives the same answer.",
    parameters: { keyId },
    answer: { status: 200, schema: key },
    idempotency: "own-id",
    refusals: ["key_not_found"],
  }),
];

const programOperations = [
  managed({
    id: "putProgram",
    method: "PUT",
    path: "/manage/v1/program",
    summary: "Publish a version of the program",
    description:
      "A published version never changes. A document equal to the present version gives that version again. In a " +
      "sandbox a version is in force at once; elsewhere by default two minutes later.",
    body: program,
    answer: { status: 200, schema: programPublished },
    idempotency: "own-id",
    refusals: [
      "network_unknown",
      "invalid_program",
      "invalid_condition",
      "currency_unknown",
      "reward_unknown",
      "owner_not_found",
    ],
  }),
  managed({
    id: "getProgram",
    method: "GET",
    path: "/manage/v1/program",
    summary: "Read a version of the program; the latest by default",
    query: programQuery,
    answer: { status: 200, schema: publishedProgram },
    refusals: ["program_not_found"],
  }),
  managed({
    id: "listPrograms",
    method: "GET",
    path: "/manage/v1/programs",
    summary: "List the published versions, newest first",
    query: listQuery,
    answer: { status: 200, schema: programs },
    refusals: ["invalid_cursor"],
  }),
];

export const manageOperations: readonly Operation[] = [
  ...tenantOperations,
  ...keyOperations,
  ...programOperations,
  ...careOperations,
  ...networkOperations,
  ...partnerOperations,
  ...simulationOperations,
  ...clearingOperations,
  ...liabilityOperations,
  ...codeOperations,
  ...insightOperations,
  ...segmentationOperations,
  ...searchOperations,
  ...exportOperations,
];
