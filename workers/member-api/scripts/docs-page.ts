// Writes the page that people read: every operation with its fields, its refusals and a command to paste.
import { type Operation, operations, refusalsOf } from "@regulars/contracts/operations";
import { REFUSALS, type RefusalCode } from "@regulars/contracts/refusals";
import { refusalDetail, refusalTitle } from "@regulars/edge/message";
import { type FieldRow, fieldRows, type Schema, type Shapes } from "./docs-fields.ts";
import { style } from "./docs-style.ts";
import { curlExample } from "./examples.ts";

/** The parts of an OpenAPI document that the page shows. */
interface Documented {
  readonly paths?: unknown;
  readonly components?: { readonly schemas?: unknown };
}

interface DocumentedOperation {
  readonly parameters?: readonly { in?: string; name?: string; required?: boolean; schema?: Schema }[];
  readonly requestBody?: { content: Record<string, { schema: Schema }> };
  readonly responses: Readonly<Record<string, { content?: Record<string, { schema: Schema }> }>>;
}

/** A page without scripts and without anything from elsewhere. */
export function makeDocsPage(document: Documented): string {
  // The guarantee of the casts: the document was made by openapi-document.ts from the same table.
  const paths = document.paths as Record<string, Record<string, DocumentedOperation>>;
  const shapes = document.components?.schemas as Shapes;
  const groups = [...new Set(operations.map(({ group }) => group))];
  const sections = groups.map((group) => {
    const members = operations.filter((operation) => operation.group === group);
    const articles = members.map((operation) => {
      const documented = paths[operation.path]?.[operation.method.toLowerCase()];
      if (documented === undefined) throw new Error(`${operation.id} is not in the document`);
      return operationArticle(operation, documented, shapes);
    });
    return `<section><h2 id="${group.toLowerCase()}">${group}</h2>\n${articles.join("\n")}</section>`;
  });
  return page(`${contents(groups)}<main>${introduction}${sections.join("\n")}${problemSection()}</main>`);
}

function page(body: string): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Regulars API</title>
<style>${style}</style>
</head>
<body>
${body}
</body>
</html>
`;
}

function contents(groups: readonly string[]): string {
  const lists = groups.map((group) => {
    const links = operations
      .filter((operation) => operation.group === group)
      .map(({ id, summary }) => `<li><a href="#${id}">${escape(summary)}</a></li>`);
    return `<li><a href="#${group.toLowerCase()}">${group}</a><ul>${links.join("")}</ul></li>`;
  });
  return `<nav><p class="name"><a href="#top">Regulars API</a></p><ul>${lists.join("\n")}<li><a href="#problems">Problems</a></li></ul></nav>`;
}

const introduction = `<h1 id="top">Regulars API</h1>
<p>Points at checkout: what a member has, what a basket earns, what can be spent. JSON in, JSON out; money in ISO 4217
minor units, points are integers, times are ISO 8601 with an offset. Unknown fields are refused. A body has at most 64 KiB.
The same as <a href="/openapi.json">OpenAPI 3.1</a>.</p>
<dl>
<dt>Keys</dt><dd>Send <code>Authorization: Bearer rk_live_…</code>. A key has scopes and may be bound to stores; it says which tenant you are.</dd>
<dt>Writing once</dt><dd>Where an operation asks for it, send an <code>Idempotency-Key</code>. The same key with the same request gives the same
answer and no second effect, however often it is sent; with another request it is refused.</dd>
<dt>Refusals</dt><dd>A problem document (RFC 9457) with a stable <code>code</code>, the <code>field</code> at fault, and <code>retry</code>:
<em>never</em> (the request is wrong), <em>changed</em> (it may pass once something else has changed) or <em>later</em>
(send it again with the same key after <code>Retry-After</code>). Texts are in <code>zh-TW</code>, <code>zh-CN</code> or <code>en</code>,
by <code>Accept-Language</code>, else in the tenant's language.</dd>
<dt>Limits</dt><dd><code>RateLimit</code> tells what is left of a key's requests, counted per location and isolate.</dd>
<dt>Request id</dt><dd>Every answer carries <code>Regulars-Request-Id</code>; send your own to find it again.</dd>
<dt>Test time</dt><dd>Sandbox tenants may send <code>Regulars-Test-Time</code>, so that a year can pass in a test.</dd>
</dl>`;

function operationArticle(operation: Operation, documented: DocumentedOperation, shapes: Shapes): string {
  const { id, method, path, summary, description, answer } = operation;
  const body = documented.requestBody?.content["application/json"]?.schema;
  const answered = documented.responses[String(answer.status)]?.content?.["application/json"]?.schema;
  const asked = [...parameterRows(documented), ...(body === undefined ? [] : fieldRows(body, shapes))];
  return `<article id="${id}">
