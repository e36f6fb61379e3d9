// The loyalty program under random programs and histories: what must hold whatever is combined with whatever.
import type { OrderRecord } from "@regulars/contracts/events-orders";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { baskets, happenings, programs, type Happening } from "./loyalty-histories.ts";
import { Draft } from "./draft.ts";
import { makeOrder, MemoryLedger, TIME_ZONE } from "./memory-ledger.ts";
import { issueVoucher } from "./vouchers-issue.ts";
import { writeSnapshot } from "./snapshot.ts";
import { applyEvent, emptyState, type MemberState } from "./state.ts";

const START = Date.parse("2026-03-01T04:00:00Z");
const HOUR = 3_600_000;
/** More by hand: LOYALTY_RUNS=20000. */
const RUNS = Number(process.env["LOYALTY_RUNS"] ?? 400);

class Life {
  readonly ledger: MemoryLedger;
  now = START;
  readonly #orderIds: string[] = [];

  constructor(program: ConstructorParameters<typeof MemoryLedger>[0][number]) {
    this.ledger = new MemoryLedger([program], START);
  }

  live(happening: Happening): void {
    switch (happening.do) {
      case "pass":
        this.now += happening.hours * HOUR;
        this.ledger.passTime(this.now);
        return;
      case "issue":
        this.#issue(happening.reward);
        return;
      case "order": {
        const { lines, state, points, lateHours } = happening;
        const orderId = `o${this.#orderIds.length}`;
        const redeem = points > 0 ? [{ currency: "points", points }] : null;
        const vouchers = this.#open(happening.vouchers);
        const placedAt = this.now - lateHours * HOUR;
        const order = makeOrder(placedAt, { orderId, lines, state, redeem, vouchers });
        const outcome = this.ledger.call({ do: "order", version: 1, order }, this.now);
        if ("event" in outcome) this.#orderIds.push(orderId);
        return;
      }
      case "settle": {
        const known = this.#order(happening.order);
        if (known === undefined) return;
        const { orderId, lines, placedAt } = known;
        const plain = lines.map(({ vouchered: _vouchered, ...line }) => line);
        const order = makeOrder(placedAt, {
          orderId,
          lines: plain,
          state: happening.state,
          redeem: null,
          vouchers: null,
        });
        this.ledger.call({ do: "order", version: 1, order }, this.now);
        return;
      }
      case "refund": {
        const known = this.#order(happening.order);
        if (known === undefined) return;
        const lines = known.lines.flatMap(({ lineId }, place) => {
          const quantity = happening.quantities[place % happening.quantities.length]!;
          return quantity === 0 ? [] : [{ lineId, quantity }];
        });
        if (lines.length > 0) this.refund(known.orderId, lines);
        return;
      }
    }
  }

  refund(orderId: string, lines: { lineId: string; quantity: number }[] | null) {
    const refundId = `r${this.ledger.state.sequence}`;
    return this.ledger.call({ do: "refund", version: 1, refund: { orderId, refundId, lines } }, this.now);
  }

  #issue(rewardId: string): void {
    this.ledger.decide((state, program, now) => {
      const draft = new Draft(state, now);
      const when = { now, timeZone: TIME_ZONE, ownerId: null };
      const voucher = issueVoucher(draft, program, rewardId, { kind: "hand", ref: "test" }, when);
      return { ok: true, body: { kind: "voucher.issued", voucher, reason: null, ...draft.body([]) } };
    }, this.now);
  }

  #open(places: readonly number[]): string[] {
    const open = [...this.ledger.state.vouchers.values()].filter(({ state }) => state === "issued");
    return [...new Set(places.flatMap((place) => open[place % Math.max(1, open.length)]?.id ?? []))];
  }

  #order(place: number): OrderRecord | undefined {
    const orderId = this.#orderIds[place % Math.max(1, this.#orderIds.length)];
    return orderId === undefined ? undefined : this.ledger.orders.get(orderId);
  }
}

const histories = fc.array(happenings, { maxLength: 30 });

