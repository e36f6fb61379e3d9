// One request of each operation for the page of documentation; each is checked against the operation's own shape.
import { type Operation, operations } from "@regulars/contracts/operations";
import { insightExamples } from "./examples-insights.ts";
import { loyaltyExamples } from "./examples-loyalty.ts";

export interface Example {
  readonly path?: Readonly<Record<string, string>>;
  readonly query?: string;
  readonly body?: unknown;
}

const MEMBER = "mbr_01k2f5x8c3tqz7m4n9v6b0w1dg";
const member = { id: MEMBER };
const basket = {
  member: { phone: "0912345678" },
  storeId: "taipei-xinyi",
  currency: "TWD",
  lines: [{ lineId: "1", sku: "oolong", category: "tea", quantity: 2, unitPrice: 6500, discount: 1000 }],
  redeem: [{ currency: "points", points: 10 }],
};
const region = { id: "north", name: "北區" };
const owner = { id: "head-office", name: "總部", kind: "head_office" };
const store = { name: "台北信義店", regionId: "north", ownerId: "head-office", locationHint: "apac" };

const examples: Readonly<Record<string, Example>> = {
  quoteCheckout: { body: basket },
  putOrder: {
    path: { orderId: "A-1001" },
    body: { ...basket, state: "paid", placedAt: "2026-08-01T12:30:00+08:00" },
  },
  refundOrder: {
    path: { orderId: "A-1001" },
    body: { refundId: "R-1", lines: [{ lineId: "1", quantity: 1 }] },
  },
  getOrder: { path: { orderId: "A-1001" }, query: `?memberId=${MEMBER}` },
  createMember: {
    body: {
      identities: [{ type: "phone", value: "0912345678" }],
      profile: { name: "王小明", birthday: "1990-05-04" },
      homeStoreId: "taipei-xinyi",
      consent: { line: true, email: false },
    },
  },
  lookupMember: { query: "?phone=0912345678" },
  getMember: { path: member },
  changeMember: { path: member, body: { profile: { name: "王大明", note: null } } },
  eraseMember: { path: member },
  getBalances: { path: member },
  getStatement: { path: member, query: "?limit=20" },
  adjustPoints: { path: member, body: { currency: "points", points: 50, reason: "sorry for the wait" } },
  placeHold: { path: member, body: { currency: "points", points: 100, ttlSeconds: 600 } },
  captureHold: { path: { ...member, holdId: "hold-1" }, body: { points: 80 } },
  voidHold: { path: { ...member, holdId: "hold-1" }, body: {} },
  createTenant: {
    body: {
      tenantId: "good-days",
      name: "好日子",
      sandbox: true,
      timeZone: "Asia/Taipei",
      phoneRegion: "TW",
      currency: "TWD",
      locale: "zh-TW",
      regions: [region],
      owners: [owner],
      stores: [{ id: "taipei-xinyi", ...store }],
    },
  },
  publishTenant: { path: { tenantId: "good-days" } },
  putRegion: { path: { id: "north" }, body: { name: "北區" } },
  putOwner: { path: { id: "south-wind" }, body: { name: "南風加盟", kind: "franchisee" } },
  putStore: { path: { id: "taipei-xinyi" }, body: store },
  getStoreBoard: { path: { id: "taipei-xinyi" } },
  rebuildStoreBoard: { path: { id: "taipei-xinyi" } },
  createKey: { body: { name: "till 7", scopes: ["checkout", "members:read"], storeIds: ["taipei-xinyi"] } },
  revokeKey: { path: { keyId: "k3y0f7h3t1ll" } },
  putProgram: {
    body: {
      currencies: [{ id: "points", expiry: { type: "rolling", days: 365 } }],
      earning: [{ id: "base", currency: "points", per: 10000, points: 1 }],
      tender: { currency: "points", valuePerPoint: 100, maxShareOfOrder: 0.5 },
    },
  },
  getProgram: { query: "?version=1" },
  reconcile: { body: { limit: 50, heal: true } },
  redriveDeadLetters: { body: { limit: 100 } },
  ...loyaltyExamples,
  ...insightExamples,
};

/** A command that a reader can paste. */
export function curlExample(operation: Operation): string {
  const { id, method, path, scope, body, idempotency } = operation;
  const example = examples[id] ?? {};
  check(operation, example);
  const address = path.replaceAll(/\{(\w+)\}/g, (_, name: string) => example.path?.[name] ?? name);
  const lines = [`curl ${method === "GET" ? "" : `-X ${method} `}"$REGULARS_URL${address}${example.query ?? ""}"`];
  if (scope !== null)
    lines.push(`-H "Authorization: Bearer $${scope === "operator" ? "OPERATOR_KEY" : "REGULARS_KEY"}"`);
  if (idempotency === "key") lines.push(`-H "Idempotency-Key: $(uuidgen)"`);
  if (body !== undefined) lines.push(`-H "Content-Type: application/json"`, `-d '${JSON.stringify(example.body)}'`);
  return lines.join(" \\\n  ");
}

function check(operation: Operation, example: Example): void {
  for (const [name, shape] of Object.entries(operation.parameters ?? {})) {
    const read = shape.safeParse(example.path?.[name]);
    if (!read.success) throw new Error(`The example of ${operation.id} has no right ${name}: ${read.error.message}`);
  }
  const body = operation.body?.safeParse(example.body);
  const query = operation.query?.safeParse(Object.fromEntries(new URLSearchParams(example.query ?? "")));
  for (const read of [body, query]) {
    if (read?.success === false) throw new Error(`The example of ${operation.id} is wrong: ${read.error.message}`);
  }
}

for (const id of Object.keys(examples)) {
  if (!operations.some((operation) => operation.id === id))
    throw new Error(`There is an example of no operation: ${id}`);
}
