// Builds the OpenAPI 3.1 document from the table of operations and the very schemas that requests are checked by.
import * as activitiesShapes from "@regulars/contracts/activities";
import * as clearingShapes from "@regulars/contracts/clearing";
import * as codesShapes from "@regulars/contracts/codes";
import * as exportsShapes from "@regulars/contracts/exports";
import * as searchShapes from "@regulars/contracts/search";
import * as insightRunsShapes from "@regulars/contracts/insight-runs";
import * as insightsMembersShapes from "@regulars/contracts/insights-members";
import * as insightsOverviewShapes from "@regulars/contracts/insights-overview";
import * as insightsPivotShapes from "@regulars/contracts/insights-pivot";
import * as insightsTradeShapes from "@regulars/contracts/insights-trade";
import * as memberListsShapes from "@regulars/contracts/member-lists";
import * as segmentAnswersShapes from "@regulars/contracts/segment-answers";
import * as segmentsShapes from "@regulars/contracts/segments";
import * as networksShapes from "@regulars/contracts/networks";
import * as partnersShapes from "@regulars/contracts/partners";
import * as rewardsShapes from "@regulars/contracts/rewards";
import * as sharingShapes from "@regulars/contracts/sharing";
import * as simulationsShapes from "@regulars/contracts/simulations";
import * as tillsShapes from "@regulars/contracts/tills";
import * as liabilityShapes from "@regulars/contracts/liability";
import * as lifeShapes from "@regulars/contracts/life";
import * as manageShapes from "@regulars/contracts/manage";
import * as memberShapes from "@regulars/contracts/members";
import { type Operation, operations, refusalsOf } from "@regulars/contracts/operations";
import * as orderShapes from "@regulars/contracts/orders";
import * as pointShapes from "@regulars/contracts/points";
import * as programShapes from "@regulars/contracts/program";
import { REFUSALS, type RefusalCode } from "@regulars/contracts/refusals";
import { refusalTitle } from "@regulars/edge/message";
import { z } from "zod";
import { shareProblems } from "./openapi-problems.ts";
import {
  createDocument,
  type ZodOpenApiObject,
  type ZodOpenApiOperationObject,
  type ZodOpenApiResponseObject,
  type ZodOpenApiSchemaObject,
} from "zod-openapi";

type Document = ReturnType<typeof createDocument>;

const ref = (kind: string, name: string) => ({ $ref: `#/components/${kind}/${name}` });

/** The whole document; equal input gives equal text. */
export function makeOpenApi(): Document {
  nameShapes();
  const paths: Record<string, Record<string, ZodOpenApiOperationObject>> = {};
  for (const operation of operations) {
    paths[operation.path] = { ...paths[operation.path], [operation.method.toLowerCase()]: describe(operation) };
  }
  const content: ZodOpenApiObject = {
    openapi: "3.1.0",
    info: {
      title: "Regulars",
      version: "1",
      description:
        "Loyalty points at checkout. Money is in ISO 4217 minor units, points are integers, times are ISO 8601. " +
        "Unknown fields are refused. Refusals are RFC 9457 problem documents with a stable `code`.",
      license: { name: "Apache-2.0", identifier: "Apache-2.0" },
    },
    servers: [{ url: "/" }],
    tags: [...new Set(operations.map(({ group }) => group))].map((name) => ({ name })),
    paths,
    components: {
      securitySchemes: {
        secretKey: { type: "http", scheme: "bearer", description: "A secret key: `rk_live_<id>_<secret>`." },
        operatorKey: { type: "http", scheme: "bearer", description: "The key of this installation's operator." },
      },
      schemas: { Problem: problemSchema() },
      headers: answerHeaders,
      parameters: requestHeaders,
    },
  };
  return shareProblems(createDocument(content, { override: ({ jsonSchema }) => withoutDatePattern(jsonSchema) }));
}

/** `format` says it all; zod's pattern of every date there is would fill a screen. */
function withoutDatePattern(schema: { format?: string; pattern?: string }): void {
  if (schema.format === "date-time" || schema.format === "date") delete schema.pattern;
}

function describe(operation: Operation): ZodOpenApiOperationObject {
  const { id, group, summary, description, parameters, query, body, answer } = operation;
  return {
    operationId: id,
    tags: [group],
    summary,
    ...(description === undefined ? {} : { description }),
    security: securityOf(operation),
    parameters: headersOf(operation).map((name) => ref("parameters", name)),
    requestParams: {
      ...(parameters === undefined ? {} : { path: z.object(parameters) }),
      ...(query === undefined ? {} : { query }),
    },
    ...(body === undefined
      ? {}
      : { requestBody: { required: true, content: { "application/json": { schema: body } } } }),
    responses: {
      [String(answer.status)]: {
        description: answer.status === 201 ? "Made." : "Done.",
        headers: answerHeaderRefs(operation),
        content: Object.fromEntries(
          [answer.mediaType ?? "application/json"].flat().map((mediaType) => [mediaType, { schema: answer.schema }]),
        ),
      },
      ...refusalResponses(operation),
    },
  };
}

function securityOf({ scope }: Operation) {
  if (scope === null) return [];
  // OpenAPI 3.1 lets scopes stand beside schemes other than OAuth: the roles that the key needs.
  return scope === "operator" ? [{ operatorKey: [] }] : [{ secretKey: [scope] }];
}

function headersOf({ idempotency, testTime }: Operation): string[] {
  const always = ["RequestId", "AcceptLanguage"];
  return [...(idempotency === "key" ? ["IdempotencyKey"] : []), ...(testTime ? ["TestTime"] : []), ...always];
}

