// Names that say nothing about a person, and that only the tenant itself can have issued.
import { expect, test } from "vitest";
import { memberId as memberIdShape } from "@regulars/contracts/values";
import {
  claimHash,
  IDENTITY_SHARDS,
  isMemberIdOf,
  ledgerName,
  memberIdFrom,
  shardName,
  tenantKeyOf,
} from "./naming.ts";

const key = tenantKeyOf("master", "ten_a");

test("the same seed gives the same member id, another tenant another one", () => {
  const id = memberIdFrom(key, "k/1");
  expect(memberIdFrom(key, "k/1")).toBe(id);
  expect(memberIdShape.parse(id)).toBe(id);
  expect(memberIdFrom(tenantKeyOf("master", "ten_b"), "k/1")).not.toBe(id);
});

test("an id with any letter changed, or of another tenant, was never issued", () => {
  const id = memberIdFrom(key, "k/1");
  expect(isMemberIdOf(key, id)).toBe(true);
  for (let place = 4; place < id.length; place += 1) {
    const other = `${id.slice(0, place)}${id[place] === "0" ? "1" : "0"}${id.slice(place + 1)}`;
    expect(isMemberIdOf(key, other)).toBe(false);
  }
  expect(isMemberIdOf(tenantKeyOf("master", "ten_b"), id)).toBe(false);
  expect([isMemberIdOf(key, ""), isMemberIdOf(key, `${id}0`)]).toEqual([false, false]);
});

test("a phone and a card of equal digits are two claims, and a claim says nothing of its value", () => {
  const phone = claimHash(key, "phone", "+886912345678");
  expect(claimHash(key, "card", "+886912345678")).not.toBe(phone);
  expect(phone).toMatch(/^[0-9a-f]{40}$/);
});

test("claims spread over every shard, always the same for the same claim", () => {
  const shards = Array.from({ length: 2000 }, (_, n) => shardName("ten_a", claimHash(key, "order", `${n}`)));
  expect(new Set(shards).size).toBe(IDENTITY_SHARDS);
  expect(shardName("ten_a", claimHash(key, "order", "7"))).toBe(shards[7]);
  expect(ledgerName("ten_a", "mbr_1")).toBe("ten_a:mbr_1");
});
