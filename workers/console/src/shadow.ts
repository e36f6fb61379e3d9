// A shadow: a candidate that live orders are evaluated by, published for the projector; and the report of what it made of them.
import { program as programShape } from "@regulars/contracts/program";
import {
  type Shadow,
  SHADOW_EXAMPLES_MAX,
  shadowPath,
  type ShadowReport,
  shadowQuery,
  shadowRequest,
} from "@regulars/contracts/simulations";
import { type Read, readJson, readQuery } from "@regulars/edge/body";
import { canonicalJson } from "@regulars/edge/idempotency";
import { type Database, withTenant } from "@regulars/schema/connection";
import { shadowDays, shadowDifferences, shadowExamples, shadows } from "@regulars/schema/simulations";
import { tenants } from "@regulars/schema/tenants";
import { and, asc, desc, eq, gte, isNull, lte, sql } from "drizzle-orm";
import { type Call, done, refused, tenantOf } from "./call.ts";
import { checkProgram } from "./program-check.ts";
import { publishShadow } from "./publication.ts";
import { idOf, ofProgram } from "./simulation.ts";

type Row = typeof shadows.$inferSelect;

/** Ends the shadow before and starts this one; the document of the present shadow gives that one again. */
export async function putShadow(call: Call): Promise<Read<Shadow>> {
  const { env, database, request } = call;
  const { tenantId, timeZone } = tenantOf(call);
  const body = await readJson(request, shadowRequest);
  if (!body.ok) return body;
  const [first, ...others] = checkProgram(body.value.program).map(ofProgram);
  if (first !== undefined) return { ok: false, refusals: [first, ...others] };
  let row = await readNewest(call);
  const text = canonicalJson(body.value.program);
  if (row === null || row.endedAt !== null || canonicalJson(programShape.parse(row.document)) !== text) {
    const startedAt = new Date();
    const shadowId = `shd_${idOf(`${tenantId}\n${startedAt.getTime()}\n${text}`)}`;
    row = { tenantId, shadowId, document: body.value.program, startedAt, endedAt: null };
    await withTenant(database, tenantId, [
      database.update(shadows).set({ endedAt: startedAt }).where(isNull(shadows.endedAt)),
      database.insert(shadows).values(row),
    ]);
  }
  await publishShadow(env, tenantId, { shadowId: row.shadowId, timeZone, program: body.value.program });
  return done(answerOf(row));
}

export async function stopShadow(call: Call): Promise<Read<Shadow>> {
  const { env, database } = call;
  const { tenantId } = tenantOf(call);
  await publishShadow(env, tenantId, null);
  const row = await readNewest(call);
  if (row === null) return refused("shadow_not_found");
  if (row.endedAt !== null) return done(answerOf(row));
  const endedAt = new Date();
  await withTenant(database, tenantId, [database.update(shadows).set({ endedAt }).where(isNull(shadows.endedAt))]);
  return done(answerOf({ ...row, endedAt }));
}

export async function getShadowReport(call: Call): Promise<Read<ShadowReport>> {
  const { database, request } = call;
  const { tenantId } = tenantOf(call);
  const query = readQuery(request.url, shadowQuery);
  if (!query.ok) return query;
  const row = await readNewest(call);
  if (row === null) return refused("shadow_not_found");
  const { from = "0001-01-01", to = "9999-12-31" } = query.value;
  const { shadowId } = row;
  const of = <Table extends typeof shadowDays | typeof shadowDifferences | typeof shadowExamples>(table: Table) =>
    and(eq(table.shadowId, shadowId), gte(table.day, from), lte(table.day, to));
  const total = (column: typeof shadowDifferences.pointsNow | typeof shadowDifferences.pointsCandidate) =>
    sql<number>`sum(${column})::double precision`;
  const [days, rules, examples] = await withTenant(database, tenantId, [
    database.select().from(shadowDays).where(of(shadowDays)).orderBy(asc(shadowDays.day)),
    database
      .select({
        rule: shadowDifferences.rule,
        currency: shadowDifferences.currency,
        now: total(shadowDifferences.pointsNow),
        candidate: total(shadowDifferences.pointsCandidate),
        ordersDiffering: sql<number>`sum(${shadowDifferences.differing})::double precision`,
      })
      .from(shadowDifferences)
      .where(of(shadowDifferences))
      .groupBy(shadowDifferences.rule, shadowDifferences.currency)
      .orderBy(asc(shadowDifferences.rule), asc(shadowDifferences.currency)),
    database
      .select()
      .from(shadowExamples)
      .where(of(shadowExamples))
      .orderBy(desc(shadowExamples.day), asc(shadowExamples.memberId), asc(shadowExamples.orderId))
      .limit(SHADOW_EXAMPLES_MAX),
  ]);
  return done({
    shadow: { ...answerOf(row), program: programShape.parse(row.document) },
    orders: sumOf(days, ({ orders }) => orders),
    ordersDiffering: sumOf(days, ({ differing }) => differing),
    days: days.map(({ day, orders, differing }) => ({ day, orders, differing })),
    currencies: currenciesOf(rules),
    rules,
    examples: examples.map(({ day, memberId, orderId, now, candidate }) => {
      // The guarantee of the cast: only the projector fills the table, with explanations of this shape.
      const explained = { now, candidate } as Pick<ShadowReport["examples"][number], "now" | "candidate">;
      return { day, memberId, orderId, ...explained };
    }),
  });
}

/** Brings the directory to what PostgreSQL says of a tenant's shadow, after a publication that failed half way. */
export async function republishShadow(env: Env, database: Database, tenantId: string): Promise<void> {
  const [present, [tenant]] = await withTenant(database, tenantId, [
    database.select().from(shadows).where(isNull(shadows.endedAt)).orderBy(desc(shadows.startedAt)).limit(1),
    database.select({ timeZone: tenants.timeZone }).from(tenants),
  ]);
  const [row] = present;
  const published = await env.DIRECTORY.get<{ shadowId: string }>(shadowPath(tenantId), "json");
  if (tenant === undefined || published?.shadowId === row?.shadowId) return;
  const { timeZone } = tenant;
  const record = row && { shadowId: row.shadowId, timeZone, program: programShape.parse(row.document) };
  await publishShadow(env, tenantId, record ?? null);
}

async function readNewest({ database, ...call }: Call): Promise<Row | null> {
  const newest = database.select().from(shadows).orderBy(desc(shadows.startedAt), desc(shadows.shadowId)).limit(1);
  const [[row]] = await withTenant(database, tenantOf({ database, ...call }).tenantId, [newest]);
  return row ?? null;
}

const answerOf = ({ shadowId, startedAt, endedAt }: Row): Shadow => ({
  id: shadowId,
  startedAt: startedAt.toISOString(),
  endedAt: endedAt?.toISOString() ?? null,
});

const sumOf = <Item>(items: readonly Item[], figure: (item: Item) => number) =>
  items.reduce((sum, item) => sum + figure(item), 0);

function currenciesOf(rules: ShadowReport["rules"]): ShadowReport["currencies"] {
  return [...Map.groupBy(rules, ({ currency }) => currency)].map(([currency, ofCurrency]) => ({
    currency,
    now: sumOf(ofCurrency, ({ now }) => now),
    candidate: sumOf(ofCurrency, ({ candidate }) => candidate),
  }));
}