describe("whatever happens", () => {
  test("the fold of all events is the state, entries sum to zero, and no figure is negative", () => {
    fc.assert(
      fc.property(programs, histories, (program, history) => {
        const life = new Life(program);
        for (const happening of history) life.live(happening);
        const { events, state } = life.ledger;
        const folded = emptyState();
        for (const event of events) applyEvent(folded, event);
        expect(writeSnapshot(folded)).toBe(writeSnapshot(state));
        for (const { available, pending, held } of state.lots.values()) {
          expect(Math.min(available, pending, held)).toBeGreaterThanOrEqual(0);
        }
        for (const [name, { value }] of state.counters) expect(value, name).toBeGreaterThanOrEqual(0);
      }),
      { numRuns: RUNS },
    );
  });

  test("a cap is never exceeded, whatever was refunded before", () => {
    fc.assert(
      fc.property(programs, histories, (program, history) => {
        const life = new Life(program);
        for (const happening of history) life.live(happening);
        const caps = program.earning?.[0]?.caps ?? [];
        for (const { period, points } of caps) {
          const sums = new Map<string, number>();
          for (const order of life.ledger.orders.values()) {
            // Asia/Taipei is eight hours ahead and has no summer time.
            const day = new Date(order.placedAt + 8 * HOUR).toISOString().slice(0, 10);
            const key = period === "day" ? day : "program";
            for (const one of order.earned) {
              if (one.rule === "base") sums.set(key, (sums.get(key) ?? 0) + one.points - one.reversed);
            }
          }
          for (const sum of sums.values()) expect(sum).toBeLessThanOrEqual(points ?? Infinity);
        }
      }),
      { numRuns: RUNS },
    );
  });

  test("a voucher is on one order at most", () => {
    fc.assert(
      fc.property(programs, histories, (program, history) => {
        const life = new Life(program);
        for (const happening of history) life.live(happening);
        const used = new Set<string>();
        for (const { vouchers = [], state } of life.ledger.orders.values()) {
          if (state === "cancelled") continue;
          for (const voucher of vouchers.filter((one) => one.state === "used")) {
            expect(used.has(voucher.voucherId)).toBe(false);
            used.add(voucher.voucherId);
          }
        }
        for (const voucher of life.ledger.state.vouchers.values()) expect(used.has(voucher.id)).toBe(false);
      }),
      { numRuns: RUNS },
    );
  });
});

describe("a full refund, in any number of steps, leaves the member exactly as before the order", () => {
  const splits = fc.array(fc.tuple(fc.nat({ max: 3 }), fc.integer({ min: 1, max: 4 })), { maxLength: 6 });
  const spending = fc.record({ points: fc.constantFrom(0, 7, 60), authorizes: fc.boolean(), cancels: fc.boolean() });

  test("after any history", () => {
    let restored = 0;
    fc.assert(
      fc.property(programs, histories, baskets, splits, spending, (program, history, lines, split, wish) => {
        const life = new Life(program);
        for (const happening of history) life.live(happening);
        life.ledger.passTime(life.now);
        const before = readable(life.ledger.state);
        const orderId = "watched";
        const redeem = wish.points > 0 ? [{ currency: "points", points: wish.points }] : null;
        const vouchers = [...life.ledger.state.vouchers.values()]
          .filter(({ state, rewardId }) => state === "issued" && rewardId !== "no-return" && rewardId !== "extended")
          .slice(0, 2)
          .map(({ id }) => id);
        const order = makeOrder(life.now, { orderId, lines, redeem, vouchers });
        if (wish.authorizes) {
          life.ledger.call({ do: "order", version: 1, order: { ...order, state: "authorized" } }, life.now);
        }
        const paid = life.ledger.call({ do: "order", version: 1, order }, life.now);
        fc.pre("event" in paid);
        for (const [place, quantity] of split) {
          const { lineId } = lines[place % lines.length]!;
          life.refund(orderId, [{ lineId, quantity }]);
        }
        if (wish.cancels)
          life.ledger.call({ do: "order", version: 1, order: { ...order, state: "cancelled" } }, life.now);
        else life.refund(orderId, null);
        restored += 1;
        expect(readable(life.ledger.state)).toEqual(before);
      }),
      { numRuns: RUNS },
    );
    expect(restored).toBeGreaterThan(RUNS / 3);
  });
});

// Everything but the running number: lists that only remember in which order things came are sorted.
function readable(state: MemberState): unknown {
  const { scalars, debts, lots, holds, counters, activity, vouchers, facts } = JSON.parse(
    writeSnapshot(state),
  ) as Record<string, unknown> & { scalars: Record<string, unknown>; debts: [string, number][]; lots: unknown[] };
  const { sequence: _sequence, at: _at, ...lasting } = scalars;
  const sorted = (list: unknown) => (list as unknown[]).map((one) => JSON.stringify(one)).sort();
  return {
    lasting,
    debts: debts.filter(([, debt]) => debt !== 0).sort(),
    lots: sorted(lots),
    holds,
    counters: sorted(counters),
    activity: sorted(activity),
    vouchers: sorted(vouchers),
    facts: sorted(facts),
  };
}
