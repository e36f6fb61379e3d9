// Makes the published package: plain JavaScript, and declarations in which the contracts are written out, so that a
// user installs neither zod nor @regulars/contracts.
import { execFileSync } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { programPublished } from "@regulars/contracts/manage";
import * as members from "@regulars/contracts/members";
import type { Operation } from "@regulars/contracts/operations";
import { memberOperations } from "@regulars/contracts/operations-member";
import * as orders from "@regulars/contracts/orders";
import * as points from "@regulars/contracts/points";
import { program } from "@regulars/contracts/program";
import { REFUSALS } from "@regulars/contracts/refusals";

interface Schema {
  toJSONSchema(options: { io: "input" | "output" }): unknown;
}

/** Every contract type that the client's declarations may name. */
const contracts: Readonly<Record<string, { schema: Schema; io: "input" | "output" }>> = {
  ChangeMember: { schema: members.changeMember, io: "output" },
  CreateMember: { schema: members.createMember, io: "output" },
  Member: { schema: members.member, io: "output" },
  MemberReference: { schema: members.memberReference, io: "output" },
  OrderAnswer: { schema: orders.orderAnswer, io: "output" },
  PutOrder: { schema: orders.putOrder, io: "output" },
  Quote: { schema: orders.quote, io: "output" },
  QuoteRequest: { schema: orders.quoteRequest, io: "output" },
  RefundAnswer: { schema: orders.refundAnswer, io: "output" },
  RefundRequest: { schema: orders.refundRequest, io: "output" },
  AdjustAnswer: { schema: points.adjustAnswer, io: "output" },
  AdjustRequest: { schema: points.adjustRequest, io: "output" },
  Balances: { schema: points.balances, io: "output" },
  CaptureRequest: { schema: points.captureRequest, io: "output" },
  HoldAnswer: { schema: points.holdAnswer, io: "output" },
  HoldRequest: { schema: points.holdRequest, io: "output" },
  Statement: { schema: points.statement, io: "output" },
  ProgramPublished: { schema: programPublished, io: "output" },
  ProgramInput: { schema: program, io: "input" },
};

/** Names that are written out by other means than a schema of their own. */
const BESIDE: ReadonlySet<string> = new Set(["RefusalCode", "OperationId", "OperationAsk", "OperationAnswer"]);

const here = dirname(fileURLToPath(import.meta.url));
/** Where the package is made; a test names its own folder. */
const dist = resolve(process.argv[2] ?? join(here, "dist"));

rmSync(dist, { recursive: true, force: true });
mkdirSync(dist, { recursive: true });
compile();
for (const file of readdirSync(dist).filter((name) => name.endsWith(".d.ts"))) rewriteImports(join(dist, file));
writeFileSync(join(dist, "contracts.d.ts"), contractDeclarations());

function compile() {
  const tscArguments = ["-p", join(here, "tsconfig.build.json"), "--outDir", dist];
  execFileSync("tsc", tscArguments, { stdio: "inherit", shell: process.platform === "win32" });
}

/** The contract types come from the file beside; TypeScript leaves `.ts` in the imports of declarations. */
function rewriteImports(path: string) {
  const text = readFileSync(path, "utf8")
    .replaceAll(/"@regulars\/contracts\/[a-z-]+"/g, '"./contracts.js"')
    .replaceAll(/from "(\.\/[a-z-]+)\.ts"/g, 'from "$1.js"');
  for (const name of namesFrom(text)) {
    if (!BESIDE.has(name) && !(name in contracts)) throw new Error(`${path} names ${name}: add it to build.ts`);
  }
  writeFileSync(path, text);
}

function namesFrom(text: string): string[] {
  const imports = text.matchAll(/\{([^}]*)\} from "\.\/contracts\.js"/g);
  return [...imports].flatMap(([, names]) => (names ?? "").split(",").map((name) => name.trim())).filter(Boolean);
}

function contractDeclarations(): string {
  const types = Object.entries(contracts).map(([name, { schema, io }]) => {
    const body = typeOf(schema.toJSONSchema({ io }) as JsonSchema, "");
    return `export type ${name} = ${body};`;
  });
  const codes = Object.entries(REFUSALS).map(([code, { status, retry }]) => {
    return `  /** HTTP ${status}; retry: ${retry} */\n  | "${code}"`;
  });
  return `${types.join("\n\n")}\n\n${operationDeclarations()}\n\nexport type RefusalCode =\n${codes.join("\n")};\n`;
}

/** What each operation of `/v1` takes and gives. */
function operationDeclarations(): string {
  const shapes = (memberOperations as readonly Operation[]).map(({ id, path, query, body, answer }) => {
    const names = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => `readonly ${name}: string`);
    const typed = (schema: Schema, io: "input" | "output") => typeOf(schema.toJSONSchema({ io }) as JsonSchema, "    ");
    const ask = [
      ...(names.length === 0 ? [] : [`readonly path: { ${names.join("; ")} }`]),
      ...(query === undefined ? [] : [`readonly query?: Partial<${typed(query, "output")}>`]),
      ...(body === undefined ? [] : [`readonly body: ${typed(body, "input")}`]),
    ];
    return `  ${id}: {\n    ask: { ${ask.join("; ")} };\n    answer: ${typed(answer.schema, "output")};\n  };`;
  });
  return [
    `export interface OperationShapes {\n${shapes.join("\n")}\n}`,
    "export type OperationId = keyof OperationShapes;",
    'export type OperationAsk<Id extends OperationId> = OperationShapes[Id]["ask"];',
    'export type OperationAnswer<Id extends OperationId> = OperationShapes[Id]["answer"];',
  ].join("\n\n");
}

/** What the contracts use of JSON Schema; anything else stops the build. */
interface JsonSchema {
  readonly type?: string | readonly string[];
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly anyOf?: readonly JsonSchema[];
  readonly oneOf?: readonly JsonSchema[];
  readonly items?: JsonSchema;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: JsonSchema | boolean;
}

function typeOf(schema: JsonSchema, indent: string): string {
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  if (schema.enum !== undefined) return schema.enum.map((value) => JSON.stringify(value)).join(" | ");
  const choices = schema.anyOf ?? schema.oneOf;
  if (choices !== undefined) return [...new Set(choices.map((choice) => typeOf(choice, indent)))].join(" | ");
  if (Array.isArray(schema.type)) return schema.type.map((type) => typeOf({ ...schema, type }, indent)).join(" | ");
  switch (schema.type) {
    case "string":
    case "boolean":
    case "null":
      return schema.type;
    case "integer":
    case "number":
      return "number";
    case "array":
      return `Array<${typeOf(schema.items ?? {}, indent)}>`;
    case "object":
      return objectType(schema, indent);
    default:
      throw new Error(`build.ts cannot write ${JSON.stringify(schema)} as a type`);
  }
}

function propertyName(name: string): string {
  return /^[A-Za-z_]\w*$/.test(name) ? name : JSON.stringify(name);
}

function objectType(schema: JsonSchema, indent: string): string {
  const inside = `${indent}  `;
  if (schema.properties === undefined) {
    const { additionalProperties } = schema;
    if (typeof additionalProperties === "object") return `Record<string, ${typeOf(additionalProperties, indent)}>`;
    return "Record<string, never>";
  }
  const fields = Object.entries(schema.properties).map(([name, field]) => {
    const optional = schema.required?.includes(name) !== true;
    return `${inside}${propertyName(name)}${optional ? "?" : ""}: ${typeOf(field, inside)}${optional ? " | undefined" : ""};`;
  });
  return fields.length === 0 ? "Record<string, never>" : `{\n${fields.join("\n")}\n${indent}}`;
}
