// Conditions of rules: CEL over a typed environment of order, lines, store, channel, member, event and now, with tight limits.
import { Environment } from "@marcbachmann/cel-js";
import { iteratesWithin, namesIn } from "./condition-names.ts";
import { patternFault } from "./condition-patterns.ts";

/** What a condition can see. All counts and amounts are integers; amounts are in minor units. */
export interface ConditionFacts {
  readonly order: {
    readonly gross: number;
    /** Gross less the lines' discounts. */
    readonly net: number;
    readonly quantity: number;
    readonly lines: number;
    readonly currency: string;
    /** What vouchers take off, what points pay, and what is left of net to be paid. */
    readonly vouchers: number;
    readonly points: number;
    readonly paid: number;
  };
  readonly lines: readonly {
    readonly sku: string;
    readonly category: string;
    readonly kind: string;
    readonly quantity: number;
    readonly unitPrice: number;
    readonly discount: number;
    readonly vouchered: number;
    readonly tax: number;
    readonly net: number;
  }[];
  readonly store: { readonly id: string; readonly region: string; readonly owner: string };
  readonly region: string;
  readonly channel: string;
  readonly member: {
    readonly homeStoreId: string;
    readonly source: string;
    readonly firstOrder: boolean;
    readonly ordersBefore: number;
    readonly birthdayMonth: boolean;
    readonly birthday: boolean;
    readonly enrolledDays: number;
    /** Empty when the member has none. */
    readonly tier: string;
    readonly tags: readonly string[];
    readonly segments: readonly string[];
    /** Local days with a paid order, and net of all paid orders, before this one. */
    readonly visits: number;
    readonly spend: number;
    /** What segmentation knows: stage of life and spend band, empty when unknown, and whether the member may leave. */
    readonly stage: string;
    readonly band: string;
    readonly churnRisk: boolean;
  };
  /** `order` with no data, or the event beside orders that is decided. */
  readonly event: { readonly type: string; readonly data: Readonly<Record<string, string | number | boolean>> };
  /** Local calendar time of the order in the tenant's zone; weekday 1 is Monday; `date` as "2026-03-08". */
  readonly now: {
    readonly year: number;
    readonly month: number;
    readonly day: number;
    readonly hour: number;
    readonly minute: number;
    readonly weekday: number;
    readonly date: string;
  };
}

/** Facts in CEL's own numbers: made once an order, used by every condition, each part when a condition first asks for it. */
export interface ConditionInput {
  readonly facts: Record<string, unknown>;
}

/** A compiled condition; a run that fails (a key that is not there, a division by zero) is false. */
export interface Condition {
  (input: ConditionInput): boolean;
}

/** With the names of facts that it uses ("order.net", "member.tier"), as they first appear. */
export interface CompiledCondition extends Condition {
  readonly names: readonly string[];
}

// A rule's condition is read by people: anything larger than this is a program in disguise.
const LIMITS = { maxAstNodes: 200, maxDepth: 24, maxListElements: 100, maxMapEntries: 20, maxCallArguments: 8 };

// Facts as instances of classes that the environment knows: plain objects would be converted again for every condition.
class CelFacts {
  take(source: object): this {
    for (const [name, field] of Object.entries(source)) Reflect.set(this, name, inCel(field));
    return this;
  }
}
class OrderFacts extends CelFacts {}
class StoreFacts extends CelFacts {}
class PersonFacts extends CelFacts {}
class EventFacts extends CelFacts {}
class NowFacts extends CelFacts {}

