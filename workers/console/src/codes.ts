// Makes codes in bulk, reads them page by page or as a file, and voids single ones. Codes are computed, never stored.
import {
  type CodeBatch,
  type CodeBatches,
  codeBatchesQuery,
  type CodeBatchUsage,
  codesFileQuery,
  type CodesPage,
  codesQuery,
  createCodeBatch as createCodeBatchShape,
  type VoidedCodes,
  voidCodes as voidCodesShape,
} from "@regulars/contracts/codes";
import type { Program } from "@regulars/contracts/program";
import type { CodeBatchRecord, CodesRpc } from "@regulars/contracts/rpc-codes";
import { codeOf, numberOf, readCode } from "@regulars/domain/code-format";
import { tenantKeyOf } from "@regulars/domain/naming";
import { type Read, readJson, readQuery } from "@regulars/edge/body";
import { IDEMPOTENCY_KEY_HEADER, readIdempotencyKey } from "@regulars/edge/idempotency";
import { withTenant } from "@regulars/schema/connection";
import { programs } from "@regulars/schema/tenants";
import { desc } from "drizzle-orm";
import { type Call, done, type Handler, parameterOf, refused, tenantOf } from "./call.ts";
import { csvRow, csvStream, Download } from "./download.ts";

export const codeHandlers: Readonly<Record<string, Handler>> = {
  createCodeBatch,
  listCodeBatches,
  getCodeBatch,
  listCodes,
  downloadCodes,
  voidCodes,
};

/** Codes that a file takes on at once: a fifth of a megabyte and some 30 ms of work. */
const FILE_PAGE = 5_000;
/** Ids of batches are below this; see CODE_BATCHES_MAX. */
const BEYOND_ALL = 100_000;

async function createCodeBatch(call: Call): Promise<Read<CodeBatch>> {
  const read = readIdempotencyKey(call.request.headers);
  if (!read.ok) return { ok: false, refusals: [read.refusal] };
  const body = await readJson(call.request, createCodeBatchShape);
  if (!body.ok) return body;
  const { campaign, count } = body.value;
  if (!(await hasCampaign(call, campaign))) return refused("invalid_value", { field: "campaign" });
  const batch = await codesOf(call).makeCodes(tenantOf(call).tenantId, { key: read.key, campaign, count });
  if (batch === null) return refused("too_many_items");
  if (batch.campaign !== campaign || batch.count !== count) {
    return refused("idempotency_key_reused", { field: IDEMPOTENCY_KEY_HEADER });
  }
  return done(batchAnswer(batch));
}

async function listCodeBatches(call: Call): Promise<Read<CodeBatches>> {
  const query = readQuery(call.request.url, codeBatchesQuery);
  if (!query.ok) return query;
  const { limit, cursor } = query.value;
  const before = cursor === undefined ? BEYOND_ALL : Number(cursor);
  if (!Number.isSafeInteger(before) || before < 1) return refused("invalid_cursor", { field: "cursor" });
  const found = await codesOf(call).codeBatches(tenantOf(call).tenantId, { before, limit: limit + 1 });
  const shown = found.slice(0, limit);
  const nextCursor = found.length > limit ? String(shown.at(-1)?.id) : null;
  return done({ codeBatches: shown.map(batchAnswer), nextCursor });
}

async function getCodeBatch(call: Call): Promise<Read<CodeBatchUsage>> {
  const batch = await findBatch(call);
  if (batch === null) return notFound();
  return done({ ...batchAnswer(batch), ...(await codesOf(call).codeUsage(tenantOf(call).tenantId, batch.id)) });
}

async function listCodes(call: Call): Promise<Read<CodesPage>> {
  const query = readQuery(call.request.url, codesQuery);
  if (!query.ok) return query;
  const batch = await findBatch(call);
  if (batch === null) return notFound();
  const { from, limit } = query.value;
  const until = Math.min(batch.count, from + limit);
  const codes = numbers(from, until).map((number) => ({ number, code: codeAt(call, batch, number) }));
  const made = Math.max(from, until);
  return done({
    codes,
    made: Math.min(made, batch.count),
    count: batch.count,
    nextFrom: until < batch.count ? until : null,
  });
}

async function downloadCodes(call: Call): Promise<Read<Download>> {
  const query = readQuery(call.request.url, codesFileQuery);
  if (!query.ok) return query;
  const batch = await findBatch(call);
  if (batch === null) return notFound();
  let from = query.value.from;
  const end = Math.min(batch.count, from + query.value.limit);
  const body = csvStream(["number", "code"], async () => {
    if (from >= end) return null;
    const page = numbers(from, Math.min(end, from + FILE_PAGE));
    from += page.length;
    return page.map((number) => csvRow([number, codeAt(call, batch, number)]));
  });
  return done(new Download(`codes-${batch.campaign}-${batch.id}.csv`, body));
}

async function voidCodes(call: Call): Promise<Read<VoidedCodes>> {
  const body = await readJson(call.request, voidCodesShape);
  if (!body.ok) return body;
  const batch = await findBatch(call);
  if (batch === null) return notFound();
  const { tenantId } = tenantOf(call);
  const key = tenantKeyOf(call.env.MASTER_KEY, tenantId);
  const named = body.value.codes.map((code) => {
    const letters = readCode(code);
    const found = letters === null ? null : numberOf(key, letters);
    return { code, number: found?.batch === batch.id && found.number < batch.count ? found.number : null };
  });
  const wanted = [...new Set(named.flatMap(({ number }) => number ?? []))];
  const states = new Map(
    (await codesOf(call).voidCodes(tenantId, batch.id, wanted)).map(({ number, state }) => [number, state]),
  );
  const stateOf = (number: number | null) => (number === null ? undefined : states.get(number)) ?? "unknown";
  return done({ codes: named.map(({ code, number }) => ({ code, state: stateOf(number) })) });
}

async function hasCampaign(call: Call, campaign: string): Promise<boolean> {
  const latest = call.database.select().from(programs).orderBy(desc(programs.version)).limit(1);
  const [[row]] = await withTenant(call.database, tenantOf(call).tenantId, [latest]);
  // The guarantee of the cast: only documents that `program` has read are stored; older ones have no codes.
  const codes = (row?.document as Partial<Program> | undefined)?.codes ?? [];
  return codes.some(({ id, type }) => id === campaign && type === "unique");
}

function findBatch(call: Call): Promise<CodeBatchRecord | null> {
  return codesOf(call).codeBatch(tenantOf(call).tenantId, Number(parameterOf(call, "id")));
}

function codeAt(call: Call, batch: CodeBatchRecord, number: number): string {
  return codeOf(tenantKeyOf(call.env.MASTER_KEY, tenantOf(call).tenantId), { batch: batch.id, number });
}

const numbers = (from: number, until: number) =>
  Array.from({ length: Math.max(0, until - from) }, (_, place) => from + place);

// The binding names the entrypoint PointLedger, which implements this interface.
const codesOf = ({ env }: Call) => env.POINT_LEDGER as unknown as CodesRpc;

const notFound = () => refused("code_batch_not_found", { field: "id" });

const batchAnswer = ({ id, campaign, count, at }: CodeBatchRecord): CodeBatch => ({
  id: String(id),
  campaign,
  count,
  createdAt: new Date(at).toISOString(),
});
