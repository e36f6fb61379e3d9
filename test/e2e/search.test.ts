// The search of members in the whole running system: from what a storefront tells of a person to what a manager finds.
import { beforeAll, expect, test, vi } from "vitest";
import { makeTenant, type Tenant } from "./loyalty-places.ts";
import { type Answer, uniqueId, useSystem } from "./system.ts";

const system = useSystem();
let other: Tenant;
let mei = "";

interface Found {
  readonly id: string;
}

function search(asked: string, more = "", key?: string): Promise<Answer> {
  const path = `/manage/v1/members/search?q=${encodeURIComponent(asked)}${more}`;
  return system.call("GET", path, undefined, key === undefined ? {} : { key });
}

async function idsOf(asked: string): Promise<string[]> {
  const { status, body } = await search(asked);
  if (status !== 200) throw new Error(JSON.stringify(body));
  return body.members.map(({ id }: Found) => id);
}

/** The projector follows what the storefront did; a search that is too early finds what was before. */
const becomes = (asked: string, ids: readonly string[]) =>
  vi.waitFor(async () => expect([asked, await idsOf(asked)]).toEqual([asked, ids]), { timeout: 60_000, interval: 250 });

async function enrol(identities: object[], profile: object, key?: string): Promise<string> {
  const request = { idempotencyKey: uniqueId("enrol"), ...(key !== undefined && { key }) };
  const made = await system.call("POST", "/v1/members", { identities, profile }, request);
  if (made.status !== 201) throw new Error(JSON.stringify(made.body));
  return made.body.id;
}

beforeAll(async () => {
  other = await makeTenant(system, "elsewhere");
  mei = await enrol(
    [
      { type: "phone", value: "0912 345 678" },
      { type: "email", value: "Mei.Wang@Gmail.com" },
      { type: "card", value: "VIP-00123" },
    ],
    { name: "王小美", company: "好茶股份有限公司" },
  );
  await enrol([{ type: "phone", value: "0912345678" }], { name: "王小美" }, other.key);
});

test("a member is found by all that a storefront told", async () => {
  await becomes("王小美", [mei]);
  for (const asked of [
    "小",
    "美",
    "王 美",
    "678",
    "0912345678",
    "+886912345678",
    "mei.w",
    "gmail",
    "vip-",
    "123",
    "茶股",
    mei,
  ]) {
    expect([asked, await idsOf(asked)]).toEqual([asked, [mei]]);
  }
  expect((await search("王小美")).body).toEqual({
    members: [
      {
        id: mei,
        name: "王小美",
        company: "好茶股份有限公司",
        phoneTail: "678",
        tier: null,
        homeStoreId: null,
        stage: null,
        lastOrderOn: null,
        spend: null,
      },
    ],
    more: false,
  });
});

test("a manager of another tenant finds that tenant's own member of the same name", async () => {
  const found = await vi.waitFor(async () => {
    const { body } = await search("王小美", "", other.manageKey);
    expect(body.members).toHaveLength(1);
    return body.members[0].id;
  }, 60_000);
  expect(found).not.toBe(mei);
  expect((await search(mei, "", other.manageKey)).body.members).toEqual([]);
  expect((await search("好茶", "", other.manageKey)).body.members).toEqual([]);
});

test("a new name replaces the old one, and an erased member is found by nothing", async () => {
  const id = await enrol([{ type: "email", value: "old@example.com" }], { name: "Old Name" });
  await becomes("old name", [id]);
  const changed = await system.call(
    "PATCH",
    `/v1/members/${id}`,
    { profile: { name: "林新名" }, identities: [{ type: "email", value: "new@example.com" }] },
    { idempotencyKey: uniqueId("change") },
  );
  expect(changed.status).toBe(200);
  await becomes("新名", [id]);
  for (const asked of ["old", "old@example.com"]) expect([asked, await idsOf(asked)]).toEqual([asked, []]);
  expect(await idsOf("new@")).toEqual([id]);
  const erased = await system.call("DELETE", `/v1/members/${id}`, undefined, { idempotencyKey: uniqueId("erase") });
  expect(erased.status).toBe(200);
  await becomes("新名", []);
  for (const asked of ["new@", id]) expect([asked, await idsOf(asked)]).toEqual([asked, []]);
});

test("more than are shown are told, and a limit is kept", async () => {
  for (let number = 0; number < 3; number += 1) {
    await enrol([{ type: "phone", value: `091700000${number}` }], { name: `Tea Lover ${number}` });
  }
  await vi.waitFor(async () => expect(await idsOf("tea lover")).toHaveLength(3), { timeout: 60_000 });
  const { body } = await search("tea lover", "&limit=2");
  expect([body.members.length, body.more]).toEqual([2, true]);
  expect((await search("tea lover", "&limit=3")).body.more).toBe(false);
});

test("letters that databases treat as orders are letters", async () => {
  for (const asked of ["%", "_", "%%", "' or '1'='1", "'; drop table members; --", "\\", "$1", "王_美"]) {
    expect([asked, await idsOf(asked)]).toEqual([asked, []]);
  }
});

test("a search that makes no sense is refused with the field at fault", async () => {
  const cases = [
    ["?q=", "q"],
    ["", "q"],
    ["?q=%20%20", "q"],
    [`?q=${"x".repeat(101)}`, "q"],
    ["?q=a%20b%20c%20d%20e%20f", "q"],
    ["?q=%00", "q"],
    ["?q=a&limit=51", "limit"],
    ["?q=a&limit=0", "limit"],
    ["?q=a&name=b", "name"],
  ] as const;
  for (const [query, field] of cases) {
    const answer = await system.call("GET", `/manage/v1/members/search${query}`);
    expect([query, answer.status, answer.body.field]).toEqual([query, 400, field]);
  }
  expect((await search("a", "", system.stack.secretKey)).status).toBe(403);
});
