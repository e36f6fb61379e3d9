// Measures the search of members at scale on a real PostgreSQL: `node test/bench/search.ts [members] [searches of each kind]`.
import { chmodSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pg from "pg";
import { startGateway } from "../../infra/local/gateway.ts";
import { applicationUrl, migrate } from "../../infra/local/migrate.ts";
import { anyFreePort } from "../../infra/local/ports.ts";
import { startPostgres } from "../../infra/local/postgres.ts";
import { openDatabase } from "../../packages/schema/src/connection.ts";
import { findMembers } from "../../workers/console/src/member-search-rows.ts";
import { wordsOf } from "../../workers/console/src/member-search-words.ts";
import { measureExport } from "./search-exports.ts";
import { fillMembers, type Person, personOf } from "./search-people.ts";
import { measureProjectionCost } from "./search-projection.ts";
import { quantile } from "./statistics.ts";

const TENANT = "good-days";
const SHOWN = 21;
/** Linux counts in these, whatever the kernel's own clock. */
const CLOCK_TICK_MILLISECONDS = 10;
/** The aim of the whole: a search answers within this at a million members. */
const AIM_MILLISECONDS = 50;

/** What people type, made from a member who is there. */
const KINDS: Readonly<Record<string, (person: Person) => string | null>> = {
  "surname, one letter": ({ name }) => [...name][0] ?? null,
  "a letter of the name": ({ name }) => [...name][1] ?? null,
  "given name, two letters": ({ name }) => ([...name].length === 3 ? [...name].slice(1).join("") : null),
  "whole name": ({ name }) => name,
  "latin letters inside": ({ name }) => (/^[A-Z]/.test(name) ? name.slice(3, 7).trim() : null),
  "phone tail, 3 digits": ({ phone }) => phone.slice(-3),
  "phone tail, 5 digits": ({ phone }) => phone.slice(-5),
  "phone, local": ({ phone }) => `0${phone.slice(4)}`,
  "phone, E.164": ({ phone }) => phone,
  "email, beginning": ({ email }) => email?.slice(0, 7) ?? null,
  "email, whole": ({ email }) => email,
  "email, host": ({ email }) => email?.split("@")[1] ?? null,
  "card, whole": ({ card }) => card,
  "card, beginning": ({ card }) => card?.slice(0, 5) ?? null,
  "card, tail": ({ card }) => card?.slice(-4) ?? null,
  "company, inside": ({ company }) => company?.slice(1, 4) ?? null,
  "company, what all have": ({ company }) => (company === null ? null : "有限公司"),
  "member id": ({ memberId }) => memberId,
  "surname and given name": ({ name }) =>
    [...name].length === 3 ? `${[...name][0]} ${[...name].slice(1).join("")}` : null,
  "surname and phone tail": ({ name, phone }) => `${[...name][0]} ${phone.slice(-3)}`,
  "two common letters": ({ name }) => ([...name].length === 3 ? `${[...name][0]} ${[...name][2]}` : null),
  "nobody, two words": ({ name }) => `${[...name][0]} zzqq`,
};

const members = Number(process.argv[2] ?? 1_000_000);
const searches = Number(process.argv[3] ?? 60);
const say = (line: string) => console.log(line);

const dataPath = mkdtempSync(join(tmpdir(), "regulars-search-"));
// PostgreSQL has a user of its own, which must reach its data.
chmodSync(dataPath, 0o755);
const postgres = await startPostgres({
  dataPath,
  stackId: dataPath,
  password: "of-a-bench",
  port: await anyFreePort(),
  say: () => {},
  onPid: () => {},
  onStarting: () => {},
});
const gateway = await startGateway(await anyFreePort());
try {
  await measure();
} finally {
  await gateway.close();
  await postgres.stop();
  rmSync(dataPath, { recursive: true, force: true });
}

async function measure(): Promise<void> {
  await migrate(postgres.ownerUrl);
  const owner = new pg.Client({ connectionString: postgres.ownerUrl });
  // When a step fails PostgreSQL stops under it; the failure itself is what to tell.
  owner.on("error", () => {});
  await owner.connect();
  const since = performance.now();
  await fillAtOnce(owner);
  say(`filled in ${((performance.now() - since) / 1000).toFixed(1)} s`);
  // What is shown of the members who are found.
  await owner.query(`insert into member_tiers select tenant_id, member_id, 1, 'gold', now(), null, false from members`);
  await owner.query(
    `insert into member_figures select tenant_id, member_id, '2026-11-01', 3, 3, 90000, 30000, '2026-01-01', '2026-10-01',
       5, null, 0, null from members`,
  );
  await owner.query(
    `insert into member_scores select tenant_id, member_id, 3, 3, 3, 3, 'Loyal Customers', 'LOYAL', 'active', 'A', 'middle', null,
       false, false, '2026-10-01', '2026-11-01', 30, '2026-12-01', '2027-01-01' from members`,
  );
  await owner.query(
    "vacuum analyze members, identities, member_search_terms, member_tiers, member_figures, member_scores",
  );
  const { rows } = await owner.query<{ terms: string; heap: string; index: string }>(
    `select count(*) as terms, pg_size_pretty(pg_relation_size('member_search_terms')) as heap,
       pg_size_pretty(pg_indexes_size('member_search_terms')) as index from member_search_terms`,
  );
  say(`${rows[0]?.terms} terms: ${rows[0]?.heap} rows, ${rows[0]?.index} index`);
  await owner.end();
  await postgres.stop();
  await postgres.start();
  const first = await timeAll("cold: PostgreSQL has just started");
  const second = await timeAll("warm: the same again");
  const worstOf = (times: Times) => Math.max(...[...times.values()].map(({ p99 }) => p99));
  say(
    `\nworst p99 warm ${worstOf(second).toFixed(1)} ms, cold ${worstOf(first).toFixed(1)} ms; the aim is ${AIM_MILLISECONDS} ms`,
  );
  await explain();
  const urls = { owner: postgres.ownerUrl, application: applicationUrl(postgres.ownerUrl) };
  await measureProjectionCost(urls, { tenantId: TENANT, members, say });
  await measureExport({ databaseUrl: urls.application, fetchEndpoint: gateway.endpoint, tenantId: TENANT }, say);
}

/** As the migration finds a table that was there before: terms first, then their key, in some minutes instead of many. */
async function fillAtOnce(owner: pg.Client): Promise<void> {
  const key = "member_search_terms_tenant_id_term_member_id_pk";
  await owner.query("alter table members disable trigger user; alter table identities disable trigger user");
  await owner.query(`alter table member_search_terms drop constraint ${key}`);
  await fillMembers(owner, { tenantId: TENANT, count: members, say });
  await owner.query("set work_mem = '256MB'; set maintenance_work_mem = '256MB'");
  await owner.query(`insert into member_search_terms
    select tenant_id, term, member_id from members, profile_terms(profile) as term
    union select tenant_id, term, member_id from identities, identity_terms(type, value) as term`);
  await owner.query(`alter table member_search_terms add constraint ${key} primary key (tenant_id, term, member_id)`);
  await owner.query("alter table members enable trigger user; alter table identities enable trigger user");
}

type Times = Map<string, { readonly p50: number; readonly p99: number }>;

/** Through the driver and the gateway, as the Worker does it, and the same statements directly. */
async function timeAll(title: string): Promise<Times> {
  const database = openDatabase({ databaseUrl: applicationUrl(postgres.ownerUrl), fetchEndpoint: gateway.endpoint });
  const direct = new pg.Client({ connectionString: applicationUrl(postgres.ownerUrl) });
  direct.on("error", () => {});
  await direct.connect();
  say(
    `\n${title}\n${"".padEnd(26)}${["driver p50", "p99", "direct p50", "p99", "server CPU", "found"].map((word) => word.padStart(11)).join("")}`,
  );
  const times: Times = new Map();
  for (const [kind, textOf] of Object.entries(KINDS)) {
    const [whole, alone]: [number[], number[]] = [[], []];
    let found = 0;
    const before = await cpuOf(direct);
    for (const text of textsOf(textOf)) {
      const { result, statements, milliseconds } = await recorded(() =>
        findMembers(database, TENANT, { words: wordsOf(text), limit: SHOWN }),
      );
      whole.push(milliseconds);
      found += result.length;
      alone.push(await runDirectly(direct, statements));
    }
    const sorted = [whole, alone].map((values) => values.toSorted((one, other) => one - other));
    const figures = sorted.flatMap((values) => [quantile(values, 0.5), quantile(values, 0.99)]);
    figures.push(((await cpuOf(direct)) - before) / whole.length);
    times.set(kind, { p50: figures[0] ?? NaN, p99: figures[1] ?? NaN });
    say(kind.padEnd(26) + [...figures, found / whole.length].map((figure) => figure.toFixed(1).padStart(11)).join(""));
  }
  await direct.end();
  return times;
}

/** Milliseconds that the server has worked for this connection: other load of the machine does not count. */
async function cpuOf(client: pg.Client): Promise<number> {
  const { rows } = await client.query<{ pid: number }>("select pg_backend_pid() as pid");
  const fields = readFileSync(`/proc/${rows[0]?.pid}/stat`, "utf8").split(") ")[1]?.split(" ") ?? [];
  return (Number(fields[11]) + Number(fields[12])) * CLOCK_TICK_MILLISECONDS;
}

/** Texts of one kind from members all over the table. */
function textsOf(textOf: (person: Person) => string | null): string[] {
  const texts: string[] = [];
  // One in twenty has a company.
  const stride = Math.max(1, Math.floor(members / (searches * 30)));
  for (let number = 7; texts.length < searches && number <= members; number += stride) {
    const text = textOf(personOf(number));
    if (text !== null && text !== "") texts.push(text);
  }
  return texts;
}

interface Statement {
  readonly query: string;
  readonly params: readonly unknown[];
}

/** Runs `work`, and keeps the statements that the driver sends meanwhile. */
async function recorded<Result>(work: () => Promise<Result>) {
  const batches: Statement[][] = [];
  const own = globalThis.fetch;
  globalThis.fetch = (url, init) => {
    // The guarantee of the cast: Neon's driver sends a batch of statements as JSON.
    batches.push((JSON.parse(String(init?.body)) as { queries: Statement[] }).queries);
    return own(url, init);
  };
  try {
    const since = performance.now();
    const result = await work();
    return { result, statements: batches, milliseconds: performance.now() - since };
  } finally {
    globalThis.fetch = own;
  }
}

async function runDirectly(client: pg.Client, batches: readonly Statement[][], prefix = ""): Promise<number> {
  const since = performance.now();
  for (const batch of batches) {
    await client.query("begin");
    for (const { query, params } of batch) {
      const isOurs = query.includes("member_search_terms");
      const { rows } = await client.query(isOurs ? prefix + query : query, [...params]);
      if (prefix !== "" && isOurs) for (const row of rows) say(String(Object.values(row)[0]));
    }
    await client.query("commit");
  }
  return performance.now() - since;
}

/** Plans as the application's role sees them, behind row-level security. */
async function explain(): Promise<void> {
  const database = openDatabase({ databaseUrl: applicationUrl(postgres.ownerUrl), fetchEndpoint: gateway.endpoint });
  const direct = new pg.Client({ connectionString: applicationUrl(postgres.ownerUrl) });
  direct.on("error", () => {});
  await direct.connect();
  for (const text of ["王", "王 小明", "陳 明"]) {
    say(`\nplan of ${text}`);
    const { statements } = await recorded(() => findMembers(database, TENANT, { words: wordsOf(text), limit: SHOWN }));
    await runDirectly(direct, statements, "explain (analyze, buffers, costs off) ");
  }
  await direct.end();
}