<h3><span class="method">${method}</span> <code>${escape(path)}</code></h3>
<p>${escape(summary)}.${description === undefined ? "" : ` ${prose(description)}`}</p>
<p class="needs">${needs(operation)}</p>
<pre><code>${escape(curlExample(operation))}</code></pre>
${asked.length === 0 ? "" : fieldTable("Request", asked)}
${answered === undefined ? "" : fieldTable(`Answer ${answer.status}`, fieldRows(answered, shapes))}
<details><summary>Refusals</summary><table><tbody>${refusalsOf(operation).map(refusalRow).join("\n")}</tbody></table></details>
</article>`;
}

function needs({ scope, idempotency, testTime }: Operation): string {
  const parts = [
    scope === null ? "No key" : scope === "operator" ? "The operator's key" : `Scope <code>${scope}</code>`,
    ...(idempotency === "key" ? ["<code>Idempotency-Key</code>"] : []),
    ...(idempotency === "own-id" ? ["your own id names the write"] : []),
    ...(testTime ? ["sandbox: <code>Regulars-Test-Time</code>"] : []),
  ];
  return parts.join(" · ");
}

function parameterRows({ parameters = [] }: DocumentedOperation): FieldRow[] {
  return parameters
    .filter((parameter) => parameter.in === "path" || parameter.in === "query")
    .flatMap(({ name = "", required = false, schema = {}, in: place }) =>
      fieldRows({ properties: { [name]: schema }, required: required ? [name] : [] }, {}).map((row) => ({
        ...row,
        path: place === "query" ? `?${row.path}` : `{${row.path}}`,
      })),
    );
}

function fieldTable(title: string, rows: readonly FieldRow[]): string {
  const lines = rows.map(
    ({ path, type, required, limits }) =>
      `<tr><td><code>${escape(path)}</code></td><td>${escape(type)}${required ? "" : ", optional"}</td><td>${prose(limits)}</td></tr>`,
  );
  return `<details open><summary>${title}</summary><table><tbody>${lines.join("\n")}</tbody></table></details>`;
}

function refusalRow(code: RefusalCode): string {
  const { status } = REFUSALS[code];
  const detail = prose(refusalDetail({ code }, "en"));
  return `<tr><td>${status}</td><td><a href="#${code}"><code>${code}</code></a></td><td>${detail}</td></tr>`;
}

function problemSection(): string {
  // The guarantee of the cast: the keys of REFUSALS are its codes.
  const rows = (Object.keys(REFUSALS) as RefusalCode[]).map((code) => {
    const { status, retry } = REFUSALS[code];
    const titles = (["en", "zh-TW", "zh-CN"] as const).map(
      (language) => `<td lang="${language}">${escape(refusalTitle(code, language))}</td>`,
    );
    return `<tr id="${code}"><td><code>${code}</code></td><td>${status}</td><td>${retry}</td>${titles.join("")}</tr>`;
  });
  const head = "<tr><th>Code</th><th>Status</th><th>Retry</th><th>English</th><th>正體中文</th><th>简体中文</th></tr>";
  return `<section><h2 id="problems">Problems</h2><table><thead>${head}</thead><tbody>${rows.join("\n")}</tbody></table></section>`;
}

function escape(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");
}

/** Text with `code` in backticks. */
function prose(text: string): string {
  return escape(text).replaceAll(/`([^`]+)`/g, "<code>$1</code>");
}
