// What every operation of `/v1` takes and gives, as types.
import type { z } from "zod";
import type { memberOperations } from "./operations-member.ts";

type Known = (typeof memberOperations)[number];
type Named<Id extends Known["id"]> = Extract<Known, { readonly id: Id }>;

type PathNames<Path extends string> = Path extends `${string}{${infer Name}}${infer Rest}`
  ? Name | PathNames<Rest>
  : never;

/** Parameters of the path, the query, and the body; what an operation does not take is not there. */
export type OperationAsk<Id extends OperationId> = (PathNames<Named<Id>["path"]> extends never
  ? unknown
  : { readonly path: Readonly<Record<PathNames<Named<Id>["path"]>, string>> }) &
  (Named<Id> extends { readonly query: infer Query extends z.ZodType }
    ? { readonly query?: Partial<z.output<Query>> }
    : unknown) &
  (Named<Id> extends { readonly body: infer Body extends z.ZodType } ? { readonly body: z.input<Body> } : unknown);

export type OperationAnswer<Id extends OperationId> = z.output<Named<Id>["answer"]["schema"]>;

export type OperationId = Known["id"];
