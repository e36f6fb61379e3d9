// A member who holds vouchers, for tests: orders, quotes and refunds by the names of the rewards.
import type { VoucherRecord } from "@regulars/contracts/events-effects";
import type { ProgramInput } from "@regulars/contracts/program";
import type { OrderCommand } from "@regulars/contracts/rpc";
import { Draft } from "./draft.ts";
import { makeLine, makeOrder, MemoryLedger, TIME_ZONE } from "./memory-ledger.ts";
import { decideQuote } from "./quotes.ts";
import { issueVoucher } from "./vouchers-issue.ts";

export type RewardInput = NonNullable<ProgramInput["rewards"]>[number];

export const NOW = Date.parse("2026-03-01T04:00:00Z");
export const DAY_MS = 86_400_000;

/** 50.00 off, unless told otherwise. */
export const makeReward = (id: string, more: Omit<Partial<RewardInput>, "id"> = {}): RewardInput => ({
  id,
  name: { "zh-TW": "折價券" },
  benefit: { type: "amountOff", amount: 5000 },
  ...more,
});

/** A member who holds one voucher of each reward, named by its reward. */
export class VoucherHolder {
  readonly ledger: MemoryLedger;
  readonly #ids = new Map<string, string>();

  constructor(rewards: readonly RewardInput[], more: Partial<ProgramInput> = {}) {
    const points = { id: "points" };
    this.ledger = new MemoryLedger(
      [
        {
          currencies: [points],
          earning: [{ id: "base", currency: "points", per: 1000 }],
          rewards: [...rewards],
          ...more,
        },
      ],
      NOW,
    );
    for (const { id } of rewards) this.issue(id);
  }

  issue(rewardId: string, now = NOW): string {
    let voucher: VoucherRecord | undefined;
    this.ledger.decide((state, program, at) => {
      const draft = new Draft(state, at);
      const when = { now: at, timeZone: TIME_ZONE, ownerId: "o9" };
      voucher = issueVoucher(draft, program, rewardId, { kind: "hand", ref: rewardId }, when);
      return { ok: true, body: { kind: "voucher.issued", voucher, reason: null, ...draft.body([]) } };
    }, now);
    if (voucher === undefined) throw new Error(`no ${rewardId}`);
    this.#ids.set(rewardId, voucher.id);
    return voucher.id;
  }

  id = (rewardId: string) => this.#ids.get(rewardId) ?? rewardId;

  put(vouchers: readonly string[] | null, more: Partial<OrderCommand> = {}, now = NOW) {
    const order = makeOrder(now, { vouchers: vouchers?.map(this.id) ?? null, ...more });
    return this.ledger.call({ do: "order", version: 1, order }, now);
  }

  /** What was taken off each line, or why the order was refused. */
  off(vouchers: readonly string[], more: Partial<OrderCommand> = {}, now = NOW): unknown {
    const decided = this.quote({ vouchers: vouchers.map(this.id), ...more }, now);
    return decided.ok ? decided.quote.vouchers.value : Object.values({ ...decided.refusal });
  }

  quote(more: Partial<OrderCommand> = {}, now = NOW) {
    const program = this.ledger.program(1);
    const facts = {
      homeStoreId: null,
      source: null,
      firstOrder: true,
      ordersBefore: 0,
      birthdayMonth: false,
      enrolledDays: 0,
      tier: "gold",
    };
    const basket = makeOrder(now, more);
    return decideQuote(this.ledger.state, program, basket, { now, timeZone: TIME_ZONE, facts });
  }

  refund(lines: Record<string, number> | null, now = NOW) {
    const refundId = `r${this.ledger.state.sequence}`;
    const list = lines && Object.entries(lines).map(([lineId, quantity]) => ({ lineId, quantity }));
    const outcome = this.ledger.call(
      { do: "refund", version: 1, refund: { orderId: "A", refundId, lines: list } },
      now,
    );
    if (!("event" in outcome) || outcome.event.body.kind !== "order.refunded") throw new Error(JSON.stringify(outcome));
    const { amount, vouchers = [] } = outcome.event.body.refund;
    return { amount, back: vouchers.length };
  }

  /** State of each open voucher by its reward. */
  get open(): Record<string, string> {
    return Object.fromEntries([...this.ledger.state.vouchers.values()].map(({ rewardId, state }) => [rewardId, state]));
  }
}

/** Rice for 120.00 and two teas for 40.00 each. */
export const meal = [
  makeLine({ lineId: "a", sku: "rice", category: "food", quantity: 1, unitPrice: 12_000 }),
  makeLine({ lineId: "b", sku: "tea", category: "drink", quantity: 2, unitPrice: 4000 }),
];
