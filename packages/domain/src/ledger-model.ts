// A naive second opinion on the ledger, for tests: plain lists, one point at a time, and no code of the real one.
import type { OrderCommand } from "@regulars/contracts/rpc";
import type { LedgerCall } from "./memory-ledger.ts";
import { NaiveLots, type NaiveLot } from "./naive-lots.ts";
import { naiveEarnings, naivePrograms, type NaiveProgram } from "./naive-programs.ts";

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
  emptied: boolean;
}

export class NaiveLedger extends NaiveLots {
  readonly orders = new Map<string, NaiveOrder>();
  /** Money given back by the last refund. */
  lastRefund = 0;
  #paidOrders = 0;

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
      for (const wish of redeem) this.setAside(wish, lapsesAt, wanted.orderId);
      return null;
    }
    for (const hold of holds) {
      const captured = Math.min(
        hold.points.length,
        redeem.find((wish) => wish.currency === hold.currency)?.points ?? 0,
      );
      order.spent.push(...hold.points.slice(0, captured));
      this.close(hold, captured, captured > 0 ? "captured" : "voided", this.now);
    }
    for (const { currency, points } of redeem) {
      const left = points - order.spent.filter((lot) => lot.currency === currency).length;
      for (let point = 0; point < left; point += 1) order.spent.push(this.take(currency));
    }
    for (const { rule, currency, points } of this.#earnings(order, wanted.lines, valueOf(program, redeem))) {
      const { pendingDays } = program.currencies.get(currency) as { pendingDays: number };
      const availableAt =
        pendingDays === 0 ? Math.min(wanted.placedAt, this.now) : wanted.placedAt + pendingDays * DAY_MS;
      const lot = this.open(currency, availableAt, program.expiresAt(currency, wanted.placedAt));
      order.earned.push({ rule, lot, points, reversed: 0, reversedExpired: 0 });
      if (availableAt > this.now) lot.pending += points;
      else this.giveTo(lot, points, this.now);
    }
    this.#paidOrders += 1;
    return null;
  }

  #blank(wanted: OrderCommand, program: NaiveProgram, redeem: NaiveOrder["redeem"], first?: boolean): NaiveOrder {
    const { state, lines } = wanted;
    const isFirst = first ?? this.#paidOrders === 0;
    const fresh = { spent: [], earned: [], returned: new Map<string, number>(), money: 0, restored: 0, emptied: false };
    return { state, program, first: isFirst, lines, redeem, ...fresh };
  }

  #earnings(order: NaiveOrder, lines: OrderCommand["lines"], paidByPoints: number) {
    return naiveEarnings(order.program, { lines, paidByPoints, first: order.first });
  }

  #cancel(orderId: string, order: NaiveOrder): null {
    for (const hold of this.holds)
      if (hold.order === orderId && hold.state === "held") this.close(hold, 0, "voided", this.now);
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
    const whole = order.lines.every(({ lineId, quantity }) => (order.returned.get(lineId) ?? 0) >= quantity);
    // An order of which nothing stays counts as no order any more, once.
    if (whole && !order.emptied) this.#paidOrders -= 1;
    order.emptied = whole;
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
        this.giveTo(lot as NaiveLot, 1, this.now);
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
    else if (this.spendable(lot.currency) > 0) this.take(lot.currency);
    else if (program.debt) this.debts.set(lot.currency, (this.debts.get(lot.currency) ?? 0) + 1);
  }

  #adjust(wish: { currency: string; points: number }, program: NaiveProgram): string | null {
    const { currency, points } = wish;
    if (!program.currencies.has(currency)) return "currency_unknown";
    if (-points > this.spendable(currency)) return "insufficient_points";
    for (let point = 0; point > points; point -= 1) this.take(currency);
    if (points > 0) this.giveTo(this.open(currency, this.now, program.expiresAt(currency, this.now)), points, this.now);
    return null;
  }

  #hold(wish: { currency: string; points: number; ttlSeconds: number }, program: NaiveProgram): string | null {
    if (!program.currencies.has(wish.currency)) return "currency_unknown";
    if (wish.points > this.spendable(wish.currency)) return "insufficient_points";
    this.setAside(wish, this.now + wish.ttlSeconds * 1000, null);
    return null;
  }

  #resolve(holdNumber: number, wanted: number, isVoid: boolean): string | null {
    const hold = this.holds[holdNumber];
    if (hold === undefined) return "hold_not_found";
    if (hold.state === "lapsed") return "hold_lapsed";
    if (hold.state !== "held") return `hold_already_${hold.state}`;
    const captured = wanted === -1 ? hold.points.length : wanted;
    if (captured > hold.points.length) return "capture_exceeds_hold";
    this.close(hold, captured, isVoid ? "voided" : "captured", this.now);
    return null;
  }
}

const DAY_MS = 86_400_000;

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
