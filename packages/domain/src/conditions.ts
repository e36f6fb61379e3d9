// Conditions of rules: CEL over a typed environment of order, lines, store, channel, member and now, with tight limits.
import { Environment } from "@marcbachmann/cel-js";

/** What a condition can see. All counts and amounts are integers; amounts are in minor units. */
export interface ConditionFacts {
  readonly order: {
    readonly gross: number;
    readonly net: number;
    readonly quantity: number;
    readonly lines: number;
    readonly currency: string;
  };
  readonly lines: readonly {
    readonly sku: string;
    readonly category: string;
    readonly quantity: number;
    readonly unitPrice: number;
    readonly discount: number;
    readonly net: number;
  }[];
  readonly store: { readonly id: string; readonly region: string; readonly owner: string };
  readonly channel: string;
  readonly member: {
    readonly homeStoreId: string;
    readonly source: string;
    readonly firstOrder: boolean;
    readonly ordersBefore: number;
    readonly birthdayMonth: boolean;
    readonly enrolledDays: number;
  };
  /** Local calendar time of the order in the tenant's zone; weekday 1 is Monday. */
  readonly now: {
    readonly year: number;
    readonly month: number;
    readonly day: number;
    readonly hour: number;
    readonly minute: number;
    readonly weekday: number;
  };
}

/** Facts in CEL's own numbers: made once an order, used by every condition. */
export interface ConditionInput {
  readonly facts: Record<string, unknown>;
}

/** A compiled condition; a run that fails (a key that is not there, a division by zero) is false. */
export type Condition = (input: ConditionInput) => boolean;

// A rule's condition is read by people: anything larger than this is a program in disguise.
const LIMITS = { maxAstNodes: 200, maxDepth: 24, maxListElements: 100, maxMapEntries: 20, maxCallArguments: 8 };

const environment = new Environment({ limits: LIMITS })
  .registerVariable({
    name: "order",
    schema: { gross: "int", net: "int", quantity: "int", lines: "int", currency: "string" },
  })
  .registerVariable("lines", "list<map<string, dyn>>")
  .registerVariable({ name: "store", schema: { id: "string", region: "string", owner: "string" } })
  .registerVariable("channel", "string")
  .registerVariable({
    name: "member",
    schema: {
      homeStoreId: "string",
      source: "string",
      firstOrder: "bool",
      ordersBefore: "int",
      birthdayMonth: "bool",
      enrolledDays: "int",
    },
  })
  .registerVariable({
    name: "now",
    schema: { year: "int", month: "int", day: "int", hour: "int", minute: "int", weekday: "int" },
  });

/** Null when the text is a condition that yields true or false; otherwise what is wrong with it, in one line. */
export function checkCondition(text: string): string | null {
  try {
    const checked = environment.check(text);
    if (!checked.valid) return firstLine(checked.error?.message ?? "not a valid expression");
    return checked.type === "bool" ? null : `yields ${checked.type}, not true or false`;
  } catch (error) {
    return firstLine(error instanceof Error ? error.message : String(error));
  }
}

/** Compiles a condition that `checkCondition` accepted. */
export function compileCondition(text: string): Condition {
  const evaluate = environment.parse(text);
  return (input) => {
    try {
      return evaluate(input.facts) === true;
    } catch {
      return false;
    }
  };
}

/** Prepares facts for conditions. */
export function conditionInput(facts: ConditionFacts): ConditionInput {
  return { facts: withIntegers(facts) };
}

const firstLine = (message: string) => message.split("\n", 1)[0] ?? message;

// CEL integers are BigInt in JavaScript; our facts hold no other numbers.
function withIntegers(value: object): Record<string, unknown> {
  return Object.fromEntries(Object.entries(value).map(([name, field]) => [name, integer(field)]));
}

function integer(value: unknown): unknown {
  if (typeof value === "number") return BigInt(value);
  if (Array.isArray(value)) return value.map(integer);
  return typeof value === "object" && value !== null ? withIntegers(value) : value;
}
