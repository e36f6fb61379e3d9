// A naive second opinion on the ledger, for tests: plain lists, one point at a time, and no code of the real one.
import type { OrderCommand } from "@regulars/contracts/rpc";
import type { LedgerCall } from "./memory-ledger.ts";
import { naiveEarnings, naivePrograms, type NaiveProgram } from "./naive-programs.ts";

interface NaiveLot {
  readonly currency: string;
  readonly availableAt: number;
  readonly expiresAt: number;
  available: number;
  pending: number;
  held: number;
  expired: number;
}

interface NaiveHold {
  readonly order: string | null;
  readonly currency: string;
  readonly lapsesAt: number;
  /** The lot of each held point, in the order they were taken. */
  readonly points: readonly NaiveLot[];
  state: "held" | "captured" | "voided" | "lapsed";
}

interface NaiveOrder {
  state: OrderCommand["state"];
  readonly program: NaiveProgram;
  readonly first: boolean;
  readonly lines: OrderCommand["lines"];
  readonly redeem: readonly { readonly currency: string; readonly points: number }[];
  /** The lot of each spent point, the last one spent at the end; restored ones are popped. */
  readonly spent: NaiveLot[];
  readonly earned: { rule: string; lot: NaiveLot; points: number; reversed: number; reversedExpired: number }[];
  readonly returned: Map<string, number>;
  money: number;
  restored: number;
}

export class NaiveLedger {
  now: number;
  readonly lots: NaiveLot[] = [];
  readonly debts = new Map<string, number>();
  readonly holds: NaiveHold[] = [];
  readonly orders = new Map<string, NaiveOrder>();
  /** Money given back by the last refund. */
  lastRefund = 0;
  #paidOrders = 0;

  constructor(now: number) {
    this.now = now;
  }

  /** Does what the ledger should do; returns the code of the refusal it should give, or null. */
  call(call: LedgerCall, now: number, holdNumber = -1): string | null {
    this.passTime(now);
    const program = naivePrograms[call.version - 1] as NaiveProgram;
    if (call.do === "order") return this.#order(call.order, program);
    if (call.do === "refund") return this.#refund(call.refund);
    if (call.do === "undo") return this.#undo(call.orderId);
    if (call.do === "adjust") return this.#adjust(call.wish, program);
    if (call.do === "hold") return this.#hold(call.wish, program);
    return this.#resolve(holdNumber, call.do === "void" ? 0 : (call.points ?? -1), call.do === "void");
  }

  /** One thing at a time, the earliest first: mature, then lapse, then expire. */
  passTime(now: number): void {
    for (;;) {
      const due: [at: number, rank: number, happen: () => void][] = [];
      for (const lot of this.lots) {
        if (lot.pending > 0)
          due.push([lot.availableAt, 0, () => this.#giveTo(lot, drain(lot, "pending"), lot.availableAt)]);
        if (lot.available > 0) due.push([lot.expiresAt, 2, () => (lot.expired += drain(lot, "available"))]);
      }
      for (const hold of this.holds) {
        if (hold.state === "held") due.push([hold.lapsesAt, 1, () => this.#close(hold, 0, "lapsed", hold.lapsesAt)]);
      }
      const [next] = due.sort((one, other) => one[0] - other[0] || one[1] - other[1]);
      if (next === undefined || next[0] > now) break;
      next[2]();
    }
    this.now = Math.max(this.now, now);
  }

  spendable(currency: string): number {
    return this.lots.reduce((sum, lot) => (lot.currency === currency ? sum + lot.available : sum), 0);
  }

  #order(wanted: OrderCommand, current: NaiveProgram): string | null {
    const known = this.orders.get(wanted.orderId);
    const rank = ["authorized", "paid", "cancelled"];
    if (known !== undefined && rank.indexOf(wanted.state) <= rank.indexOf(known.state)) return "order_state_conflict";
    if (wanted.state === "cancelled") return this.#cancel(wanted.orderId, known ?? this.#blank(wanted, current, []));
    const program = known?.program ?? current;
    const redeem = wanted.redeem ?? known?.redeem ?? [];
    const wrong = wrongRedeem(program, redeem, netOf(wanted.lines));
    if (wrong !== null) return wrong;
    const order = this.#blank(wanted, program, redeem, known?.first);
    const holds = this.holds.filter((hold) => hold.order === wanted.orderId && hold.state === "held");
    const heldOf = (currency: string) => holds.find((hold) => hold.currency === currency)?.points.length ?? 0;
    const short = redeem.some(({ currency, points }) => points - heldOf(currency) > this.spendable(currency));
    if (short) return "insufficient_points";
    this.orders.set(wanted.orderId, order);
    if (wanted.state === "authorized") {
      const lapsesAt = this.now + program.holdSeconds * 1000;
      for (const wish of redeem) this.#setAside(wish, lapsesAt, wanted.orderId);
      return null;
    }
    for (const hold of holds) {
      const captured = Math.min(
        hold.points.length,
        redeem.find((wish) => wish.currency === hold.currency)?.points ?? 0,
      );
      order.spent.push(...hold.points.slice(0, captured));
      this.#close(hold, captured, captured > 0 ? "captured" : "voided", this.now);
    }
    for (const { currency, points } of redeem) {
      const left = points - order.spent.filter((lot) => lot.currency === currency).length;
      for (let point = 0; point < left; point += 1) order.spent.push(this.#take(currency));
    }
    for (const { rule, currency, points } of this.#earnings(order, wanted.lines, valueOf(program, redeem))) {
      const { pendingDays } = program.currencies.get(currency) as { pendingDays: number };
      const availableAt =
        pendingDays === 0 ? Math.min(wanted.placedAt, this.now) : wanted.placedAt + pendingDays * DAY_MS;
      const lot = this.#open(currency, availableAt, program.expiresAt(currency, wanted.placedAt));
      order.earned.push({ rule, lot, points, reversed: 0, reversedExpired: 0 });
      if (availableAt > this.now) lot.pending += points;
      else this.#giveTo(lot, points, this.now);
    }
    this.#paidOrders += 1;
    return null;
  }

  #blank(wanted: OrderCommand, program: NaiveProgram, redeem: NaiveOrder["redeem"], first?: boolean): NaiveOrder {
    const { state, lines } = wanted;
    const isFirst = first ?? this.#paidOrders === 0;
    const fresh = { spent: [], earned: [], returned: new Map<string, number>(), money: 0, restored: 0 };
    return { state, program, first: isFirst, lines, redeem, ...fresh };
  }

  #earnings(order: NaiveOrder, lines: OrderCommand["lines"], paidByPoints: number) {
    return naiveEarnings(order.program, { lines, paidByPoints, first: order.first });
  }

  #cancel(orderId: string, order: NaiveOrder): null {
    for (const hold of this.holds)
      if (hold.order === orderId && hold.state === "held") this.#close(hold, 0, "voided", this.now);
    if (order.state === "paid") {
      for (const { lineId, quantity } of order.lines) order.returned.set(lineId, quantity);
      this.#giveBack(order);
    }
    order.state = "cancelled";
    this.orders.set(orderId, order);
    return null;
  }

  #undo(orderId: string): string | null {
    const order = this.orders.get(orderId);
    return order === undefined ? "order_not_found" : this.#cancel(orderId, order);
  }

