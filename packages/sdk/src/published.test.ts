// The published package stands alone: its declarations need nothing else and say what the contracts say.
import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";

const root = fileURLToPath(new URL("..", import.meta.url));
const made = join(root, "node_modules", ".published");

/** The contract file of each type; RefusalCode and ProgramInput stand in files of their own. */
const types = {
  members: ["ChangeMember", "CreateMember", "Member", "MemberReference"],
  orders: ["OrderAnswer", "PutOrder", "Quote", "QuoteRequest", "RefundAnswer", "RefundRequest"],
  points: ["AdjustAnswer", "AdjustRequest", "Balances", "HoldAnswer", "HoldRequest", "Statement"],
  program: ["ProgramInput"],
  manage: ["ProgramPublished"],
  refusals: ["RefusalCode"],
};

beforeAll(() => void run("node", [join(root, "build.ts"), made]));
afterAll(() => rmSync(made, { recursive: true, force: true }));

test("no published file imports anything outside the package", () => {
  const files = readdirSync(made).filter((name) => !name.endsWith(".map"));
  expect(files).toContain("index.js");
  expect(files).toContain("index.d.ts");
  const imports = files.flatMap((file) => [...readFileSync(join(made, file), "utf8").matchAll(/from "([^"]+)"/g)]);
  const paths = imports.map(([, path]) => path ?? "");
  expect(paths.filter((path) => !path.startsWith("./") || path.endsWith(".ts"))).toEqual([]);
});

test("the written declarations and the contracts accept each other", () => {
  const checks = Object.entries(types).flatMap(([file, names]) =>
    names.map((name) => {
      const contract = `import("@regulars/contracts/${file}").${name}`;
      const published = `import("./index.js").${name}`;
      const both = `[(value: ${contract}) => ${published}, (value: ${published}) => ${contract}]`;
      return `export const ${name}: ${both} = [same, same];`;
    }),
  );
  writeFileSync(join(made, "same.ts"), `const same = <Value>(value: Value) => value;\n${checks.join("\n")}\n`);
  expect(compile("same.ts", ["dom", "es2024"])).toBe("");
});

test("a browser's program compiles against the package without any other type", () => {
  const program = `
    import { createClient, type Outcome, type Quote } from "./index.js";
    const client = createClient({ url: "https://example.com", key: "k", fetch });
    export const quote: Promise<Outcome<Quote>> = client.checkout.quote({
      member: { phone: "0912345678" }, storeId: "s", currency: "TWD",
      lines: [{ lineId: "1", sku: "tea", quantity: 1, unitPrice: 100 }],
    });
    const outcome = await quote;
    export const points: number | "member_not_found" | null = outcome.ok
      ? (outcome.value.earn[0]?.points ?? 0)
      : outcome.refusal.code === "member_not_found" ? outcome.refusal.code : null;`;
  writeFileSync(join(made, "browser.ts"), program);
  expect(compile("browser.ts", ["dom", "es2022"])).toBe("");
});

/** What the compiler has to say: nothing when all is well. */
function compile(file: string, lib: readonly string[]): string {
  const compilerOptions = {
    strict: true,
    exactOptionalPropertyTypes: true,
    noEmit: true,
    module: "esnext",
    moduleResolution: "bundler",
    target: "es2022",
    allowImportingTsExtensions: true,
    skipLibCheck: file !== "browser.ts",
    types: [],
    lib,
  };
  writeFileSync(join(made, "tsconfig.json"), JSON.stringify({ compilerOptions, files: [file] }));
  return run("tsc", ["-p", join(made, "tsconfig.json")]);
}

function run(command: string, args: readonly string[]): string {
  const bin = join(root, "..", "..", "node_modules", ".bin");
  const env = { ...process.env, PATH: `${bin}:${process.env["PATH"]}` };
  try {
    return execFileSync(command, args, { env, encoding: "utf8", stdio: "pipe" });
  } catch (error) {
    // What execFileSync throws carries the output of the command.
    return (error as { stdout: string }).stdout;
  }
}