const environment = new Environment({ limits: LIMITS })
  .registerType("Order", {
    ctor: OrderFacts,
    fields: {
      gross: "int",
      net: "int",
      quantity: "int",
      lines: "int",
      currency: "string",
      vouchers: "int",
      points: "int",
      paid: "int",
    },
  })
  .registerType("Store", { ctor: StoreFacts, fields: { id: "string", region: "string", owner: "string" } })
  .registerType("Member", {
    ctor: PersonFacts,
    fields: {
      homeStoreId: "string",
      source: "string",
      firstOrder: "bool",
      ordersBefore: "int",
      birthdayMonth: "bool",
      birthday: "bool",
      enrolledDays: "int",
      tier: "string",
      tags: "list<string>",
      segments: "list<string>",
      visits: "int",
      spend: "int",
      stage: "string",
      band: "string",
      churnRisk: "bool",
    },
  })
  .registerType("Event", { ctor: EventFacts, fields: { type: "string", data: "map<string, dyn>" } })
  .registerType("Now", {
    ctor: NowFacts,
    fields: { year: "int", month: "int", day: "int", hour: "int", minute: "int", weekday: "int", date: "string" },
  })
  .registerVariable("order", "Order")
  .registerVariable("lines", "list<map<string, dyn>>")
  .registerVariable("store", "Store")
  .registerVariable("region", "string")
  .registerVariable("channel", "string")
  .registerVariable("member", "Member")
  .registerVariable("event", "Event")
  .registerVariable("now", "Now");

/** Null when the text is a condition that yields true or false; otherwise what is wrong with it, in one line: a key of the catalogs, or the words of the library. */
export function checkCondition(text: string): string | null {
  try {
    const checked = environment.check(text);
    if (!checked.valid) return firstLine(checked.error?.message ?? "not a valid expression");
    if (checked.type !== "bool") return `yields ${checked.type}, not true or false`;
    const { ast } = environment.parse(text);
    return iteratesWithin(ast) ? "condition_nested_lists" : patternFault(ast);
  } catch (error) {
    return firstLine(error instanceof Error ? error.message : String(error));
  }
}

/** Compiles a condition that `checkCondition` accepted. */
export function compileCondition(text: string): CompiledCondition {
  const evaluate = environment.parse(text);
  const holds: Condition = ({ facts }) => {
    try {
      return evaluate(facts) === true;
    } catch {
      return false;
    }
  };
  return Object.assign(holds, { names: namesIn(evaluate.ast) });
}

/** Prepares facts for conditions. */
export function conditionInput(facts: ConditionFacts): ConditionInput {
  return { facts: new LazyFacts(facts) as unknown as Record<string, unknown> };
}

/** Facts that are made when the first condition asks for one: many programs have none. */
export function lateInput(make: () => ConditionFacts): ConditionInput {
  let made: ConditionInput | null = null;
  return {
    get facts() {
      return (made ??= conditionInput(make())).facts;
    },
  };
}

// CEL reads a fact by its name and only then: what no condition asks for is never turned into its numbers.
class LazyFacts {
  readonly #source: ConditionFacts;
  readonly #known: Record<string, unknown> = {};

  constructor(source: ConditionFacts) {
    this.#source = source;
  }

  get order() {
    return (this.#known["order"] ??= new OrderFacts().take(this.#source.order));
  }

  get lines() {
    return (this.#known["lines"] ??= inCel(this.#source.lines));
  }

  get store() {
    return (this.#known["store"] ??= new StoreFacts().take(this.#source.store));
  }

  get region() {
    return this.#source.region;
  }

  get channel() {
    return this.#source.channel;
  }

  get member() {
    return (this.#known["member"] ??= new PersonFacts().take(this.#source.member));
  }

  get event() {
    return (this.#known["event"] ??= new EventFacts().take(this.#source.event));
  }

  get now() {
    return (this.#known["now"] ??= new NowFacts().take(this.#source.now));
  }
}

const firstLine = (message: string) => message.split("\n", 1)[0] ?? message;

// CEL integers are BigInt in JavaScript; only data of events has other numbers.
function inCel(value: unknown): unknown {
  if (typeof value === "number") return Number.isInteger(value) ? BigInt(value) : value;
  if (Array.isArray(value)) return value.map(inCel);
  if (typeof value !== "object" || value === null) return value;
  const fields: Record<string, unknown> = {};
  for (const [name, field] of Object.entries(value)) fields[name] = inCel(field);
  return fields;
}
