// Tells a database that is down, and a statement that took too long, from a statement that is wrong.
import type { RefusalCode } from "@regulars/contracts/refusals";
import type { Asked } from "@regulars/contracts/segmentation-rpc";

const STATEMENT_CANCELLED = "57014";
/** Connection lost, no room, shutting down. */
const UNAVAILABLE = /^(08|53|57)/;

/** What is asked of the database: refused when that cannot answer now, or not in time; every other error is a bug and stays one. */
export async function answered<Value>(
  { whenSlow }: { readonly whenSlow: RefusalCode },
  ask: () => Promise<Asked<Value>>,
): Promise<Asked<Value>> {
  try {
    return await ask();
  } catch (error) {
    if (isTooSlow(error)) return { ok: false, refusal: { code: whenSlow } };
    const code = postgresCode(error);
    const isDown = code === null ? isOfDriver(error) : UNAVAILABLE.test(code);
    if (!isDown) throw error;
    return { ok: false, refusal: { code: "unavailable" } };
  }
}

export function isTooSlow(error: unknown): boolean {
  const isAborted = causesOf(error).some(({ name }) => name === "TimeoutError" || name === "AbortError");
  return isAborted || postgresCode(error) === STATEMENT_CANCELLED;
}

/** PostgreSQL's own code of an error; null when it never answered. */
export function postgresCode(error: unknown): string | null {
  const found = causesOf(error).find(
    (cause) => "code" in cause && typeof cause.code === "string" && cause.code.length === 5,
  );
  // It was found by having a text as its code.
  return found === undefined ? null : (found as Error & { code: string }).code;
}

const isOfDriver = (error: unknown) => causesOf(error).some(({ name }) => name === "NeonDbError");

function causesOf(error: unknown): Error[] {
  const causes: Error[] = [];
  for (let cause = error; cause instanceof Error;) {
    causes.push(cause);
    // Neon's driver keeps what broke a connection under a name of its own.
    cause = "sourceError" in cause ? cause.sourceError : cause.cause;
  }
  return causes;
}