  #refund({ orderId, lines }: { orderId: string; lines: readonly { lineId: string; quantity: number }[] | null }) {
    const order = this.orders.get(orderId);
    if (order === undefined) return "order_not_found";
    if (order.state === "authorized") return "order_state_conflict";
    const left = new Map(
      order.lines.map((line) => [line.lineId, line.quantity - (order.returned.get(line.lineId) ?? 0)]),
    );
    if (order.state === "cancelled" || Math.max(...left.values()) === 0) return "nothing_to_refund";
    for (const { lineId, quantity } of lines ?? []) {
      const most = left.get(lineId);
      if (most === undefined) return "line_unknown";
      if (quantity > most) return "refund_exceeds_order";
    }
    const wanted = lines ?? [...left].map(([lineId, quantity]) => ({ lineId, quantity }));
    for (const { lineId, quantity } of wanted) order.returned.set(lineId, (order.returned.get(lineId) ?? 0) + quantity);
    this.#giveBack(order);
    return null;
  }

  #giveBack(order: NaiveOrder): void {
    const { program, redeem } = order;
    const staying = order.lines
      .map((line) => ({ line, quantity: line.quantity - (order.returned.get(line.lineId) ?? 0) }))
      .filter(({ quantity }) => quantity > 0)
      .map(({ line, quantity }) => ({
        ...line,
        quantity,
        discount: Math.floor((line.discount * quantity) / line.quantity),
      }));
    const [net, netBefore] = [netOf(staying), netOf(order.lines)];
    const payable = netBefore - valueOf(program, redeem);
    const stays = redeem.map(({ currency, points }) => ({
      currency,
      points: Math.ceil((points * net) / (netBefore || 1)),
    }));
    const money = () => payable - Math.max(0, net - valueOf(program, stays));
    for (const stay of stays) {
      const spent = order.spent.filter((lot) => lot.currency === stay.currency).length;
      while (money() < order.money && stay.points < spent) stay.points += 1;
    }
    for (const { currency, points } of stays) {
      while (order.spent.filter((lot) => lot.currency === currency).length > points) {
        const [lot] = order.spent.splice(
          order.spent.findLastIndex((spent) => spent.currency === currency),
          1,
        );
        this.#giveTo(lot as NaiveLot, 1, this.now);
        order.restored += 1;
      }
    }
    const earnings = this.#earnings(order, staying, valueOf(program, stays));
    for (const earned of order.earned) {
      const stay = earnings.find(({ rule }) => rule === earned.rule)?.points ?? 0;
      for (; earned.reversed < earned.points - stay; earned.reversed += 1) this.#takeBack(earned, program);
    }
    this.lastRefund = money() - order.money;
    order.money = money();
  }

  #takeBack(earned: NaiveOrder["earned"][number], program: NaiveProgram): void {
    const { lot } = earned;
    if (lot.pending > 0) lot.pending -= 1;
    else if (lot.available > 0) lot.available -= 1;
    else if (lot.expired > earned.reversedExpired) earned.reversedExpired += 1;
    else if (this.spendable(lot.currency) > 0) this.#take(lot.currency);
    else if (program.debt) this.debts.set(lot.currency, (this.debts.get(lot.currency) ?? 0) + 1);
  }

  #adjust(wish: { currency: string; points: number }, program: NaiveProgram): string | null {
    const { currency, points } = wish;
    if (!program.currencies.has(currency)) return "currency_unknown";
    if (-points > this.spendable(currency)) return "insufficient_points";
    for (let point = 0; point > points; point -= 1) this.#take(currency);
    if (points > 0)
      this.#giveTo(this.#open(currency, this.now, program.expiresAt(currency, this.now)), points, this.now);
    return null;
  }

  #hold(wish: { currency: string; points: number; ttlSeconds: number }, program: NaiveProgram): string | null {
    if (!program.currencies.has(wish.currency)) return "currency_unknown";
    if (wish.points > this.spendable(wish.currency)) return "insufficient_points";
    this.#setAside(wish, this.now + wish.ttlSeconds * 1000, null);
    return null;
  }

  #resolve(holdNumber: number, wanted: number, isVoid: boolean): string | null {
    const hold = this.holds[holdNumber];
    if (hold === undefined) return "hold_not_found";
    if (hold.state === "lapsed") return "hold_lapsed";
    if (hold.state !== "held") return `hold_already_${hold.state}`;
    const captured = wanted === -1 ? hold.points.length : wanted;
    if (captured > hold.points.length) return "capture_exceeds_hold";
    this.#close(hold, captured, isVoid ? "voided" : "captured", this.now);
    return null;
  }

  #setAside({ currency, points }: { currency: string; points: number }, lapsesAt: number, order: string | null): void {
    const taken = Array.from({ length: points }, () => this.#take(currency));
    for (const lot of taken) lot.held += 1;
    this.holds.push({ order, currency, lapsesAt, points: taken, state: "held" });
  }

  #close(hold: NaiveHold, captured: number, state: NaiveHold["state"], at: number): void {
    hold.state = state;
    for (const [place, lot] of hold.points.entries()) {
      lot.held -= 1;
      if (place >= captured) this.#giveTo(lot, 1, at);
    }
  }

  #open(currency: string, availableAt: number, expiresAt: number): NaiveLot {
    const lot = { currency, availableAt, expiresAt, available: 0, pending: 0, held: 0, expired: 0 };
    this.lots.push(lot);
    return lot;
  }

  #giveTo(lot: NaiveLot, points: number, at: number): void {
    if (lot.expiresAt <= at) {
      lot.expired += points;
      return;
    }
    const paid = Math.min(points, this.debts.get(lot.currency) ?? 0);
    this.debts.set(lot.currency, (this.debts.get(lot.currency) ?? 0) - paid);
    lot.available += points - paid;
  }

  // One point of the lot that ends first; among those that end together, of the oldest.
  #take(currency: string): NaiveLot {
    let first: NaiveLot | undefined;
    for (const lot of this.lots) {
      const better = first === undefined || lot.expiresAt < first.expiresAt;
      if (lot.currency === currency && lot.available > 0 && better) first = lot;
    }
    if (first === undefined) throw new Error(`the model has no ${currency}`);
    first.available -= 1;
    return first;
  }
}

const DAY_MS = 86_400_000;

function drain(lot: NaiveLot, from: "pending" | "available"): number {
  const points = lot[from];
  lot[from] = 0;
  return points;
}

const netOf = (lines: OrderCommand["lines"]) =>
  lines.map((line) => line.quantity * line.unitPrice - line.discount).reduce((sum, net) => sum + net, 0);

const valueOf = (program: NaiveProgram, parts: readonly { currency: string; points: number }[]) =>
  parts
    .map(({ currency, points }) => points * (program.tenders.get(currency)?.value ?? 0))
    .reduce((sum, value) => sum + value, 0);

function wrongRedeem(program: NaiveProgram, redeem: NaiveOrder["redeem"], net: number): string | null {
  let value = 0;
  for (const { currency, points } of redeem) {
    const tender = program.tenders.get(currency);
    if (tender === undefined) return "redeem_not_allowed";
    if (points < tender.min) return "redeem_below_minimum";
    if (points % tender.step !== 0) return "redeem_step";
    value += points * tender.value;
    if (points * tender.value * tender.shareOf > net || value > net) return "redeem_exceeds_share";
  }
  return null;
}
