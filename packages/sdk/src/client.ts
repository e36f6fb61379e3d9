// Owns the client of Regulars: one method for each call of the public surface.
import type { ChangeMember, CreateMember, Member, MemberReference } from "@regulars/contracts/members";
import type {
  OrderAnswer,
  PutOrder,
  Quote,
  QuoteRequest,
  RefundAnswer,
  RefundRequest,
} from "@regulars/contracts/orders";
import type {
  AdjustAnswer,
  AdjustRequest,
  Balances,
  CaptureRequest,
  HoldAnswer,
  HoldRequest,
  Statement,
} from "@regulars/contracts/points";
import type { OperationAnswer, OperationAsk, OperationId } from "@regulars/contracts/operation-shapes";
import type { ProgramPublished } from "@regulars/contracts/manage";
import type { ProgramInput } from "@regulars/contracts/program";
import { callOperation } from "./operation-call.ts";
import type { Outcome } from "./outcome.ts";
import { type Call, type CallOptions, type Connection, type Fetch, send } from "./send.ts";

export interface ClientOptions {
  /** Where Regulars answers, without a path: `https://api.example.com`. */
  readonly url: string;
  /** A secret key (`rk_live_…`) or a member token. */
  readonly key: string;
  /** Replaces the global `fetch`. */
  readonly fetch?: Fetch;
  /** Language of texts in answers: `zh-TW`, `zh-CN` or `en`. */
  readonly language?: string;
  /** Time limit of one attempt; 10 seconds when left out. */
  readonly timeoutMs?: number;
  /** Attempts after a failed first one; 4 when left out. */
  readonly retries?: number;
  /** When every call happens, ISO 8601; only sandbox tenants accept it. */
  readonly testTime?: string;
}

export interface PageOptions extends CallOptions {
  /** Transactions on a page, at most 100. */
  readonly limit?: number;
  /** `nextCursor` of the page before. */
  readonly cursor?: string;
}

/** Exactly one way in which a member is recognised. */
export type Identified = Omit<MemberReference, "id">;

export interface Erased {
  readonly id: string;
  readonly erasedAt: string;
  readonly sequence: number;
}

/** A version of the program with its document. */
export interface PublishedProgram extends ProgramPublished {
  readonly program: ProgramInput;
}

export type Client = ReturnType<typeof createClient>;

/**
 * Makes a client. It keeps no state besides its options, so one may serve every request of a process.
 * No method throws for what can be expected: a refusal, a network that is down and a time limit are values.
 */
export function createClient(options: ClientOptions) {
  const connection = connect(options);
  return {
    members: members(connection),
    checkout: checkout(connection),
    orders: orders(connection),
    program: program(connection),
    /** Any operation of `/v1` by its name in the OpenAPI document: `call("buyReward", { path, body })`. */
    call: <Id extends OperationId>(
      id: Id,
      ask: OperationAsk<Id>,
      more?: CallOptions,
    ): Promise<Outcome<OperationAnswer<Id>>> => callOperation(connection, id, ask, more),
  };
}

function members(connection: Connection) {
  const at = (id: string) => `/v1/members/${encodeURIComponent(id)}`;
  const statement = (id: string, page: PageOptions = {}): Promise<Outcome<Statement>> => {
    const { limit, cursor, ...options } = page;
    const query = { limit: limit?.toString(), cursor };
    return send<Statement>(connection, get(at(id) + "/statement" + queryOf(query)), options);
  };
  return {
    /** Enrols a person under one or more identities. Refused with `identity_taken` when one is another member's. */
    create: (member: CreateMember, options?: CallOptions): Promise<Outcome<Member>> =>
      send<Member>(connection, write("POST", "/v1/members", member), options),

    /** Reads a member. */
    get: (id: string, options?: CallOptions): Promise<Outcome<Member>> =>
      send<Member>(connection, get(at(id)), options),

    /** Changes what is given and leaves the rest; a profile field set to null is removed. */
    update: (id: string, change: ChangeMember, options?: CallOptions): Promise<Outcome<Member>> =>
      send<Member>(connection, write("PATCH", at(id), change), options),

    /** Erases the person: profile and identities go, the ledger stays under the pseudonymous id. */
    erase: (id: string, options?: CallOptions): Promise<Outcome<Erased>> =>
      send<Erased>(connection, { method: "DELETE", path: at(id), keyed: "given" }, options),

    /** Finds a member by exactly one identity; `member_not_found` when nobody has it. */
    lookup: (identity: Identified, options?: CallOptions): Promise<Outcome<Member>> =>
      send<Member>(connection, get("/v1/members/lookup" + queryOf(identity)), options),

    /** Reads the points of every currency: available, pending, held, and what expires next. */
    balances: (id: string, options?: CallOptions): Promise<Outcome<Balances>> =>
      send<Balances>(connection, get(at(id) + "/balances"), options),

    /** Reads one page of the member's transactions, newest first. */
    statement,

    /** Walks the whole statement, page by page; a refusal is the last thing it yields. */
    async *statementPages(id: string, page: PageOptions = {}): AsyncGenerator<Outcome<Statement>, void> {
      for (let cursor = page.cursor; ;) {
        const outcome = await statement(id, { ...page, ...(cursor === undefined ? {} : { cursor }) });
        yield outcome;
        if (!outcome.ok || outcome.value.nextCursor === null) return;
        cursor = outcome.value.nextCursor;
      }
    },

    /** Gives points (positive) or takes them (negative) by hand, with a reason that the statement shows. */
    adjust: (id: string, adjustment: AdjustRequest, options?: CallOptions): Promise<Outcome<AdjustAnswer>> =>
      send<AdjustAnswer>(connection, write("POST", at(id) + "/adjustments", adjustment), options),

    holds: holds(connection, at),
  };
}

