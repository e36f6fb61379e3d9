// A member who lives through a table of the guide: each row is decided by the same functions as in the member's own object.
import type { ProgramInput } from "@regulars/contracts/program";
import { decideActivity } from "@regulars/domain/activities";
import { budgetName } from "@regulars/domain/caps";
import { Draft } from "@regulars/domain/draft";
import { decideLabels } from "@regulars/domain/labels";
import { decideDelivery } from "@regulars/domain/life-acts";
import { makeOrder, MemoryLedger, TIME_ZONE, type LedgerOutcome } from "@regulars/domain/memory-ledger";
import { NOTHING_PREPARED, type FoundCode } from "@regulars/domain/moment";
import { decidePurchase, stockNeed } from "@regulars/domain/rewards";
import { decideEntitlementUse, decideTierSet } from "@regulars/domain/tiers-acts";
import { tierOf } from "@regulars/domain/tiers-keep";
import { issueVoucher } from "@regulars/domain/vouchers-issue";
import { readOrder } from "./order-text.ts";
import type { GuideRow } from "./tables.ts";

/** What a row shows after it has happened. */
export type Shown = Pick<GuideRow, "balances" | "tier" | "vouchers">;

const STORE = { storeId: "s1", regionId: "r1", ownerId: "o1", money: "TWD" };
const DAY_MS = 86_400_000;

export class GuideMember {
  readonly #document: ProgramInput;
  #ledger: MemoryLedger | null = null;
  /** Coins of a network that the last order moved. */
  #coins: string | null = null;

  constructor(document: ProgramInput) {
    this.#document = document;
  }

