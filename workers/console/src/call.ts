// What a handler of the management API is given, and what it gives back.
import type { Refusal } from "@regulars/contracts/refusals";
import type { Read } from "@regulars/edge/body";
import type { Database } from "@regulars/schema/connection";
import type { tenants } from "@regulars/schema/tenants";

export type TenantRow = typeof tenants.$inferSelect;

/** One admitted request. `tenant` is the credential's own, and null only for operations of the operator. */
export interface Call {
  readonly request: Request;
  readonly env: Env;
  readonly database: Database;
  readonly parameters: Readonly<Record<string, string>>;
  readonly tenant: TenantRow | null;
  /** Unix ms: the clock, or the caller's in a sandbox. */
  readonly now: number;
}

export type Handler = (call: Call) => Promise<Read<unknown>>;

export const done = <Value>(value: Value): Read<Value> => ({ ok: true, value });

export const refused = (
  code: Refusal["code"],
  more: Omit<Refusal, "code"> = {},
): { ok: false; refusals: [Refusal] } => ({
  ok: false,
  refusals: [{ code, ...more }],
});

/** The tenant of a call whose operation has the scope `manage`. */
export function tenantOf({ tenant }: Call): TenantRow {
  if (tenant === null) throw new Error("an operation of the operator asked for a tenant");
  return tenant;
}

/** A parameter that the operation's path has and the router has checked. */
export function parameterOf({ parameters }: Call, name: string): string {
  const value = parameters[name];
  if (value === undefined) throw new Error(`the path has no parameter ${name}`);
  return value;
}
