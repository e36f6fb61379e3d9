// Reads every file that people write in this repository, and what the architecture tests ask of its syntax tree.
import { readdirSync, readFileSync } from "node:fs";
import { join, relative, sep } from "node:path";
import { type Comment, parseSync, Visitor } from "oxc-parser";
import { repositoryRoot } from "./command.ts";

export type SourceFile = {
  readonly path: string;
  readonly text: string;
  readonly lines: readonly string[];
  readonly isTest: boolean;
  readonly imports: readonly string[];
  readonly functions: readonly { readonly line: number; readonly length: number }[];
  readonly reExportsAll: boolean;
  readonly comments: readonly Comment[];
};

const unwritten = new Set(["node_modules", ".git", ".regulars", ".wrangler", ".turbo", "dist", "coverage"]);
const generated = /(^|\/)worker-configuration\.d\.ts$|\.gen\.|^migrations\/postgres\/meta\//;

/** All paths of the repository, with forward slashes, without what tools made. */
export function repositoryPaths(folder = repositoryRoot): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    if (unwritten.has(entry.name)) return [];
    const full = join(folder, entry.name);
    return entry.isDirectory() ? repositoryPaths(full) : [relative(repositoryRoot, full).split(sep).join("/")];
  });
}

export function readText(path: string): string {
  return readFileSync(join(repositoryRoot, path), "utf8");
}

/** The TypeScript and JavaScript files that are written by hand. */
export function readSourceFiles(): SourceFile[] {
  return repositoryPaths()
    .filter((path) => /\.(ts|mjs)$/.test(path) && !generated.test(path))
    .map(parseFile);
}

function parseFile(path: string): SourceFile {
  const text = readText(path);
  const { module, program, comments } = parseSync(path, text);
  const lineAt = (offset: number) => text.slice(0, offset).split("\n").length;
  const functions: { line: number; length: number }[] = [];
  const measure = ({ start, end }: { readonly start: number; readonly end: number }) => {
    functions.push({ line: lineAt(start), length: lineAt(end) - lineAt(start) + 1 });
  };
  new Visitor({
    FunctionDeclaration: measure,
    FunctionExpression: measure,
    ArrowFunctionExpression: measure,
  }).visit(program);

  const exportEntries = module.staticExports.flatMap(({ entries }) => entries);
  const dynamic = module.dynamicImports.map(({ moduleRequest }) =>
    text.slice(moduleRequest.start + 1, moduleRequest.end - 1),
  );
  return {
    path,
    text,
    lines: text.split("\n"),
    isTest: path.endsWith(".test.ts"),
    imports: [
      ...module.staticImports.map(({ moduleRequest }) => moduleRequest.value),
      ...exportEntries.flatMap(({ moduleRequest }) => (moduleRequest === null ? [] : [moduleRequest.value])),
      ...dynamic,
    ],
    functions,
    reExportsAll: exportEntries.some(({ importName }) => importName.kind === "AllButDefault"),
    comments,
  };
}
