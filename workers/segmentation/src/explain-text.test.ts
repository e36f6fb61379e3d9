// How reasons for being in a segment read, in every language.
import type { Language } from "@regulars/contracts/messages/catalog";
import { segmentsEn } from "@regulars/contracts/messages/segments-en";
import { segmentsZhCN } from "@regulars/contracts/messages/segments-zh-cn";
import { segmentsZhTW } from "@regulars/contracts/messages/segments-zh-tw";
import type { SegmentLeaf } from "@regulars/contracts/segments";
import type { SegmentFound } from "@regulars/domain/segment-facts";
import { expect, test } from "vitest";
import { reasonText } from "./explain-text.ts";

const spend: SegmentLeaf = {
  kind: "orders",
  measure: "spend",
  window: { lastDays: 90 },
  where: { storeIds: ["taipei"], categories: ["tea", "cake"] },
  atLeast: 100_000,
};

test.each<[SegmentLeaf, boolean, SegmentFound, string, string]>([
  [
    spend,
    true,
    125_000,
    "Holds: spend (last 90 days, stores: taipei, categories: tea, cake) is NT$1,250 (asked: at least NT$1,000)",
    "符合：消費金額（近 90 天、門市：taipei、品類：tea、cake）為$1,250（條件：至少 $1,000）",
  ],
  [
    { kind: "word", field: "gender", in: ["female", "other"] },
    false,
    null,
    "Does not hold: gender is not known (asked: one of female, other)",
    "不符合：性別為「無資料」（條件：女性、其他 其中之一）",
  ],
  [
    { kind: "word", field: "name", contains: "美" },
    true,
    "林美麗",
    "Holds: name is 林美麗 (asked: contains “美”)",
    "符合：姓名為林美麗（條件：包含「美」）",
  ],
  [
    { kind: "tier", in: ["gold", null] },
    true,
    null,
    "Holds: tier is none (asked: one of gold, none)",
    "符合：會員等級為「無等級」（條件：gold、「無等級」 其中之一）",
  ],
  [
    { kind: "scoreIs", score: "stage", in: ["lost"] },
    false,
    "active",
    "Does not hold: lifecycle stage is Active (asked: one of Lost)",
    "不符合：生命週期階段為活躍（條件：流失 其中之一）",
  ],
  [
    { kind: "consent", to: "email", given: false },
    true,
    false,
    "Holds: consent to email is not given (asked: not given)",
    "符合：email 的訂閱意願為「未同意」（條件：「未同意」）",
  ],
  [
    { kind: "chance", salt: "spring", from: 0, until: 5000 },
    false,
    7123,
    "Does not hold: bucket of chance spring is 7,123 (asked: from 0 to below 5000)",
    "不符合：隨機分組 spring 的組號為7,123（條件：0 以上、未滿 5000）",
  ],
  [
    { kind: "predicted", what: { kind: "sku", refs: ["oolong"] }, atLeast: -3, atMost: 7 },
    true,
    2,
    "Holds: days until a product is needed again (of oolong) is 2 (asked: -3 to 7)",
    "符合：距離商品需要補購的天數（限 oolong）為2（條件：-3 到 7）",
  ],
])("%o is told in the asker's language", (condition, holds, found, english, chinese) => {
  const reason = { path: "", condition, holds, found };
  const read = (language: Language) => reasonText(reason, language, "TWD");
  expect(read("en")).toBe(english);
  expect(read("zh-TW")).toBe(chinese);
  expect(read("zh-CN")).not.toMatch(/[{}]|undefined|為|條件/);
});

test("every phrase names the same facts in every language", () => {
  const names = (text: string) => [...text.matchAll(/\{(\w+)\}/g)].map(([, name]) => name).sort();
  for (const [key, text] of Object.entries(segmentsEn)) {
    // The keys of all catalogs are those of their type.
    const same = key as keyof typeof segmentsEn;
    expect([names(segmentsZhTW[same]), names(segmentsZhCN[same])], key).toEqual([names(text), names(text)]);
  }
});

test("a long list of values is cut, so that a reason can be read", () => {
  const skus = Array.from({ length: 200 }, (_, index) => `sku-${index}`);
  const condition: SegmentLeaf = { kind: "orders", measure: "quantity", where: { skus }, atLeast: 1 };
  const text = reasonText({ path: "", condition, holds: false, found: 0 }, "en", "TWD");
  expect(text).toContain("sku-9, …)");
  expect(text).not.toContain("sku-10");
});