  /** Does what a row says at its time. */
  live({ at, what }: GuideRow): Shown {
    this.#coins = null;
    const outcome = this.#do(what, at);
    this.#known.passTime(at);
    return outcome !== null && "refused" in outcome
      ? { ...this.#shown(), balances: `refused ${outcome.refused}` }
      : this.#shown();
  }

  get #known(): MemoryLedger {
    if (this.#ledger === null) throw new Error("the first row of a table enrols");
    return this.#ledger;
  }

  #do(what: string, at: number): LedgerOutcome | null {
    const [verb = "", ...words] = what.split(" ");
    const [first = "", second = "", third = ""] = words;
    switch (verb) {
      case "enrol":
        return this.#enrol(at, second);
      case "order":
        return this.#order(words.join(" "), at);
      case "refund":
        return this.#refund(first.replace(":", ""), words.slice(1).join(" "), at);
      case "event":
        return this.#event(first, second, at);
      case "buy":
        return this.#buy(first, at);
      case "give":
        return this.#give(first, at);
      case "delivered":
        return this.#known.decide((state, _, now) => decideDelivery(state, this.#orderOf(first), now), at);
      case "label":
        return this.#known.decide((state, _, now) => decideLabels(state, { tags: [first] }, now), at);
      case "use":
        return this.#known.decide(
          (state, program, now) => decideEntitlementUse(state, program, { entitlement: first }, when(now)),
          at,
        );
      case "tier": {
        const until = Date.parse(`${third}T00:00:00+08:00`) + DAY_MS;
        const ask = { tier: first, until, reason: "paid" };
        return this.#known.decide((state, program, now) => decideTierSet(state, program, ask, when(now)), at);
      }
      case "nothing":
        return null;
      default:
        throw new Error(`the guide has no row "${what}"`);
    }
  }

  #enrol(at: number, birthday: string): LedgerOutcome {
    this.#ledger = new MemoryLedger([this.#document], at);
    this.#ledger.birthday = birthday === "" ? null : birthday;
    return this.#event("enrolled", "enrolled", at);
  }

  #order(text: string, at: number): LedgerOutcome {
    const { orderId, vouchers, codes, ...basket } = readOrder(text);
    const held = [...this.#known.state.vouchers.values()];
    const named = vouchers.map((reward) => held.find(({ rewardId }) => rewardId === reward)?.id ?? reward);
    const accounts = { foodcourt: { tenantId: "net_foodcourt", memberId: "mbr_account" } };
    this.#known.prepared = { ...NOTHING_PREPARED, grants: this.#budgets(at), accounts, ...this.#codes(codes, orderId) };
    const order = makeOrder(at, { ...STORE, orderId, ...basket, vouchers: named, codes, state: "paid" });
    const outcome = this.#known.call({ do: "order", version: 1, order }, at);
    if ("event" in outcome && "order" in outcome.event.body) {
      const coins = outcome.event.body.order.earned.filter(({ currency }) => this.#isCoin(currency));
      if (coins.length > 0) this.#coins = `${coins[0]?.currency} +${coins.reduce((sum, one) => sum + one.points, 0)}`;
    }
    return outcome;
  }

  #refund(orderId: string, what: string, at: number): LedgerOutcome {
    const known = this.#orderOf(orderId);
    const [count = "", category = ""] = what.split(" ");
    const line = known.lines.find((one) => one.category === category);
    const lines = line === undefined ? null : [{ lineId: line.lineId, quantity: Number(count) }];
    const outcome = this.#known.call({ do: "refund", version: 1, refund: { orderId, refundId: `r-${at}`, lines } }, at);
    if ("event" in outcome && outcome.event.body.kind === "order.refunded") {
      const coins = outcome.event.body.refund.reversed.filter(({ currency }) => this.#isCoin(currency));
      if (coins.length > 0) this.#coins = `${coins[0]?.currency} -${coins.reduce((sum, one) => sum + one.points, 0)}`;
    }
    return outcome;
  }

  #event(type: string, key: string, at: number): LedgerOutcome {
    const data = type === "profile_completed" ? { [key]: true } : {};
    const ask = { ...STORE, type, key, data };
    const ledger = this.#known;
    return ledger.decide((state, program, now) => decideActivity(state, program, ask, ledger.moment(now, now)), at);
  }

  // Stock is never short here.
  #buy(rewardId: string, at: number): LedgerOutcome {
    return this.#known.decide((state, program, now) => {
      const need = stockNeed(program, rewardId);
      const takes = need === null ? [] : [{ name: need.name, granted: 1, rule: null }];
      const grants = Object.fromEntries(takes.map(({ name }) => [name, 1]));
      const prepared = { grants, pending: [{ intent: "guide", takes, claims: [] }] };
      return decidePurchase(state, program, { ...STORE, rewardId }, { ...when(now), prepared });
    }, at);
  }

  #give(rewardId: string, at: number): LedgerOutcome {
    return this.#known.decide((state, program, now) => {
      const draft = new Draft(state, now);
      const voucher = issueVoucher(
        draft,
        program,
        rewardId,
        { kind: "hand", ref: "guide" },
        { ...when(now), ownerId: null },
      );
      return { ok: true, body: { kind: "voucher.issued", voucher, reason: null, ...draft.body([]) } };
    }, at);
  }

  // What the objects of budgets and codes would answer: budgets are never short here, a code is good for each member once.
  #budgets(at: number): Record<string, number> {
    const budgeted = [...this.#known.program(1).rulesById.values()].filter(({ budget }) => budget !== undefined);
    return Object.fromEntries(budgeted.map((rule) => [budgetName(rule, at, TIME_ZONE), Number.MAX_SAFE_INTEGER]));
  }

  #codes(texts: readonly string[], orderId: string): { codes: FoundCode[]; refusedCodes: string[] } {
    const { rewards, codes: campaigns } = this.#known.program(1).document;
    const found = texts.flatMap((text): FoundCode[] => {
      const campaign = campaigns.find(({ code }) => code?.toLowerCase() === text.toLowerCase());
      const reward = rewards.find(({ id }) => id === campaign?.reward);
      if (campaign === undefined || reward === undefined) return [];
      const { benefit, terms, borneBy, id: rewardId } = reward;
      return [{ text, campaign: campaign.id, claim: `${campaign.id}/${orderId}`, rewardId, benefit, terms, borneBy }];
    });
    return { codes: found, refusedCodes: texts.filter((text) => !found.some((one) => one.text === text)) };
  }

  #orderOf(orderId: string) {
    const order = this.#known.orders.get(orderId);
    if (order === undefined) throw new Error(`order ${orderId} has not happened`);
    return order;
  }

  #isCoin(currency: string): boolean {
    return this.#known.program(1).currencies.get(currency)?.network !== undefined;
  }

  #shown(): Shown {
    const { state } = this.#known;
    const program = this.#known.program(1);
    const own = [...program.currencies.keys()].filter((id) => !this.#isCoin(id));
    const balances = own.map((id) => {
      const { available = 0, pending = 0 } = state.currencies.get(id) ?? {};
      return `${id} ${available}${pending === 0 ? "" : ` (pending ${pending})`}`;
    });
    if (this.#coins !== null) balances.push(this.#coins);
    const vouchers = [...state.vouchers.values()]
      .filter((voucher) => voucher.state === "issued")
      .map(({ rewardId }) => rewardId);
    return {
      balances: balances.join(", ") || "–",
      tier: tierOf(program, state.tier) ?? "–",
      vouchers: vouchers.join(", ") || "–",
    };
  }
}

const when = (now: number) => ({ now, timeZone: TIME_ZONE });
