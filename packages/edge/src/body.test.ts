import { BODY_BYTES_MAX } from "@regulars/contracts/limits";
import { createMember, lookupQuery } from "@regulars/contracts/members";
import { putOrder, refundRequest } from "@regulars/contracts/orders";
import { captureRequest, pageQuery } from "@regulars/contracts/points";
import { program } from "@regulars/contracts/program";
import { memberId } from "@regulars/contracts/values";
import { describe, expect, test } from "vitest";
import type { z } from "zod";
import { readJson, readParameter, readQuery } from "./body.ts";

const line = { lineId: "1", sku: "tea", quantity: 1, unitPrice: 3000 };
const order = {
  member: { phone: "0912345678" },
  storeId: "taipei-1",
  currency: "TWD",
  lines: [line],
  state: "paid",
  placedAt: "2026-08-01T10:00:00+08:00",
};

async function refusalsOf(
  body: string | ReadableStream,
  schema: z.ZodType = putOrder,
  contentType = "application/json",
) {
  const init = { method: "PUT", body, headers: { "Content-Type": contentType }, duplex: "half" };
  const read = await readJson(new Request("https://example.test", init), schema);
  return read.ok ? [] : read.refusals.map(({ code, field }) => (field === undefined ? code : `${code} ${field}`));
}

const withLine = (change: object) => JSON.stringify({ ...order, lines: [line, { ...line, lineId: "2", ...change }] });

describe("a body is read only when every part of it is known and valid", () => {
  test("a valid order is read", async () => {
    const request = new Request("https://example.test", {
      method: "PUT",
      body: JSON.stringify(order),
      headers: { "Content-Type": "application/json; charset=utf-8" },
    });
    expect(await readJson(request, putOrder)).toEqual({ ok: true, value: order });
  });

  test("an absent body counts as an empty object", async () => {
    expect(await readJson(new Request("https://example.test", { method: "POST" }), captureRequest)).toEqual({
      ok: true,
      value: {},
    });
    expect(await refusalsOf("", putOrder)).toContain("missing_field member");
  });

  test.each([
    ["malformed JSON", "{", ["malformed_json"]],
    ["NaN", `{"state": NaN}`, ["malformed_json"]],
    ["a list instead of an object", "[]", ["wrong_type"]],
    ["an unknown field", JSON.stringify({ ...order, coupon: 1 }), ["unknown_field coupon"]],
    ["an unknown field of a line", withLine({ price: 1 }), ["unknown_field lines[1].price"]],
    ["a missing field", withLine({ sku: undefined }), ["missing_field lines[1].sku"]],
    ["a price as text", withLine({ unitPrice: "30" }), ["wrong_type lines[1].unitPrice"]],
    ["a price of null", withLine({ unitPrice: null }), ["wrong_type lines[1].unitPrice"]],
    ["half a cent", withLine({ unitPrice: 1.5 }), ["not_an_integer lines[1].unitPrice"]],
    ["a huge price", withLine({ unitPrice: 1e21 }), ["number_out_of_range lines[1].unitPrice"]],
    ["a price that is not exact", withLine({ unitPrice: 2 ** 53 }), ["number_out_of_range lines[1].unitPrice"]],
    ["a discount above the line", withLine({ discount: 3001 }), ["number_out_of_range lines[1].discount"]],
    [
      "a price beyond doubles",
      JSON.stringify(order).replace("3000", "1e999"),
      ["number_out_of_range lines[0].unitPrice"],
    ],
    ["no units", withLine({ quantity: 0 }), ["number_out_of_range lines[1].quantity"]],
    ["a NUL in a text", withLine({ sku: "a\0b" }), ["invalid_text lines[1].sku"]],
    ["half a character", withLine({ sku: "\ud800" }), ["invalid_text lines[1].sku"]],
    ["an empty text", withLine({ sku: "" }), ["invalid_text lines[1].sku"]],
    ["an unknown state", JSON.stringify({ ...order, state: "open" }), ["invalid_value state"]],
    ["a state of another type", JSON.stringify({ ...order, state: 1 }), ["wrong_type state"]],
    [
      "a day that does not exist",
      JSON.stringify({ ...order, placedAt: "2026-02-30T00:00:00Z" }),
      ["invalid_date placedAt"],
    ],
    ["no lines", JSON.stringify({ ...order, lines: [] }), ["missing_field lines[0]"]],
    ["one line twice", JSON.stringify({ ...order, lines: [line, line] }), ["duplicate_item lines"]],
    ["a wrong member id", JSON.stringify({ ...order, member: { id: "mbr_1" } }), ["invalid_member_id member.id"]],
    ["two members", JSON.stringify({ ...order, member: { phone: "1", card: "2" } }), ["invalid_value member"]],
  ])("%s is refused by its own code and field", async (_, body, expected) => {
    const refusals = await refusalsOf(body);
    expect(refusals.slice(0, 1)).toEqual(expected);
  });

  test("ten thousand lines are refused at once", async () => {
    const lines = Array.from({ length: 1000 }, (_, index) => ({ ...line, lineId: `${index}` }));
    expect(await refusalsOf(JSON.stringify({ ...order, lines }))).toEqual(["too_many_items lines"]);
    const tenThousand = Array.from({ length: 10_000 }, (_, index) => ({ ...line, lineId: `${index}` }));
    expect(await refusalsOf(JSON.stringify({ ...order, lines: tenThousand }))).toEqual(["body_too_large"]);
  });

  test("a key that would change a prototype is an unknown field, however it is written", async () => {
    const member = (consent: string) => `{"identities":[{"type":"card","value":"1"}],"consent":${consent}}`;
    expect(await refusalsOf(member(`{"__proto__":true}`), createMember)).toEqual(["unknown_field consent.__proto__"]);
    const escaped = String.raw`{"\u005f_proto__":true}`;
    expect(await refusalsOf(member(escaped), createMember)).toEqual(["unknown_field consent.__proto__"]);
  });

  test("a body nested as deep as the limit allows is refused, not a crash", async () => {
    expect(await refusalsOf("[".repeat(30_000) + '"__proto__"' + "]".repeat(30_000))).toEqual(["wrong_type"]);
    expect(await refusalsOf(`{"a":`.repeat(10_000) + "1" + "}".repeat(10_000))).toContain("unknown_field a");
  });

  test("at most twenty faults are told", async () => {
    const lines = Array.from({ length: 200 }, (_, index) => ({ ...line, lineId: `${index}`, quantity: 0 }));
    expect(await refusalsOf(JSON.stringify({ ...order, lines }))).toHaveLength(20);
  });
});

