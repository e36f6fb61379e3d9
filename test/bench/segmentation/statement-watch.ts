// Sees every statement that the Worker sends: the gateway runs in this process and is the only one to send them as it does.
import pg from "pg";

export interface SeenStatement {
  readonly text: string;
  readonly values: readonly unknown[];
  readonly tookMs: number;
}

/** Calls `onStatement` when one has been answered; returns how to stop that. */
export function watchStatements(onStatement: (statement: SeenStatement) => void): () => void {
  // The prototype has it by the package's own types; it is put back at the end.
  const prototype = pg.Client.prototype as { query: (...given: unknown[]) => unknown };
  const query = prototype.query;
  prototype.query = function watched(this: unknown, ...given: unknown[]) {
    const since = performance.now();
    const result = query.apply(this, given);
    const [statement] = given;
    if (!isOfGateway(statement) || !(result instanceof Promise)) return result;
    const { text, values = [] } = statement;
    const tell = () => onStatement({ text, values, tookMs: performance.now() - since });
    result.then(tell, tell);
    return result;
  };
  return () => void (prototype.query = query);
}

/** Only the gateway asks for the extended protocol by name. */
function isOfGateway(statement: unknown): statement is { text: string; values?: readonly unknown[] } {
  return typeof statement === "object" && statement !== null && "queryMode" in statement && "text" in statement;
}
