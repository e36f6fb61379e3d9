// The vouchers and codes that an order names: all of them must be usable together, or the order is refused.
import type { VoucherRecord } from "@regulars/contracts/events-effects";
import type { UsedVoucher } from "@regulars/contracts/events-orders";
import { VOUCHERS_PER_ORDER_MAX } from "@regulars/contracts/limits";
import { applyAll, candidateOf, conflictOf, type Candidate } from "./combination.ts";
import type { FoundCode } from "./moment.ts";
import { refuse, type Refused } from "./refuse.ts";
import type { VoucherAsk } from "./vouchers.ts";
import { checkTerms, type TermsBasket } from "./vouchers-terms.ts";

/** A voucher or code that its terms let be used on the basket. */
export interface Usable extends Candidate {
  readonly voucher: VoucherRecord;
  readonly code: UsedVoucher["code"] | undefined;
}

interface Named {
  readonly voucher: VoucherRecord;
  readonly code: UsedVoucher["code"] | undefined;
  readonly field: string;
}

/**
 * What an order names, checked. Refuses: voucher_not_found, voucher_already_used, voucher_expired, voucher_not_applicable,
 * code_not_usable, too_many_items.
 */
export function wantedOf(
  ask: VoucherAsk,
  basket: TermsBasket,
): { readonly ok: true; readonly usable: readonly Usable[] } | Refused {
  const named: Named[] = [];
  for (const [place, id] of ask.wanted.entries()) {
    const field = `vouchers[${place}]`;
    const voucher = ask.held.find((one) => one.id === id);
    if (voucher === undefined) return refuse("voucher_not_found", field);
    named.push({ voucher, code: undefined, field });
  }
  const codes = codesOf(ask);
  if (!codes.ok) return codes;
  named.push(...codes.named);
  if (named.length > VOUCHERS_PER_ORDER_MAX) {
    return refuse("too_many_items", "vouchers", { limit: VOUCHERS_PER_ORDER_MAX });
  }
  return checked(named, basket);
}

function checked(named: readonly Named[], basket: TermsBasket) {
  const usable: Usable[] = [];
  for (const one of named) {
    const met = checkTerms(one.voucher, basket);
    if (!met.ok) return refused(one, met.reason, met.facts);
    const candidate = usableOf(one.voucher, met.places, one.code);
    for (const other of usable) {
      const conflict = conflictOf(candidate, other);
      if (conflict !== null) return refused(one, conflict, { other: other.id });
    }
    usable.push(candidate);
  }
  for (const { candidate, value } of applyAll(usable, basket.lines)) {
    const one = named.find(({ voucher }) => voucher === candidate.voucher);
    if (one !== undefined && value === 0 && !MAY_BE_WORTH_NOTHING.has(candidate.benefit.type)) {
      return refused(one, "no_value");
    }
  }
  return { ok: true as const, usable };
}

// A gift may be handed over beside the basket, and an experience takes place elsewhere: both are used all the same.
const MAY_BE_WORTH_NOTHING: ReadonlySet<string> = new Set(["gift", "experience"]);

/** A voucher as the search takes it. */
export function usableOf(voucher: VoucherRecord, places: readonly number[], code?: UsedVoucher["code"]): Usable {
  const { id, benefit, terms, expiresAt } = voucher;
  return { ...candidateOf({ id, benefit, stacking: terms.stacking, expiresAt, places }), voucher, code };
}

function refused(
  { field, code }: Named,
  reason: string,
  facts: Readonly<Record<string, string | number>> = {},
): Refused {
  if (reason === "reserved") return refuse("voucher_already_used", field, { state: reason });
  if (reason === "expired") return refuse(code === undefined ? "voucher_expired" : "code_not_usable", field);
  return refuse("voucher_not_applicable", field, { reason, ...facts });
}

// Codes that are not said are, for an order that was authorized with some, those very codes.
function codesOf(ask: VoucherAsk): { ok: true; named: readonly Named[] } | Refused {
  if (ask.codes === undefined) {
    const kept = ask.reserved.flatMap(({ voucher, code }): Named[] =>
      voucher === undefined || code === undefined ? [] : [{ voucher, code, field: "codes" }],
    );
    return { ok: true, named: kept };
  }
  const named: Named[] = [];
  for (const [place, text] of ask.codes.entries()) {
    const field = `codes[${place}]`;
    const found = ask.prepared.codes.find((code) => code.text === text);
    if (found === undefined) return refuse("code_not_usable", field);
    const { campaign, claim } = found;
    if (named.some(({ code }) => code?.claim === claim)) return refuse("duplicate_item", field);
    named.push({ voucher: standsFor(found, ask), code: { campaign, claim }, field });
  }
  return { ok: true, named };
}

function standsFor(code: FoundCode, { program, now }: VoucherAsk): VoucherRecord {
  const { claim, campaign, rewardId, benefit, terms, borneBy } = code;
  return {
    id: claim,
    rewardId,
    programVersion: program.version,
    benefit,
    terms,
    borneBy,
    transferable: false,
    state: "issued",
    issuedAt: now,
    expiresAt: terms.validUntil === undefined ? null : Date.parse(terms.validUntil),
    origin: { kind: "code", ref: campaign },
    issuerOwnerId: null,
    orderId: null,
  };
}