describe("a body is not read beyond its limit", () => {
  test("a declared length above the limit is refused", async () => {
    expect(await refusalsOf(" ".repeat(BODY_BYTES_MAX + 1))).toEqual(["body_too_large"]);
  });

  test("a stream without a length is cut off at the limit", async () => {
    let pulled = 0;
    const endless = new ReadableStream({
      pull(controller) {
        pulled += 1;
        controller.enqueue(new Uint8Array(16_384).fill(32));
      },
    });
    expect(await refusalsOf(endless)).toEqual(["body_too_large"]);
    expect(pulled).toBeLessThan(10);
  });

  test("another media type and broken UTF-8 are refused", async () => {
    expect(await refusalsOf("{}", putOrder, "text/plain")).toEqual(["media_type_unsupported Content-Type"]);
    const broken = new ReadableStream({
      start(controller) {
        controller.enqueue(new Uint8Array([0x22, 0xff, 0x22]));
        controller.close();
      },
    });
    expect(await refusalsOf(broken)).toEqual(["malformed_json"]);
  });
});

describe("unions are explained by the branch that was meant", () => {
  test("a refund names its lines or says all", async () => {
    expect(await refusalsOf(`{"refundId":"r"}`, refundRequest)).toEqual(["missing_field lines"]);
  });

  test("a program's tender and expiry", async () => {
    const currencies = [
      { id: "points", expiry: { type: "sometime" } },
      { id: "coins", expiry: {} },
    ];
    const tender = [{ currency: "points", valuePerPoint: 0 }, { currency: "coins" }];
    expect(await refusalsOf(JSON.stringify({ currencies, tender }), program)).toEqual([
      "invalid_value currencies[0].expiry.type",
      "missing_field currencies[1].expiry.type",
      "number_out_of_range tender[0].valuePerPoint",
      "missing_field tender[1].valuePerPoint",
    ]);
    expect(await refusalsOf(JSON.stringify({ currencies: [{ id: "a" }], tender: 5 }), program)).toEqual([
      "wrong_type tender",
    ]);
  });
});

describe("queries and parameters are read by the same rules", () => {
  const codes = (read: ReturnType<typeof readQuery>) =>
    read.ok ? read.value : read.refusals.map(({ code, field }) => `${code} ${field}`);

  test("a page", () => {
    expect(codes(readQuery("https://a.test/v1/x", pageQuery))).toEqual({ limit: 20 });
    expect(codes(readQuery("https://a.test/v1/x?limit=5&cursor=abc", pageQuery))).toEqual({ limit: 5, cursor: "abc" });
    expect(codes(readQuery("/v1/x?limit=500", pageQuery))).toEqual(["number_out_of_range limit"]);
    expect(codes(readQuery("/v1/x?limit=1.5", pageQuery))).toEqual(["not_an_integer limit"]);
    expect(codes(readQuery("/v1/x?limit=1&limit=2", pageQuery))).toEqual(["duplicate_item limit"]);
    expect(codes(readQuery("/v1/x?__proto__=1", pageQuery))).toEqual(["unknown_field __proto__"]);
    expect(codes(readQuery("/v1/x?fax=1", lookupQuery))).toContain("unknown_field fax");
  });

  test("a parameter of the path", () => {
    expect(codes(readParameter("mbr_1", memberId, "id"))).toEqual(["invalid_member_id id"]);
  });
});
