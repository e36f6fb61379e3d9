// Example requests of the loyalty program's operations: tiers, rewards, sharing, events, tills, clearing, codes, simulation.
import type { Example } from "./examples.ts";

const MEMBER = "mbr_01k2f5x8c3tqz7m4n9v6b0w1dg";
const OTHER = "mbr_01k2f5x8c3tqz7m4n9v6b0w1dh";
const member = { id: MEMBER };
const order = { orderId: "A-1001" };
const voucher = { ...member, voucherId: "vch_12_0" };
const event = { ...member, type: "review", key: "review-77" };
const household = { householdId: "wang" };
const candidate = {
  currencies: [{ id: "points", expiry: { type: "rolling", days: 365 } }],
  earning: [{ id: "base", currency: "points", per: 5000, points: 1 }],
};
const month = "?from=2026-10-01T00:00:00%2B08:00&to=2026-11-01T00:00:00%2B08:00";

const months = "?from=2026-09&to=2026-10";
const days = "?from=2026-10-01&to=2026-10-31";

export const loyaltyExamples: Readonly<Record<string, Example>> = {
  explainOrder: { path: order, query: `?memberId=${MEMBER}` },
  getTier: { path: member },
  setTier: { path: member, body: { tier: "vvip", until: "2027-12-31T23:59:59+08:00", reason: "paid membership" } },
  useEntitlement: { path: { ...member, entitlementId: "blow-dry" }, body: {} },
  extendPoints: {
    path: member,
    body: { currency: "points", endsBefore: "2026-12-31T23:59:59+08:00", days: 90, reason: "typhoon" },
  },
  reinstatePoints: {
    path: member,
    body: { currency: "points", endedAfter: "2026-10-01T00:00:00+08:00", days: 30, reason: "goodwill" },
  },
  reportDelivery: { path: order, body: { memberId: MEMBER } },
  setLabels: { path: member, body: { tags: ["senior", "likes-oolong"] } },
  listRewards: { query: `?memberId=${MEMBER}` },
  listVouchers: { path: member },
  buyReward: { path: { ...member, rewardId: "topping" }, body: { storeId: "taipei-xinyi" } },
  issueVoucher: { path: member, body: { rewardId: "free-drink", reason: "sorry for the wait" } },
  voidVoucher: { path: voucher, body: { reason: "issued by mistake" } },
  returnVoucher: { path: voucher, body: {} },
  sendTransfer: {
    path: member,
    body: { to: { phone: "0987654321" }, purpose: "gift", currency: "points", points: 50 },
  },
  getTransfer: { path: { ...member, transferId: "trf_9" } },
  getReferralCode: { path: member },
  getHousehold: { path: household },
  letIntoHousehold: { path: { ...household, ...member }, body: { role: "spender" } },
  leaveHousehold: { path: { ...household, ...member }, body: {} },
  mergeMember: { path: member, body: { into: OTHER } },
  unmergeMember: { path: { id: OTHER }, body: { from: MEMBER } },
  issueAllowance: {
    path: member,
    body: { currency: "points", points: 200, storeId: "taipei-xinyi", ttlSeconds: 86_400 },
  },
  getAllowance: { path: { ...member, allowanceId: "hld_7_0" } },
  releaseAllowance: { path: { ...member, allowanceId: "hld_7_0" }, body: {} },
  recordEvent: { path: member, body: { type: "review", key: "review-77", data: { stars: 5 } } },
  getEvent: { path: event },
  reverseEvent: { path: event, body: {} },
  startRound: { path: { ...member, gameId: "catch-the-pearl" }, body: {} },
  finishRound: { path: { ...member, gameId: "catch-the-pearl" }, body: { token: "token-of-the-start", score: 120 } },
  getProgress: { path: member },
  createNetwork: {
    body: {
      networkId: "foodcourt",
      name: "美食街通用幣",
      sandbox: true,
      timeZone: "Asia/Taipei",
      phoneRegion: "TW",
      currency: "TWD",
      locale: "zh-TW",
    },
  },
  joinNetwork: { path: { networkId: "foodcourt", tenantId: "good-days" } },
  getPartnerStatement: { path: { id: "booktuber" }, query: month },
  checkProgram: { body: { program: candidate } },
  startSimulation: {
    body: { program: candidate, from: "2026-10-01T00:00:00+08:00", to: "2026-11-01T00:00:00+08:00" },
  },
  getSimulation: { path: { id: "sim_01k2f5x8c3tq7m4n9v6b" } },
  cancelSimulation: { path: { id: "sim_01k2f5x8c3tq7m4n9v6b" } },
  putShadow: { body: { program: candidate } },
  getShadowReport: { query: days },
  getClearingStatement: { query: "?ownerId=south-wind&period=2026-10" },
  downloadClearingStatement: { query: "?ownerId=south-wind&period=2026-10" },
  getClearingBalances: { query: months },
  lockClearingPeriod: { path: { period: "2026-10" } },
  getLiability: { query: "?at=2026-11-01T00:00:00%2B08:00" },
  getLiabilityJournal: { query: months },
  downloadLiabilityJournal: { query: months },
  createCodeBatch: { body: { campaign: "spring", count: 1000 } },
  getCodeBatch: { path: { id: "1" } },
  listCodes: { path: { id: "1" }, query: "?from=0&limit=100" },
  downloadCodes: { path: { id: "1" }, query: "?from=0&limit=100" },
  voidCodes: { path: { id: "1" }, body: { codes: ["K7F3M-9QX2T-HW4RD-C8VNA"] } },
  getBudget: { path: { kind: "rule", id: "launch" } },
};
