// Clearing: what owners owe each other for an order as it stands, and the exact reversal when it changes.
import type { Due } from "@regulars/contracts/events-effects";
import type { OrderRecord, StoredEarn, StoredLine, UsedVoucher } from "@regulars/contracts/events-orders";
import type { LotPart } from "@regulars/contracts/events-transfers";
import type { Clearing, ClearingRule } from "@regulars/contracts/program-clearing";
import { stayingLines } from "./basket.ts";
import type { CompiledProgram } from "./program.ts";
import { sharesByWeight } from "./shares-by-weight.ts";

/**
 * What stands between owners for this order in its present state; empty without a clearing policy. Amounts are integers in
 * thousandths of a minor unit, each with a debtor and a creditor that differ: all books together sum to zero.
 */
export function duesOf(program: CompiledProgram, order: OrderRecord): readonly Due[] {
  const { clearing } = program.document;
  if (clearing === undefined) return [];
  return [...spentDues(clearing, order), ...issuedDues(program, clearing, order), ...voucherDues(clearing, order)];
}

/**
 * What stands for points that bought a reward: as if head office had accepted them. The voucher is cleared when a store
 * accepts it, by who bears it. With `money` of the tenant.
 */
export function duesOfPurchase(program: CompiledProgram, parts: readonly LotPart[], money: string): readonly Due[] {
  const { clearing } = program.document;
  if (clearing === undefined) return [];
  const place = { ownerId: clearing.headOfficeOwnerId, storeId: null, currency: money };
  return parts.flatMap(({ lot, points }) => acceptedDues(clearing, place, { ...lot, lot: lot.id, points }));
}

/** What must be posted so that `before` becomes `after`: amounts and points may be negative. */
export function duesChange(before: readonly Due[], after: readonly Due[]): readonly Due[] {
  const changes = new Map<string, Due>();
  const add = (due: Due, sign: 1 | -1) => {
    const key = keyOf(due);
    const known = changes.get(key) ?? { ...due, points: 0, amountMilli: 0 };
    const points = known.points + sign * due.points;
    changes.set(key, { ...known, points, amountMilli: known.amountMilli + sign * due.amountMilli });
  };
  for (const due of before) add(due, -1);
  for (const due of after) add(due, 1);
  return [...changes.values()]
    .filter(({ points, amountMilli }) => points !== 0 || amountMilli !== 0)
    .map((due) => (due.amountMilli < 0 ? { ...due, reason: UNDONE[due.reason] } : due));
}

const UNDONE: Readonly<Record<Due["reason"], Due["reason"]>> = {
  redeemed: "restored",
  restored: "restored",
  issued: "reversed",
  reversed: "reversed",
  voucher: "voucherReturned",
  voucherReturned: "voucherReturned",
};

function keyOf(due: Due): string {
  const { debtor, creditor, currency, money, lot, reason, storeId, issuerStoreId, voucherId } = due;
  return JSON.stringify([debtor, creditor, currency, money, lot, UNDONE[reason], storeId, issuerStoreId, voucherId]);
}

interface Place {
  readonly ownerId: string;
  readonly storeId: string | null;
  /** Of the money that is paid there. */
  readonly currency: string;
}

interface AcceptedPoints {
  readonly currency: string;
  readonly points: number;
  readonly lot: string | null;
  readonly storeId: string | null;
  readonly ownerId?: string | null;
  readonly unitCostMilli?: number;
}

// Points of a network's or a household's account come without their lots: head office stands for who issued them.
function spentDues(clearing: Clearing, order: OrderRecord): Due[] {
  const own = order.spends.map(({ lot, points, restored }) => ({ ...lot, lot: lot.id, points: points - restored }));
  const others = (order.wallets ?? []).map(({ currency, points, restored }) => {
    return { currency, points: points - restored, lot: null, storeId: null };
  });
  return [...own, ...others].flatMap((accepted) => acceptedDues(clearing, order, accepted));
}

function acceptedDues(clearing: Clearing, place: Place, accepted: AcceptedPoints): Due[] {
  const { points, currency, lot, storeId: issuerStoreId, unitCostMilli } = accepted;
  const rule = ruleOf(clearing, currency);
  if (rule === undefined || points === 0) return [];
  const worth = points * priceOf(rule, unitCostMilli);
  const issuer = accepted.ownerId ?? clearing.headOfficeOwnerId;
  return payersOf(rule, worth, { issuer, headOffice: clearing.headOfficeOwnerId })
    .filter(({ payer, amountMilli }) => payer !== place.ownerId && amountMilli !== 0)
    .map(({ payer, amountMilli }) => ({
      debtor: payer,
      creditor: place.ownerId,
      currency,
      points,
      amountMilli,
      money: place.currency,
      lot,
      reason: "redeemed" as const,
      storeId: place.storeId,
      issuerStoreId,
    }));
}

