// Tests that only what later steps can rely on passes as a message.
import { brotliCompressSync, gzipSync } from "node:zlib";
import { expect, test } from "vitest";
import { identityOf, readMessage } from "./message.ts";

const event = {
  tenantId: "good-days",
  memberId: "mbr_1",
  epoch: 1,
  sequence: 3,
  at: 1_700_000_000_000,
  testTime: false,
  key: null,
  body: { kind: "member.erased", released: [] },
};

test("a message of version 1 is read", () => {
  expect(readMessage({ version: 1, events: [event] })).toEqual({ version: 1, events: [event] });
  expect(readMessage({ version: 1, events: [] })).toEqual({ version: 1, events: [] });
});

test("a message that Brotli packed is read like a plain one", () => {
  const bytes = Uint8Array.from(brotliCompressSync(JSON.stringify({ version: 1, events: [event] })));
  expect(readMessage(bytes.buffer)).toEqual({ version: 1, events: [event] });
  expect(readMessage(bytes.slice(0, 20).buffer)).toBe("not_compressed");
  expect(readMessage(Uint8Array.from(brotliCompressSync(Buffer.alloc(20_000_000))).buffer)).toBe("not_compressed");
});

test("a gzipped message is read like a plain one", () => {
  const bytes = Uint8Array.from(gzipSync(JSON.stringify({ version: 1, events: [event] })));
  expect(readMessage(bytes.buffer)).toEqual({ version: 1, events: [event] });
  expect(readMessage(bytes.slice(0, 20).buffer)).toBe("not_compressed");
  expect(readMessage(Uint8Array.from(gzipSync("{")).buffer)).toBe("not_compressed");
  expect(readMessage(Uint8Array.from(gzipSync(Buffer.alloc(20_000_000))).buffer)).toBe("not_compressed");
});

test("what is no message of version 1 is refused by a code", () => {
  for (const body of [null, undefined, "text", 7, [], true]) expect(readMessage(body)).toBe("not_an_object");
  for (const version of [undefined, 0, 2, "1"]) expect(readMessage({ version, events: [] })).toBe("unknown_version");
});

test.each([
  ["tenantId", ""],
  ["tenantId", "~platform"],
  ["tenantId", 5],
  ["memberId", null],
  ["epoch", 0],
  ["sequence", 1.5],
  ["sequence", 2 ** 53],
  ["at", Number.NaN],
  ["at", "now"],
  ["testTime", undefined],
  ["key", 5],
  ["body", "text"],
  ["body", {}],
])("an event with %s %j is refused", (field, value) => {
  expect(readMessage({ version: 1, events: [event, { ...event, [field]: value }] })).toBe("invalid_events");
});

test("an event is identified by tenant, member, epoch and sequence", () => {
  const other = { ...event, at: 0, key: "k" };
  expect(identityOf(event)).toBe(identityOf(other));
  for (const change of [{ tenantId: "t" }, { memberId: "m" }, { epoch: 2 }, { sequence: 4 }]) {
    expect(identityOf({ ...event, ...change })).not.toBe(identityOf(event));
  }
});
