// Calls any operation of `/v1` by its name, typed by the contract's own table.
import type { OperationAnswer, OperationAsk, OperationId } from "@regulars/contracts/operation-shapes";
import type { Outcome } from "./outcome.ts";
import { ROUTES } from "./routes.gen.ts";
import { type CallOptions, type Connection, send } from "./send.ts";

/** The call of an operation: path parameters are encoded, a query leaves out what is undefined. */
export function callOperation<Id extends OperationId>(
  connection: Connection,
  id: Id,
  ask: OperationAsk<Id>,
  options?: CallOptions,
): Promise<Outcome<OperationAnswer<Id>>> {
  const [method, address, keyed] = ROUTES[id];
  // Which of the three an operation takes is what OperationAsk says; the others are not there.
  const {
    path = {},
    query = {},
    body,
  } = ask as {
    path?: Readonly<Record<string, string>>;
    query?: Readonly<Record<string, unknown>>;
    body?: unknown;
  };
  const target = address.replaceAll(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(path[name] ?? ""));
  const given = Object.entries(query).filter(([, value]) => value !== undefined);
  const search = new URLSearchParams(given.map(([name, value]): [string, string] => [name, String(value)])).toString();
  const call = { method, path: search === "" ? target : `${target}?${search}`, keyed };
  return send<OperationAnswer<Id>>(connection, body === undefined ? call : { ...call, body }, options);
}
