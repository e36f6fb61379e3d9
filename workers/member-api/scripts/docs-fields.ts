// Flattens a JSON Schema into the rows of a table: one field a row, named by its path.

/** The part of JSON Schema that our documents use. */
export interface Schema {
  readonly $ref?: string;
  readonly type?: string | readonly string[];
  readonly description?: string;
  readonly format?: string;
  readonly pattern?: string;
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly default?: unknown;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly required?: readonly string[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly additionalProperties?: boolean | Schema;
  readonly items?: Schema;
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
}

export interface FieldRow {
  readonly path: string;
  readonly type: string;
  readonly required: boolean;
  readonly limits: string;
}

export type Shapes = Readonly<Record<string, Schema>>;

/** Deeper fields are named by the JSON document; none of ours nests so far. */
const DEPTH_MAX = 6;

export function fieldRows(schema: Schema, shapes: Shapes, base = "", depth = 0): FieldRow[] {
  const resolved = resolve(schema, shapes);
  if (depth > DEPTH_MAX) return [];
  const rows: FieldRow[] = [];
  for (const [name, field] of Object.entries(resolved.properties ?? {})) {
    const path = base === "" ? name : `${base}.${name}`;
    const required = resolved.required?.includes(name) ?? false;
    rows.push({ path, required, type: typeOf(field, shapes), limits: limitsOf(resolve(field, shapes), shapes) });
    rows.push(...inner(field, shapes, path, depth));
  }
  return rows;
}

function inner(field: Schema, shapes: Shapes, path: string, depth: number): FieldRow[] {
  const schema = resolve(field, shapes);
  if (schema.items !== undefined) return inner(schema.items, shapes, `${path}[]`, depth + 1);
  const choices = schema.anyOf ?? schema.oneOf;
  if (choices !== undefined) {
    const rows = choices.flatMap((choice) => inner(choice, shapes, path, depth + 1));
    return rows.filter((row, index) => rows.findIndex(({ path: other }) => other === row.path) === index);
  }
  return schema.properties === undefined ? [] : fieldRows(schema, shapes, path, depth + 1);
}

function resolve(schema: Schema, shapes: Shapes): Schema {
  if (schema.$ref === undefined) return schema;
  const name = schema.$ref.slice(schema.$ref.lastIndexOf("/") + 1);
  const shape = shapes[name];
  if (shape === undefined) throw new Error(`No shape has the name ${name}`);
  return shape;
}

function typeOf(field: Schema, shapes: Shapes): string {
  const schema = resolve(field, shapes);
  const choices = schema.anyOf ?? schema.oneOf;
  if (choices !== undefined) return [...new Set(choices.map((choice) => typeOf(choice, shapes)))].join(" or ");
  if (schema.type === "array")
    return `list of ${schema.items === undefined ? "anything" : typeOf(schema.items, shapes)}`;
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  if (schema.format === "date-time") return "time";
  if (schema.format === "date") return "day";
  const kinds = typeof schema.type === "string" ? [schema.type] : (schema.type ?? ["anything"]);
  return kinds.map((kind) => (kind === "string" ? "text" : kind)).join(" or ");
}

function limitsOf(schema: Schema, shapes: Shapes): string {
  const { minimum, maximum, minLength, maxLength, minItems, maxItems, pattern } = schema;
  const parts: string[] = [];
  const values = schema.enum ?? (schema.anyOf ?? schema.oneOf)?.flatMap((choice) => resolve(choice, shapes).enum ?? []);
  if (values !== undefined && values.length > 0) parts.push(values.map((value) => `\`${String(value)}\``).join(", "));
  if (isLimit(minimum) || isLimit(maximum)) parts.push(range(minimum, maximum));
  if (minLength !== undefined || maxLength !== undefined) parts.push(`${range(minLength, maxLength)} characters`);
  if (minItems !== undefined || maxItems !== undefined) parts.push(`${range(minItems, maxItems)} items`);
  if (pattern !== undefined) parts.push(`\`${pattern}\``);
  if (schema.default !== undefined) parts.push(`default \`${JSON.stringify(schema.default)}\``);
  return parts.join("; ");
}

/** Every integer has the bounds of what a double holds exactly; only narrower ones tell something. */
const isLimit = (bound: number | undefined) => bound !== undefined && Math.abs(bound) < Number.MAX_SAFE_INTEGER;

function range(low: number | undefined, high: number | undefined): string {
  const shown = (bound: number | undefined) => (isLimit(bound) ? Number(bound).toLocaleString("en") : null);
  const [from, to] = [shown(low), shown(high)];
  if (from === null) return `≤ ${to}`;
  return to === null ? `≥ ${from}` : `${from} to ${to}`;
}