function holds(connection: Connection, at: (memberId: string) => string) {
  const hold = (memberId: string, holdId: string) => `${at(memberId)}/holds/${encodeURIComponent(holdId)}`;
  return {
    /** Sets points aside until they are captured, voided, or the time is over. */
    place: (memberId: string, request: HoldRequest, options?: CallOptions): Promise<Outcome<HoldAnswer>> =>
      send<HoldAnswer>(connection, write("POST", at(memberId) + "/holds", request), options),

    /** Spends held points: all of them, or fewer, which releases the rest. */
    capture: (
      memberId: string,
      holdId: string,
      request: CaptureRequest = {},
      options?: CallOptions,
    ): Promise<Outcome<HoldAnswer>> =>
      send<HoldAnswer>(connection, write("POST", hold(memberId, holdId) + "/capture", request), options),

    /** Releases held points. */
    void: (memberId: string, holdId: string, options?: CallOptions): Promise<Outcome<HoldAnswer>> =>
      send<HoldAnswer>(connection, write("POST", hold(memberId, holdId) + "/void", {}), options),
  };
}

function checkout(connection: Connection) {
  return {
    /** What this basket would earn and what may be spent on it. Writes nothing. */
    quote: (basket: QuoteRequest, options?: CallOptions): Promise<Outcome<Quote>> =>
      send<Quote>(connection, { method: "POST", path: "/v1/checkout/quote", body: basket, keyed: "no" }, options),
  };
}

function orders(connection: Connection) {
  const at = (orderId: string) => `/v1/orders/${encodeURIComponent(orderId)}`;
  return {
    /** States what became of an order: authorized, paid or cancelled. Safe to repeat: the order id names the write. */
    put: (orderId: string, order: PutOrder, options?: CallOptions): Promise<Outcome<OrderAnswer>> =>
      send<OrderAnswer>(connection, { method: "PUT", path: at(orderId), body: order, keyed: "given" }, options),

    /** Reads an order of this member. */
    get: (
      orderId: string,
      query: { readonly memberId: string },
      options?: CallOptions,
    ): Promise<Outcome<OrderAnswer>> => send<OrderAnswer>(connection, get(at(orderId) + queryOf(query)), options),

    /** Takes lines back, or all that is left: earned points go, spent points return. `refundId` names the write. */
    refund: (orderId: string, refund: RefundRequest, options?: CallOptions): Promise<Outcome<RefundAnswer>> =>
      send<RefundAnswer>(connection, write("POST", at(orderId) + "/refunds", refund), options),
  };
}

function program(connection: Connection) {
  const path = "/manage/v1/program";
  return {
    /** Publishes the next version of the program; needs a key with scope `manage`. */
    put: (document: ProgramInput, options?: CallOptions): Promise<Outcome<ProgramPublished>> =>
      send<ProgramPublished>(connection, { method: "PUT", path, body: document, keyed: "given" }, options),

    /** Reads a published version, or the latest one; needs a key with scope `manage`. */
    get: (query: { readonly version?: number } = {}, options?: CallOptions): Promise<Outcome<PublishedProgram>> =>
      send<PublishedProgram>(connection, get(path + queryOf({ version: query.version?.toString() })), options),
  };
}

function connect(options: ClientOptions): Connection {
  const { url, key, fetch = globalThis.fetch, language, timeoutMs, retries, testTime } = options;
  return {
    url: url.replace(/\/+$/, ""),
    key,
    // The global fetch of browsers and Workers refuses to be called as another object's method.
    fetch: (address, init) => fetch(address, init),
    defaults: {
      ...(language === undefined ? {} : { language }),
      ...(timeoutMs === undefined ? {} : { timeoutMs }),
      ...(retries === undefined ? {} : { retries }),
      ...(testTime === undefined ? {} : { testTime }),
    },
  };
}

function get(path: string): Call {
  return { method: "GET", path, keyed: "no" };
}

function write(method: "POST" | "PATCH", path: string, body: object): Call {
  return { method, path, keyed: "always", body };
}

function queryOf(parameters: Readonly<Record<string, string | undefined>>): string {
  const given = Object.entries(parameters).filter((pair): pair is [string, string] => pair[1] !== undefined);
  return given.length === 0 ? "" : `?${new URLSearchParams(given)}`;
}