function refusalResponses(operation: Operation): Record<string, ZodOpenApiResponseObject> {
  const byStatus = new Map<number, RefusalCode[]>();
  for (const code of refusalsOf(operation)) {
    const { status } = REFUSALS[code];
    byStatus.set(status, [...(byStatus.get(status) ?? []), code]);
  }
  const responses: Record<string, ZodOpenApiResponseObject> = {};
  for (const [status, codes] of [...byStatus].sort(([first], [second]) => first - second)) {
    responses[String(status)] = {
      description: codes.map((code) => `\`${code}\`: ${refusalTitle(code, "en")}`).join("; "),
      headers: {
        ...(status === 429 ? answerHeaderRefs(operation) : { "Regulars-Request-Id": ref("headers", "RequestId") }),
        ...(status === 405 ? { Allow: ref("headers", "Allow") } : {}),
        ...(codes.some((code) => REFUSALS[code].retry === "later")
          ? { "Retry-After": ref("headers", "RetryAfter") }
          : {}),
      },
      content: {
        "application/problem+json": {
          schema: { allOf: [ref("schemas", "Problem"), { properties: { code: { enum: codes } } }] },
        },
      },
    };
  }
  return responses;
}

function answerHeaderRefs({ scope }: Operation) {
  const limited = { RateLimit: ref("headers", "RateLimit"), "RateLimit-Policy": ref("headers", "RateLimitPolicy") };
  return {
    "Regulars-Request-Id": ref("headers", "RequestId"),
    ...(scope === null || scope === "operator" ? {} : limited),
  };
}

const requestHeaders = {
  IdempotencyKey: {
    name: "Idempotency-Key",
    in: "header",
    required: true,
    description: "Names this write. The same key with the same request gives the same answer and no second effect.",
    schema: { type: "string", minLength: 1, maxLength: 255, pattern: "^[ -~]+$" },
  },
  TestTime: {
    name: "Regulars-Test-Time",
    in: "header",
    description: "When this call happens. Sandbox tenants only.",
    schema: { type: "string", format: "date-time" },
  },
  RequestId: {
    name: "Regulars-Request-Id",
    in: "header",
    description: "The caller's own name for this request; made when absent.",
    schema: { type: "string", pattern: "^[A-Za-z0-9._:-]{8,64}$" },
  },
  AcceptLanguage: {
    name: "Accept-Language",
    in: "header",
    description: "Language of texts: `zh-TW`, `zh-CN` or `en`; the tenant's when absent.",
    schema: { type: "string" },
  },
} as const;

const answerHeaders = {
  RequestId: { description: "The request's id, also in every problem and log line.", schema: { type: "string" } },
  RateLimit: { description: 'What is left: `"default";r=599;t=42`.', schema: { type: "string" } },
  RateLimitPolicy: {
    description: 'The key\'s quota, counted per location and isolate: `"default";q=600;w=60`.',
    schema: { type: "string" },
  },
  RetryAfter: { description: "Seconds to wait before the same request is sent again.", schema: { type: "integer" } },
  Allow: { description: "The methods of this address.", schema: { type: "string" } },
} as const;

function problemSchema(): ZodOpenApiSchemaObject {
  const codes = Object.keys(REFUSALS);
  const code = { type: "string", enum: codes } as const;
  const text = { type: "string" } as const;
  const fault: ZodOpenApiSchemaObject = {
    type: "object",
    required: ["field", "code", "detail"],
    properties: { field: text, code, detail: text },
  };
  return {
    type: "object",
    description: "RFC 9457. `code` is stable; `retry` tells whether the same request can pass later.",
    required: ["type", "title", "status", "code", "retry", "requestId"],
    properties: {
      type: { type: "string", format: "uri" },
      title: text,
      status: { type: "integer" },
      code,
      detail: text,
      field: { type: "string", description: "JSON path (`lines[0].unitPrice`), parameter or header at fault." },
      errors: { type: "array", maxItems: 20, items: fault, description: "All faults, when there are several." },
      retry: { type: "string", enum: ["never", "changed", "later"] },
      requestId: text,
    },
  };
}

const named = {
  member: memberShapes,
  point: pointShapes,
  order: orderShapes,
  program: programShapes,
  manage: manageShapes,
  activities: activitiesShapes,
  clearing: clearingShapes,
  codes: codesShapes,
  networks: networksShapes,
  search: searchShapes,
  exports: exportsShapes,
  partners: partnersShapes,
  rewards: rewardsShapes,
  sharing: sharingShapes,
  simulations: simulationsShapes,
  tills: tillsShapes,
  liability: liabilityShapes,
  life: lifeShapes,
  insightRuns: insightRunsShapes,
  insightsMembers: insightsMembersShapes,
  insightsOverview: insightsOverviewShapes,
  insightsPivot: insightsPivotShapes,
  insightsTrade: insightsTradeShapes,
  memberLists: memberListsShapes,
  segmentAnswers: segmentAnswersShapes,
  segments: segmentsShapes,
};

/** Shapes get the names of their exports, so that clients made from the document have readable types. */
function nameShapes(): void {
  const taken = new Set<string>();
  for (const [module, shapes] of Object.entries(named)) {
    for (const [name, shape] of Object.entries(shapes)) {
      if (!(shape instanceof z.ZodObject) || name.endsWith("Query") || z.globalRegistry.has(shape)) continue;
      // Two modules may use a word of the trade for shapes of their own.
      const own = componentName(name);
      const id = taken.has(own) ? componentName(module) + own : own;
      taken.add(id);
      z.globalRegistry.add(shape, { id });
    }
  }
}

/** `Error` or `Map` would hide a global of the caller's language; ours start with a capital and none of them does. */
function componentName(name: string): string {
  return name.charAt(0).toUpperCase() + name.slice(1);
}
