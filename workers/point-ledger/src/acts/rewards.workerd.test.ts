// Rewards and vouchers in the member's own object: bought, used, returned and listed, with stock that many members share.
import type { RewardActs } from "@regulars/contracts/acts-rewards";
import type { MemberLedgerRpc } from "@regulars/contracts/rpc";
import type { ProgramInput } from "@regulars/contracts/program";
import { beforeAll, expect, test } from "vitest";
import {
  makeMember,
  makeOrder,
  NOW,
  plainProgram,
  publishPrograms,
  refusalOf,
  tenantId,
  valueOf,
  writing,
} from "../make-member.ts";

const name = { "zh-TW": "折價五十", en: "50 off" };
const cost = { currency: "points", points: 10 };

const program = {
  ...plainProgram,
  rewards: [
    { id: "off", name, benefit: { type: "amountOff", amount: 5000 }, cost },
    { id: "rare", name, benefit: { type: "gift", sku: "tote" }, cost, stock: 3 },
    { id: "last", name, benefit: { type: "gift", sku: "cup" }, cost, stock: 1 },
  ],
} satisfies ProgramInput;

beforeAll(() => publishPrograms(tenantId, [program]));

type Member = Awaited<ReturnType<typeof makeMember>>;

// The types of stubs forget that the answer depends on the name.
const named = (ledger: Member["ledger"]) => ledger() as unknown as Pick<MemberLedgerRpc, "act" | "look">;

const buy = ({ ledger, at }: Member, rewardId: string, key = `k/${rewardId}`) => {
  const ask: RewardActs["reward.buy"]["ask"] = { rewardId, storeId: null, ownerId: null, money: "TWD" };
  return named(ledger).act(writing(at, key), "reward.buy", ask);
};

const held = async ({ ledger, at }: Member, all = false) => {
  const { vouchers } = valueOf(await named(ledger).look(at, "vouchers.list", { all }));
  return vouchers.map(({ rewardId, state }) => `${rewardId} ${state}`);
};

test("a bought voucher takes its amount off an order, and is listed as used afterwards", async () => {
  const member = await makeMember(25);
  const { voucher, balances } = valueOf(await buy(member, "off"));
  expect(balances[0]?.available).toBe(15);
  const order = makeOrder({ orderId: `used-${member.memberId}`, vouchers: [voucher.id] });
  const key = `o/${order.orderId}/paid`;
  const answer = valueOf(await member.ledger().putOrder(writing(member.at, key), order));
  expect([answer.order.payable, answer.vouchers]).toEqual([
    32_500,
    [{ id: voucher.id, rewardId: "off", value: 5000, state: "used" }],
  ]);
  expect(await held(member)).toEqual([]);
  expect(await held(member, true)).toEqual(["off used"]);
});

test("the same purchase sent again is one purchase, and its return is one return", async () => {
  const member = await makeMember(25);
  const first = valueOf(await buy(member, "off"));
  expect(valueOf(await buy(member, "off"))).toEqual(first);
  const ask = { voucherId: first.voucher.id };
  const back = valueOf(await named(member.ledger).act(writing(member.at, "k/back"), "reward.return", ask));
  expect(back.balances[0]?.available).toBe(25);
  expect(refusalOf(await named(member.ledger).act(writing(member.at, "k/again"), "reward.return", ask))).toBe(
    "voucher_not_found",
  );
});

test("three pieces go to three of eight members at once", async () => {
  const members = await Promise.all(Array.from({ length: 8 }, () => makeMember(10)));
  const replies = await Promise.all(members.map((member) => buy(member, "rare")));
  expect(replies.filter(({ ok }) => ok)).toHaveLength(3);
  expect(new Set(replies.map(refusalOf))).toEqual(new Set([null, "reward_out_of_stock"]));
});

test("a piece that was returned can be bought by another, by hand too", async () => {
  const [one, other] = [await makeMember(10), await makeMember()];
  const { voucher } = valueOf(await buy(one, "last"));
  const ask = { rewardId: "last", reason: "sorry", ownerId: null };
  const give = (key: string) => named(other.ledger).act(writing(other.at, key), "voucher.issue", ask);
  expect(refusalOf(await give("k/first"))).toBe("reward_out_of_stock");
  valueOf(await named(one.ledger).act(writing(one.at, "k/back"), "reward.return", { voucherId: voucher.id }));
  let tries = 0;
  await expect.poll(async () => refusalOf(await give(`k/try${(tries += 1)}`)), { timeout: 10_000 }).toBe(null);
});

test("a purchase that is refused keeps no piece", async () => {
  const poor = await makeMember(0);
  expect(refusalOf(await buy(poor, "rare"))).toBe("insufficient_points");
  const offers = valueOf(await named(poor.ledger).look({ ...poor.at, now: NOW }, "rewards.list", null));
  expect(offers.rewards.map(({ unavailable }) => unavailable)).toEqual(["points", "points", "points"]);
});
