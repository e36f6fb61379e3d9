// The load generator, a process of its own: 32 connections, as fast as the subject answers or at a given rate.
import { HttpConnection, type Answer, type HttpRequest } from "./http-connection.ts";
import { bestQuoteBody, holdBody, orderBody, quoteBody, takeBackBody, type Operation } from "./requests.ts";

/** What the generator is asked to do. */
export interface Load {
  readonly url: string;
  readonly key: string;
  readonly operation: Operation;
  readonly memberIds: readonly string[];
  readonly connections: number;
  readonly seconds: number;
  /** Stops after so many operations, should it come first. */
  readonly operationsMax?: number;
  /** Each member once, in order, instead of in a mixed order. */
  readonly once?: boolean;
  /** Requests per second over all connections; as many as go when absent. */
  readonly perSecond?: number;
  /** Makes ids of orders and keys unique across runs. */
  readonly prefix: string;
  /** Gives back when each order was answered. */
  readonly wantsOrders?: boolean;
}

export interface LoadResult {
  /** Requests answered rightly within the time. */
  readonly requests: number;
  readonly seconds: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** Operations done by member, in the order given, with those that ended after the time. */
  readonly done: readonly number[];
  /** [order id, Unix ms of its answer] of each order. */
  readonly orders: readonly (readonly [string, number])[];
}

/** A hold is placed, then captured: two requests, both counted. */
const EXPECTED: Readonly<Record<string, number>> = {
  PUT: 200,
  GET: 200,
  POST: 201,
  "POST quote": 200,
  "POST capture": 200,
  "POST adjust": 201,
};

process.on("message", (load: Load) => {
  run(load).then(
    (result) => process.send?.({ result }),
    (error: unknown) => process.send?.({ error: error instanceof Error ? error.message : String(error) }),
  );
});

async function run(load: Load): Promise<LoadResult> {
  const headers = { authorization: `Bearer ${load.key}` };
  const open = Array.from({ length: load.connections }, () => HttpConnection.open(load.url, headers));
  const connections = await Promise.all(open);
  const tally = new Tally(load);
  try {
    await Promise.all(connections.map((connection) => work(connection, load, tally)));
  } finally {
    for (const connection of connections) connection.close();
  }
  return tally.result();
}

async function work(connection: HttpConnection, load: Load, tally: Tally): Promise<void> {
  for (;;) {
    const place = tally.next();
    if (place === null) return;
    await tally.pace();
    const memberId = load.memberIds[place.member] ?? "";
    await operate(connection, { load, tally, memberId, id: `${load.prefix}-${place.number}` });
    tally.finish(place.member);
  }
}

interface Turn {
  readonly load: Load;
  readonly tally: Tally;
  readonly memberId: string;
  readonly id: string;
}

async function operate(connection: HttpConnection, { load, tally, memberId, id }: Turn): Promise<void> {
  const timed = async (request: HttpRequest, kind = request.method) => {
    const since = performance.now();
    const answer = await connection.send(request);
    if (answer.status !== EXPECTED[kind]) throw new Error(`${request.method} ${request.path}: ${describe(answer)}`);
    tally.count(performance.now() - since);
    return answer;
  };
  switch (load.operation) {
    case "earn":
    case "redeem": {
      const body = orderBody(memberId, tally.placedAt, load.operation === "redeem");
      await timed({ method: "PUT", path: `/v1/orders/${id}`, body });
      if (load.wantsOrders === true) tally.orders.push([id, Date.now()]);
      return;
    }
    case "turnover": {
      await timed({ method: "PUT", path: `/v1/orders/${id}`, body: orderBody(memberId, tally.placedAt, false) });
      const headers = `idempotency-key: ${id}\r\n`;
      const path = `/v1/members/${memberId}/adjustments`;
      await timed({ method: "POST", path, body: takeBackBody, headers }, "POST adjust");
      return;
    }
    case "quote":
      await timed({ method: "POST", path: "/v1/checkout/quote", body: quoteBody(memberId) }, "POST quote");
      return;
    case "bestQuote":
      await timed({ method: "POST", path: "/v1/checkout/quote", body: bestQuoteBody(memberId) }, "POST quote");
      return;
    case "balance":
      await timed({ method: "GET", path: `/v1/members/${memberId}/balances`, body: null });
      return;
    case "hold": {
      const path = `/v1/members/${memberId}/holds`;
      const headers = `idempotency-key: ${id}\r\n`;
      const { body } = await timed({ method: "POST", path, body: holdBody, headers });
      const [, holdId] = /"id":"(hld_[^"]+)"/.exec(body) ?? [];
      if (holdId === undefined) throw new Error(`POST ${path}: no hold in ${body.slice(0, 300)}`);
      const capture = {
        method: "POST",
        path: `${path}/${holdId}/capture`,
        body: "{}",
        headers: `idempotency-key: ${id}-c\r\n`,
      };
      await timed(capture, "POST capture");
    }
  }
}

function describe({ status, body }: Answer): string {
  return `answered ${status} ${body.slice(0, 500)}`;
}

/** Counts what was answered, and decides who is next and when it ends. */
class Tally {
  readonly placedAt = new Date().toISOString();
  readonly orders: [string, number][] = [];
  readonly #load: Load;
  readonly #start = performance.now();
  readonly #end: number;
  readonly #done: number[];
  readonly #latencies: number[] = [];
  #number = 0;

  constructor(load: Load) {
    this.#load = load;
    this.#end = this.#start + load.seconds * 1000;
    this.#done = load.memberIds.map(() => 0);
  }

  next(): { member: number; number: number } | null {
    const { memberIds, once = false, operationsMax = Infinity } = this.#load;
    const number = this.#number;
    if (performance.now() >= this.#end || number >= (once ? memberIds.length : operationsMax)) return null;
    this.#number += 1;
    // A walk by a step without a common divisor visits all members before any of them again.
    const member = once ? number : (number * 7919) % memberIds.length;
    return { member, number };
  }

  async pace(): Promise<void> {
    const { perSecond } = this.#load;
    if (perSecond === undefined) return;
    const due = this.#start + (this.#number / perSecond) * 1000;
    const wait = due - performance.now();
    if (wait > 0) await new Promise((resolve) => setTimeout(resolve, wait));
  }

  count(milliseconds: number): void {
    if (performance.now() < this.#end) this.#latencies.push(milliseconds);
  }

  finish(member: number): void {
    this.#done[member] = (this.#done[member] ?? 0) + 1;
  }

  result(): LoadResult {
    const sorted = this.#latencies.sort((one, other) => one - other);
    const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? NaN;
    const seconds = Math.min(performance.now(), this.#end) - this.#start;
    return {
      requests: sorted.length,
      seconds: seconds / 1000,
      p50Ms: at(0.5),
      p99Ms: at(0.99),
      done: this.#done,
      orders: this.orders,
    };
  }
}
