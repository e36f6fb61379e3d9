// Speaks the HTTP protocol of Neon's driver to a plain PostgreSQL, so that Workers run the driver of production.
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import pg from "pg";

/** A batch of the projector stays under 1 MB; Neon's own limit is 64 MB. */
const BODY_BYTES_MAX = 16 * 1024 * 1024;
const STATEMENT_MILLISECONDS = 30_000;
/** Of PostgreSQL's 100 connections; the rest is for tests, people and the migrations. */
const CONNECTIONS_MAX = 40;
const ERROR_FIELDS = [
  "severity",
  "code",
  "detail",
  "hint",
  "position",
  "internalPosition",
  "internalQuery",
  "where",
  "schema",
  "table",
  "column",
  "dataType",
  "constraint",
  "file",
  "line",
  "routine",
] as const;
/** Shut down, starting up, too many connections, connection lost: nothing was wrong with the statement itself. */
const UNAVAILABLE = /^(57P0|53|08)/;
const ISOLATION_LEVELS: Readonly<Record<string, string>> = {
  ReadUncommitted: "read uncommitted",
  ReadCommitted: "read committed",
  RepeatableRead: "repeatable read",
  Serializable: "serializable",
};

export interface Gateway {
  readonly endpoint: string;
  close(): Promise<void>;
}

interface Query {
  readonly query: string;
  readonly params?: readonly unknown[];
}

/** Listens on `port` of this machine only. */
export async function startGateway(port: number): Promise<Gateway> {
  const pools = new Map<string, pg.Pool>();
  const server = createServer((request, response) => {
    answer(request, pools).then(
      (reply) => send(response, 200, reply),
      (error: unknown) => send(response, ...refusal(error)),
    );
  });
  server.keepAliveTimeout = 60_000;
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen({ port, host: "127.0.0.1" }, resolve);
  });
  // A TCP server that listens has an address of this kind.
  const { port: chosen } = server.address() as AddressInfo;
  return {
    endpoint: `http://127.0.0.1:${chosen}/sql`,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await Promise.allSettled([...pools.values()].map((pool) => pool.end()));
    },
  };
}

class Refusal extends Error {
  readonly status: number;
  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

async function answer(request: IncomingMessage, pools: Map<string, pg.Pool>): Promise<object> {
  if (request.method !== "POST" || request.url !== "/sql") throw new Refusal(404, "Only POST /sql is answered here.");
  const connectionString = request.headers["neon-connection-string"];
  if (typeof connectionString !== "string") throw new Refusal(400, "The header neon-connection-string is missing.");
  // The one caller is Neon's driver, which makes this body from a checked call; anything else fails in PostgreSQL.
  const body = JSON.parse(await readBody(request)) as Query | { queries: Query[] };
  const client = await connect(pools, connectionString);
  let failure: Error | undefined;
  const onError = (error: Error) => (failure = error);
  client.on("error", onError);
  try {
    if (!("queries" in body)) return await execute(client, body);
    return { results: await transaction(client, body.queries, request) };
  } catch (error) {
    failure ??= isUnavailable(error) ? asError(error) : undefined;
    throw error;
  } finally {
    client.off("error", onError);
    client.release(failure);
  }
}

async function connect(pools: Map<string, pg.Pool>, connectionString: string): Promise<pg.PoolClient> {
  let pool = pools.get(connectionString);
  if (pool === undefined) {
    pool = new pg.Pool({ connectionString, max: CONNECTIONS_MAX, statement_timeout: STATEMENT_MILLISECONDS });
    // An idle connection that ends (PostgreSQL was stopped) leaves the pool by itself.
    pool.on("error", () => {});
    pools.set(connectionString, pool);
  }
  try {
    return await pool.connect();
  } catch (error) {
    throw new Refusal(503, `PostgreSQL cannot be reached: ${asError(error).message}`);
  }
}

async function transaction(client: pg.PoolClient, queries: readonly Query[], { headers }: IncomingMessage) {
  const isolation = ISOLATION_LEVELS[String(headers["neon-batch-isolation-level"])];
  const modes = [
    isolation === undefined ? "" : `isolation level ${isolation}`,
    headers["neon-batch-read-only"] === "true" ? "read only" : "",
    headers["neon-batch-deferrable"] === "true" ? "deferrable" : "",
  ];
  const results: object[] = [];
  await client.query(`begin ${modes.filter(Boolean).join(", ")}`);
  try {
    for (const query of queries) results.push(await execute(client, query));
    await client.query("commit");
  } catch (error) {
    if (!isUnavailable(error)) await client.query("rollback");
    throw error;
  }
  return results;
}

/** Values stay the text that PostgreSQL sent: the driver gives them their types. */
async function execute(client: pg.PoolClient, { query, params }: Query): Promise<object> {
  const config: pg.QueryArrayConfig & { queryMode: "extended" } = {
    text: query,
    values: [...(params ?? [])],
    rowMode: "array",
    // As Neon does: several statements in one text are refused even without parameters.
    queryMode: "extended",
    types: { getTypeParser: () => (value: string) => value },
  };
  const { fields, rows, rowCount, command } = await client.query(config);
  return { fields, rows, rowCount, command, rowAsArray: true };
}

async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request) {
    // Without an encoding a request gives buffers.
    const buffer = chunk as Buffer;
    bytes += buffer.length;
    if (bytes > BODY_BYTES_MAX) throw new Refusal(413, `A body has at most ${BODY_BYTES_MAX} bytes.`);
    chunks.push(buffer);
  }
  return Buffer.concat(chunks).toString("utf8");
}

/** The driver makes a PostgreSQL error of status 400 only, and throws on every other one. */
function refusal(error: unknown): [status: number, body: object] {
  if (error instanceof Refusal) return [error.status, { message: error.message }];
  if (!(error instanceof pg.DatabaseError))
    return [isUnavailable(error) ? 503 : 500, { message: asError(error).message }];
  const fields = Object.fromEntries(ERROR_FIELDS.map((name) => [name, error[name]]));
  return [isUnavailable(error) ? 503 : 400, { message: error.message, ...fields }];
}

function isUnavailable(error: unknown): boolean {
  if (error instanceof pg.DatabaseError) return UNAVAILABLE.test(error.code ?? "");
  const { code, message } = asError(error) as NodeJS.ErrnoException;
  return code !== undefined || /connection|terminated/i.test(message);
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}

function send(response: ServerResponse, status: number, body: object) {
  if (response.destroyed) return;
  // What is left of a body that was refused half-read would be taken for the next request.
  if (status === 413) response.setHeader("connection", "close");
  response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
}
