// The sentences that say why a rule gave its points, or nothing, in every language.
import { FAULTS } from "@regulars/contracts/messages/faults";
import type { Refusal } from "@regulars/contracts/refusals";
import { LANGUAGES } from "@regulars/contracts/messages/catalog";
import { NOTHING_REASONS } from "@regulars/contracts/orders";
import type { EarnReason } from "@regulars/contracts/events-orders";
import { expect, test } from "vitest";
import { CATALOGS, earnWhy, nothingWhy, placeholders, refusalDetail } from "./message.ts";

const net = { base: "net", amount: 123_400, per: 10_000, times: 12, points: 1 } as const;

test.each<[EarnReason, number, string, string]>([
  [net, 12, "1 points for every NT$100 paid, 12 times", "每 $100（實付）得 1 點，共 12 次"],
  [
    { ...net, base: "gross" },
    12,
    "1 points for every NT$100 before discounts, 12 times",
    "每 $100（折扣前）得 1 點，共 12 次",
  ],
  [
    { ...net, less: [] },
    12,
    "1 points for every NT$100 before discounts, 12 times",
    "每 $100（折扣前）得 1 點，共 12 次",
  ],
  [
    { ...net, less: ["vouchers", "tax"] },
    12,
    "1 points for every NT$100 after vouchers and tax are taken off, 12 times",
    "每 $100（扣除優惠券、稅額後）得 1 點，共 12 次",
  ],
  [
    { ...net, type: "perItem", per: 2, times: 3, points: 5 },
    15,
    "5 points for every 2 items, 3 times",
    "每 2 件得 5 點，共 3 次",
  ],
  [{ ...net, type: "perItem", per: 1, times: 3 }, 3, "1 points for each item, 3 items", "每件得 1 點，共 3 件"],
  [{ ...net, type: "fixed", times: 1, points: 30 }, 30, "30 points", "固定 30 點"],
  [
    { ...net, type: "perField", amount: 2, points: 40 },
    40,
    "40 points for 2 fields filled in",
    "填寫 2 個欄位得 40 點",
  ],
  [
    { ...net, type: "multiplier", amount: 37, times: 18, factor: 150 },
    18,
    "1.5 times the 37 points: 18 more",
    "37 點的 1.5 倍，加送 18 點",
  ],
  [
    { ...net, cutBy: "perOrder", uncut: 12 },
    10,
    "1 points for every NT$100 paid, 12 times; 12 cut to 10, the most for one order",
    "每 $100（實付）得 1 點，共 12 次；單筆上限，12 點減為 10 點",
  ],
  [
    { ...net, type: "fixed", points: 30, cutBy: "cap", uncut: 30 },
    4,
    "30 points; 30 cut to 4, what the member's limit leaves",
    "固定 30 點；會員累積上限，30 點減為 4 點",
  ],
  [
    { ...net, type: "fixed", points: 30, cutBy: "budget", uncut: 30 },
    7,
    "30 points; 30 cut to 7, what the campaign's budget leaves",
    "固定 30 點；活動額度將盡，30 點減為 7 點",
  ],
])("%o is a sentence", (reason, points, english, chinese) => {
  expect(earnWhy(reason, "TWD", "en", points)).toBe(english);
  expect(earnWhy(reason, "TWD", "zh-TW", points)).toBe(chinese);
  expect(earnWhy(reason, "TWD", "zh-CN", points)).not.toMatch(/[{}[\]點]|undefined/);
});

test("every reason is said in every language, with the same figures", () => {
  for (const language of LANGUAGES) {
    const { reasons } = CATALOGS[language];
    for (const reason of NOTHING_REASONS) expect(nothingWhy(reason, language)).toMatch(/^[^{}[\]]+$/);
    for (const [key, template] of Object.entries(CATALOGS.en.reasons)) {
      expect(placeholders(reasons[key as keyof typeof reasons]), `${key} in ${language}`).toEqual(
        placeholders(template),
      );
    }
  }
});

test("a known reason of a refusal is told in the caller's language, with the facts that it names", () => {
  const refusal: Refusal = {
    code: "invalid_program",
    facts: { reason: "rule_other_event", rule: "base", other: "review", event: "order" },
  };
  expect(refusalDetail(refusal, "zh-TW")).toBe("無法發布這個方案：base 用於 review，不是 order。");
  expect(refusalDetail(refusal, "en")).toBe("The program cannot be published: base is for review, not for order.");
  const voucher: Refusal = { code: "voucher_not_applicable", facts: { reason: "min_net" } };
  expect(refusalDetail(voucher, "zh-CN")).toContain("未达最低消费");
});

test("every fault names the same facts in every language", () => {
  for (const fault of FAULTS) {
    const [first, ...others] = LANGUAGES.map((language) => placeholders(CATALOGS[language].faults[fault]));
    for (const names of others) expect(names, fault).toEqual(first);
  }
});
