// Keeps the files readable: the limits of style that a machine can see.
import { posix } from "node:path";
import { expect, test } from "vitest";
import { readSourceFiles, readText, repositoryPaths } from "./source-files.ts";

const maxFileLines = 300;
const maxFunctionLines = 70;
const maxCommentLines = 3;

/** A name that says nothing about what is inside. */
const bannedNames = ["utils", "util", "helpers", "helper", "types", "service", "services", "common", "misc", "shared"];

/** Where a file may be called index: what a Worker or a published package starts with. */
const indexFiles = /^(workers\/[^/]+|packages\/sdk)\/src\/index(\.workerd)?(\.test)?\.ts$/;

const fileName = /^(\.?[a-z0-9]+(-[a-z0-9]+)*|[a-z]{2}-[A-Z]{2})(\.[a-z0-9-]+)*$/;

/** Top folders by which a document names a path of this repository. */
const pathInDocument =
  /`((?:packages|workers|infra|test|migrations|docs|\.ci)\/[\w./-]+)`|\]\((?!https?:|#|mailto:)([^)#\s]+)/g;

const sources = readSourceFiles();
const written = sources.filter(({ isTest }) => !isTest);

test("a file begins with one sentence that says what it decides or owns", () => {
  const wrong = written.filter(({ lines }) => {
    const body = lines[0]?.startsWith("#!") === true ? lines.slice(1) : lines;
    const end = body.findIndex((line) => !line.startsWith("// "));
    return end < 1 || !/[.:。]$/.test(body[end - 1] ?? "");
  });
  expect(wrong.map(({ path }) => path)).toEqual([]);
});

test(`a file has at most ${maxFileLines} lines`, () => {
  const wrong = written.filter(({ lines }) => lines.length > maxFileLines + 1);
  expect(wrong.map(({ path, lines }) => `${path}: ${lines.length}`)).toEqual([]);
});

test(`a function has at most ${maxFunctionLines} lines`, () => {
  const wrong = written.flatMap(({ path, functions }) =>
    functions.filter(({ length }) => length > maxFunctionLines).map(({ line, length }) => `${path}:${line}: ${length}`),
  );
  expect(wrong).toEqual([]);
});

test(`a comment says why in at most ${maxCommentLines} lines`, () => {
  const wrong = sources.flatMap(({ path, lines }) =>
    lines.flatMap((_, index) => {
      const run = lines.slice(index, index + maxCommentLines + 1);
      return run.length > maxCommentLines && run.every((line) => /^\s*\/\/ /.test(line))
        ? [`${path}:${index + 1}`]
        : [];
    }),
  );
  expect(wrong).toEqual([]);
});

test("a file is named by the noun or the verb inside, in kebab case", () => {
  const wrong = sources.filter(({ path }) => {
    const name = posix.basename(path);
    const stem = name.split(".")[0] ?? "";
    return !fileName.test(name) || bannedNames.includes(stem) || (stem === "index" && !indexFiles.test(path));
  });
  expect(wrong.map(({ path }) => path)).toEqual([]);
});

test("no file passes on everything of another", () => {
  expect(sources.filter(({ reExportsAll }) => reExportsAll).map(({ path }) => path)).toEqual([]);
});

test("no comment leaves work for later", () => {
  const wrong = sources.filter(({ comments }) => comments.some(({ value }) => /\b(TODO|FIXME|XXX|HACK)\b/.test(value)));
  expect(wrong.map(({ path }) => path)).toEqual([]);
});

test("a cast through unknown and an exception of the linter carry their guarantee", () => {
  const wrong = sources
    .filter(({ path }) => !path.startsWith("test/architecture"))
    .flatMap(({ path, lines }) =>
      lines.flatMap((line, index) => {
        const above = lines.slice(Math.max(0, index - maxCommentLines), index + 1);
        const bareCast = line.includes("as unknown as") && !above.some((near) => /\/\/ |\*/.test(near));
        const bareException = /oxlint-disable/.test(line) && !/ -- \w/.test(line);
        return bareCast || bareException ? [`${path}:${index + 1}`] : [];
      }),
    );
  expect(wrong).toEqual([]);
});

test("nothing is typed any, but for answers that an end-to-end test asserts field by field", () => {
  const wrong = sources.filter(
    ({ path, text }) => !/^test\/(architecture|e2e\/)/.test(path) && /\bas any\b|: any\b/.test(text),
  );
  expect(wrong.map(({ path }) => path)).toEqual([]);
});

test("a document names only paths that exist", () => {
  const paths = repositoryPaths();
  const exists = (named: string) => paths.some((path) => path === named || path.startsWith(`${named}/`));
  const wrong = paths
    .filter((path) => path.endsWith(".md"))
    .flatMap((document) =>
      [...readText(document).matchAll(pathInDocument)]
        .map(([, quoted, linked]) => quoted ?? posix.join(posix.dirname(document), linked ?? ""))
        .filter((named) => !exists(named.replace(/\/$/, "")))
        .map((named) => `${document} names ${named}`),
    );
  expect(wrong).toEqual([]);
});
