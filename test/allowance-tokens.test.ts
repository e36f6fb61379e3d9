// Tokens of allowances: what the API signs a till accepts without network, and nothing else.
import { expect, test } from "vitest";
import { tenantKeyOf } from "@regulars/domain/naming";
import { verifyAllowance } from "@regulars/sdk";
import { allowanceKeysOf, signAllowance } from "@regulars/domain/allowance-tokens";

const NOW = Date.parse("2026-03-01T04:00:00Z");
const HOUR_MS = 3_600_000;
const KEY = tenantKeyOf("master", "ten_a");
const hold = {
  id: "hld_2_0",
  currency: "points",
  points: 300,
  capturedPoints: 0,
  state: "held" as const,
  lapsesAt: NOW + 200 * HOUR_MS,
  orderId: null,
  parts: [{ lot: "lot_1_0", points: 300 }],
  allowance: { storeId: "s1", spendUntil: NOW + 8 * HOUR_MS, issuedAt: NOW },
};
const issued = () => signAllowance(KEY, { tenantId: "ten_a", memberId: "mbr_a", hold });
const keys = await allowanceKeysOf(KEY);

test("a till verifies an allowance with the public key alone", async () => {
  expect(await verifyAllowance(await issued(), keys, NOW, { storeId: "s1" })).toEqual({
    ok: true,
    allowance: {
      id: "hld_2_0",
      tenantId: "ten_a",
      memberId: "mbr_a",
      storeId: "s1",
      currency: "points",
      points: 300,
      issuedAt: NOW,
      spendUntil: NOW + 8 * HOUR_MS,
    },
  });
});

test("the same allowance has the same token, and a tenant the same key, for ever", async () => {
  expect(await issued()).toBe(await issued());
  expect(keys.keys[0]).toMatchObject({ kid: "ednTv6Az6YpKFHx107RhXhx93mSgJNICMOjQXbcgtN0" });
});

test("an allowance ends with its time and is good in its own store only", async () => {
  const token = await issued();
  expect(await faultOf(token, NOW + 8 * HOUR_MS)).toBe(null);
  expect(await faultOf(token, NOW + 8 * HOUR_MS + 1)).toBe("over");
  const elsewhere = await verifyAllowance(token, keys, NOW, { storeId: "s2" });
  expect(elsewhere).toEqual({ ok: false, fault: "other_store" });
});

test("every changed letter of a token is noticed", async () => {
  const token = await issued();
  for (let place = 0; place < token.length; place += 1) {
    const letter = token[place] === "A" ? "B" : "A";
    const forged = token.slice(0, place) + letter + token.slice(place + 1);
    expect(await faultOf(forged), `letter ${place}`).not.toBe(null);
  }
});

test("another amount, another key, no signature and other algorithms are refused", async () => {
  const [head = "", body = "", mark = ""] = (await issued()).split(".");
  const claims = JSON.parse(Buffer.from(body, "base64url").toString()) as Record<string, unknown>;
  const richer = encoded({ ...claims, points: 300_000 });
  expect(await faultOf(`${head}.${richer}.${mark}`)).toBe("forged");
  const header = JSON.parse(Buffer.from(head, "base64url").toString()) as Record<string, unknown>;
  expect(await faultOf(`${encoded({ ...header, alg: "none" })}.${body}.${mark}`)).toBe("malformed");
  expect(await faultOf(`${encoded({ ...header, alg: "HS256" })}.${body}.${mark}`)).toBe("malformed");
  expect(await faultOf(`${head}.${body}.`)).toBe("malformed");
  expect(await faultOf(`${head}.${body}`)).toBe("malformed");
  expect(await faultOf("")).toBe("malformed");
  expect(await faultOf(`${encoded({ ...header, kid: "x" })}.${body}.${mark}`)).toBe("unknown_key");
});

test("what another tenant signed is not accepted, even under this key's name", async () => {
  const other = tenantKeyOf("master", "ten_b");
  const theirs = await signAllowance(other, { tenantId: "ten_a", memberId: "mbr_a", hold });
  expect(await faultOf(theirs)).toBe("unknown_key");
  const [, body = "", mark = ""] = theirs.split(".");
  const [head = ""] = (await issued()).split(".");
  expect(await faultOf(`${head}.${body}.${mark}`)).toBe("forged");
});

async function faultOf(token: string, now = NOW) {
  const verdict = await verifyAllowance(token, keys, now);
  return verdict.ok ? null : verdict.fault;
}

const encoded = (part: object) => Buffer.from(JSON.stringify(part)).toString("base64url");