// Who pays the owner that accepted points, each owner once.
function payersOf(
  { policy }: ClearingRule,
  worth: number,
  { issuer, headOffice }: { issuer: string; headOffice: string },
): { payer: string; amountMilli: number }[] {
  switch (policy.type) {
    case "none":
      return [];
    case "issuerPays":
      return [{ payer: issuer, amountMilli: worth }];
    case "fund":
      return [{ payer: headOffice, amountMilli: worth }];
    case "shares": {
      const weights = [policy.issuer, policy.acceptor, policy.headOffice].map((one) => Math.round(one * SHARE_UNITS));
      const [ofIssuer = 0, , ofHeadOffice = 0] = sharesByWeight(worth, weights);
      if (issuer === headOffice) return [{ payer: issuer, amountMilli: ofIssuer + ofHeadOffice }];
      return [
        { payer: issuer, amountMilli: ofIssuer },
        { payer: headOffice, amountMilli: ofHeadOffice },
      ];
    }
  }
}

/** Shares are exact to a billionth. */
const SHARE_UNITS = 1_000_000_000;

// Under a fund the owner that issues pays in; what is taken back of the points comes back to it, expired or not.
function issuedDues(program: CompiledProgram, clearing: Clearing, order: OrderRecord): Due[] {
  const { ownerId, storeId, currency: money } = order;
  const { headOfficeOwnerId } = clearing;
  if (ownerId === headOfficeOwnerId) return [];
  return earnedOf(order).flatMap(({ currency, points, reversed, lot }): Due[] => {
    const rule = ruleOf(clearing, currency);
    if (rule?.policy.type !== "fund" || points === reversed) return [];
    const unitCostMilli = program.currencies.get(currency)?.unitCostMilli;
    const contribution = rule.policy.contributionPerPointMilli ?? priceOf(rule, unitCostMilli);
    const standing = points - reversed;
    const owed = { debtor: ownerId, creditor: headOfficeOwnerId, currency, points: standing, money, lot };
    const amountMilli = standing * contribution;
    return amountMilli === 0 ? [] : [{ ...owed, amountMilli, reason: "issued", storeId, issuerStoreId: storeId }];
  });
}

function earnedOf({ earned, grants = [] }: OrderRecord): readonly StoredEarn[] {
  return [...earned, ...grants.flatMap((grant) => (grant.undone ? [] : grant.earned))];
}

// What a voucher took off the lines that stay is paid to the store that accepted it by who bears it.
function voucherDues(clearing: Clearing, order: OrderRecord): Due[] {
  const vouchers = order.vouchers ?? [];
  const standing = new Map<string, number>();
  for (const line of stayingLines(order.lines, order.returned)) addStanding(standing, line, order.lines, vouchers);
  return vouchers.flatMap((used): Due[] => {
    const { voucherId, borneBy = "store", issuerOwnerId, state } = used;
    const value = standing.get(voucherId) ?? 0;
    if (borneBy === "store" || state !== "used" || value === 0) return [];
    const bearer = borneBy === "issuer" ? (issuerOwnerId ?? clearing.headOfficeOwnerId) : clearing.headOfficeOwnerId;
    if (bearer === order.ownerId) return [];
    const { ownerId: creditor, currency: money, storeId } = order;
    const owed = { debtor: bearer, creditor, currency: "", points: 0, amountMilli: value * 1000, money, lot: null };
    return [{ ...owed, reason: "voucher", storeId, issuerStoreId: null, voucherId }];
  });
}

// A line of which units came back keeps a part of what vouchers took off it: it is shared among them as the whole was.
function addStanding(
  standing: Map<string, number>,
  line: StoredLine,
  lines: readonly StoredLine[],
  vouchers: readonly UsedVoucher[],
): void {
  const onLine = vouchers.flatMap(({ voucherId, lines: parts }) =>
    parts.filter(({ lineId }) => lineId === line.lineId).map(({ value }) => ({ voucherId, value })),
  );
  if (onLine.length === 0) return;
  const whole = lines.find(({ lineId }) => lineId === line.lineId)?.vouchered ?? 0;
  const kept = line.vouchered ?? 0;
  const weights = onLine.map(({ value }) => value);
  const values = kept === whole ? weights : sharesByWeight(kept, weights);
  for (const [place, { voucherId }] of onLine.entries()) {
    standing.set(voucherId, (standing.get(voucherId) ?? 0) + (values[place] ?? 0));
  }
}

function priceOf({ price, valuePerPointMilli }: ClearingRule, unitCostMilli = 0): number {
  return price === "unitCost" && unitCostMilli > 0 ? unitCostMilli : valuePerPointMilli;
}

const ruleOf = ({ currencies }: Clearing, id: string) => currencies.find(({ currency }) => currency === id);
