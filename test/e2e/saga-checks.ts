// Compares every order with the accounts that paid for it or got its coins, by the events of all objects alone.
import type { OrderRecord, WalletSpend } from "@regulars/contracts/events-orders";
import type { LedgerFile } from "./ledger-files.ts";

interface Found {
  readonly orders: number;
  readonly captured: number;
  readonly released: number;
  readonly deposits: number;
  readonly faults: readonly string[];
}

/** A hold or a deposit as its account has it after its last event. */
interface Standing {
  state: string;
  points: number;
  /** Put back of what was captured; taken back of what was deposited. */
  back: number;
  times: number;
}

/** What stands of holds for orders elsewhere and of deposits, and everything that does not agree. */
export function checkOrders(ledgers: readonly LedgerFile[]): Found {
  const faults: string[] = [];
  const holds = new Map<string, Standing>();
  const deposits = new Map<string, Standing>();
  for (const ledger of ledgers) readAccount(ledger, holds, deposits);
  const claimed = new Set<string>();
  let orders = 0;
  for (const ledger of ledgers) {
    for (const order of lastOrders(ledger)) {
      orders += 1;
      const name = `order ${order.orderId} (${order.state})`;
      for (const fault of ownFaults(order)) faults.push(`${name}: ${fault}`);
      for (const spend of order.wallets ?? []) {
        claimed.add(spend.holdId);
        const fault = walletFault(order, spend, holds.get(spend.holdId));
        if (fault !== null) faults.push(`${name}: ${fault}`);
      }
      for (const one of order.earned.filter(({ currency }) => currency === "coins")) {
        const id = `${ledger.tenantId}/${ledger.memberId}/1/${order.orderId}/${one.rule}`;
        claimed.add(id);
        const { points = 0, back = 0, times = 0 } = deposits.get(id) ?? {};
        const said = one.points === 0 ? [0, 0, 0] : [one.points, one.reversed, 1];
        if (String([points, back, times]) !== String(said)) {
          faults.push(`${name}: deposit of ${said} stands as ${[points, back, times]}`);
        }
      }
    }
  }
  for (const [id, { state, points }] of holds) {
    if (state === "captured" && !claimed.has(id)) faults.push(`hold ${id}: ${points} captured for no order`);
  }
  for (const id of deposits.keys()) if (!claimed.has(id)) faults.push(`deposit ${id} is of no order`);
  const stateOf = (wanted: string) => [...holds.values()].filter(({ state }) => state === wanted).length;
  return { orders, captured: stateOf("captured"), released: stateOf("voided"), deposits: deposits.size, faults };
}

/** Transfers, and orders paid by another account, that ended only when the object woke up again: this long after they began. */
export function resumedAfter(ledgers: readonly LedgerFile[], milliseconds: number): number {
  const began = new Map<string, number>();
  const ended = new Map<string, number>();
  for (const { at, body } of ledgers.flatMap(({ events }) => events)) {
    if ("transfer" in body && body.kind === "transfer.sent") began.set(body.transfer.id, at);
    else if ("transfer" in body && body.kind !== "transfer.received") ended.set(body.transfer.id, at);
    if (body.kind === "order.paid") for (const { holdId } of body.order.wallets ?? []) began.set(holdId, at);
    if (body.kind === "hold.captured") ended.set(body.hold.id, at);
  }
  return [...began].filter(([id, at]) => (ended.get(id) ?? at) - at >= milliseconds).length;
}

function readAccount({ events }: LedgerFile, holds: Map<string, Standing>, deposits: Map<string, Standing>): void {
  const at = (map: Map<string, Standing>, id: string) => {
    const known = map.get(id) ?? { state: "", points: 0, back: 0, times: 0 };
    map.set(id, known);
    return known;
  };
  for (const { body } of events) {
    if ("hold" in body && body.hold.id.startsWith("w/")) {
      const { id, state, capturedPoints } = body.hold;
      const hold = at(holds, id);
      Object.assign(hold, { state, points: capturedPoints, times: hold.times + (state === "held" ? 0 : 1) });
    }
    if (body.kind !== "wallet.moved") continue;
    const { id, what, points } = body.wallet;
    const one = at(what === "restored" ? holds : deposits, id);
    if (what === "deposited") Object.assign(one, { points: one.points + points, times: one.times + 1 });
    else one.back += Math.abs(points);
  }
}

function lastOrders({ events }: LedgerFile): readonly OrderRecord[] {
  const orders = new Map<string, OrderRecord>();
  for (const { body } of events) if ("order" in body) orders.set(body.order.orderId, body.order);
  return [...orders.values()];
}

// Of a paid order: each currency is paid in full, by its own lots or by a wallet.
function ownFaults({ state, redeemed, spends, wallets = [] }: OrderRecord): string[] {
  if (state !== "paid") return [];
  return redeemed.flatMap(({ currency, points, wallet }) => {
    const elsewhere = wallets.filter((one) => one.currency === currency).reduce((sum, one) => sum + one.points, 0);
    const lots = spends.filter(({ lot }) => lot.currency === currency).reduce((sum, one) => sum + one.points, 0);
    const isOwn = wallet === undefined && currency === "points";
    const said = isOwn ? [points, 0] : [0, points];
    return String([lots, elsewhere]) === String(said) ? [] : [`${points} ${currency} paid by ${lots} + ${elsewhere}`];
  });
}

function walletFault(order: OrderRecord, spend: WalletSpend, hold: Standing | undefined): string | null {
  const { holdId, points, restored } = spend;
  const isPaid = order.state === "paid";
  const said = isPaid ? ["captured", points, restored, 1] : ["voided", 0, 0, 1];
  const stands = [hold?.state, hold?.points, hold?.back, hold?.times];
  return String(stands) === String(said) ? null : `hold ${holdId} of ${said} stands as ${stands}`;
}
