// Plays one action as a shop would: enrol, quote, order, repeat, refund; and journals what it was told.
import { isDeepStrictEqual } from "node:util";
import type { Client, MemberReference, OrderAnswer, Outcome, PutOrder, Quote } from "@regulars/sdk";
import { chance } from "./chance.ts";
import { type Coupons, rewardOf } from "./coupons.ts";
import type { Journal } from "./journal.ts";
import type { Mapping } from "./mapping.ts";
import type { Meter } from "./meter.ts";
import { type Action, SHARES } from "./plan.ts";
import type { Basket, Person } from "./source.ts";

export interface Stage {
  readonly client: Client;
  readonly mapping: Mapping;
  readonly people: ReadonlyMap<string, Person>;
  readonly coupons: Coupons;
  readonly journal: Journal;
  readonly meter: Meter;
  /** Told of each write as soon as it is answered. */
  answered(memberId: string, sequence: number): void;
}

type BasketAction = Extract<Action, { kind: "basket" }>;
type RefundAction = Extract<Action, { kind: "refund" }>;
type ReturnAction = Extract<Action, { kind: "return" }>;
type Redeem = { currency: string; points: number }[];

/** From authorization to payment. */
const PAYMENT_MS = 90_000;
/** Half of those who spend points spend all that they can, the others about half. */
const SPEND_ALL_SHARE = 0.5;

export class Player {
  readonly #stage: Stage;
  readonly #ids = new Map<string, string>();
  /** Goods that each person could bring back, newest last; kept only when the source has returns. */
  readonly #goods = new Map<string, { orderId: string; lineId: string; sku: string; left: number }[]>();
  readonly #keepsGoods: boolean;

  constructor(stage: Stage) {
    this.#stage = stage;
    this.#keepsGoods = stage.mapping.returns !== undefined;
  }

  async play(action: Action): Promise<void> {
    if (action.kind === "basket") await this.#shop(action);
    else if (action.kind === "refund") await this.#refund(action);
    else await this.#bringBack(action);
  }

  async #shop({ at, basket }: BasketAction): Promise<void> {
    const { client, meter, journal } = this.#stage;
    const coupons = this.#stage.coupons.ofBasket.get(basket.id) ?? [];
    const isKnown = this.#ids.has(basket.person) || (await this.#enrolFirst(basket, coupons.length > 0));
    const testTime = new Date(at).toISOString();
    const vouchers = await this.#handOut(basket, coupons, testTime);
    if (vouchers === null) return;
    const body = { ...this.#bodyOf(basket), ...(vouchers.length > 0 && { vouchers }) };
    let quote: Quote | null = null;
    if (isKnown) {
      const outcome = await meter.measure("quote", client.checkout.quote(body, { testTime }));
      if (!outcome.ok) return;
      quote = outcome.value;
      journal.quotes += 1;
    }
    const redeem = quote === null ? [] : redeemOf(quote, basket, this.#stage.mapping);
    const outcome = await this.#order(basket, { ...body, ...(redeem.length === 0 ? {} : { redeem }) }, !isKnown);
    if (!outcome.ok) return;
    this.#journalOrder(basket, outcome.value);
    if (quote !== null && redeem.length === 0) this.#compare(quote, outcome.value);
  }

  /** Each coupon that the basket redeems becomes a voucher of its campaign; null when one was refused. */
  async #handOut(basket: Basket, campaigns: readonly string[], testTime: string): Promise<string[] | null> {
    const id = this.#ids.get(basket.person);
    if (id === undefined) return [];
    const { client, meter } = this.#stage;
    const vouchers: string[] = [];
    for (const campaign of campaigns) {
      const body = { rewardId: rewardOf(campaign), reason: "coupon" };
      const issued = client.call("issueVoucher", { path: { id }, body }, { testTime });
      const outcome = await meter.measure("voucher", issued);
      if (!outcome.ok) return null;
      vouchers.push(outcome.value.voucher.id);
      this.#answered(id, outcome.value.sequence);
    }
    return vouchers;
  }

  /** Half of the people enrol at a counter before their first basket, the others with their first order without coupons. */
  async #enrolFirst(basket: Basket, hasCoupons: boolean): Promise<boolean> {
    if (!hasCoupons && chance(basket.person, "enrol") >= 0.5) return false;
    const { client, meter, people, journal } = this.#stage;
    const person = people.get(basket.person);
    if (person === undefined) throw new Error(`Nobody is ${basket.person}`);
    const { card, phone, name } = person;
    const member = {
      identities: [
        { type: "card" as const, value: card },
        ...(phone === null ? [] : [{ type: "phone" as const, value: phone }]),
      ],
      ...(name === null ? {} : { profile: { name } }),
      homeStoreId: basket.storeId,
      source: "counter",
      consent: { email: chance(basket.person, "consent") < 0.6 },
    };
    const testTime = new Date(basket.at).toISOString();
    const outcome = await meter.measure("enrol", client.members.create(member, { testTime }));
    if (!outcome.ok) return false;
    this.#ids.set(basket.person, outcome.value.id);
    this.#answered(outcome.value.id, outcome.value.sequence);
    journal.of(outcome.value.id);
    return true;
  }

  async #order(basket: Basket, body: Omit<PutOrder, "state">, enrols: boolean): Promise<Outcome<OrderAnswer>> {
    const { client, meter } = this.#stage;
    const enrol = enrols ? { enrol: true } : {};
    let at = basket.at;
    const put = (kind: string, state: PutOrder["state"]) => {
      const order = { ...body, state, ...enrol };
      return meter.measure(kind, client.orders.put(basket.id, order, { testTime: new Date(at).toISOString() }));
    };
    if (chance(basket.id, "authorize") < SHARES.authorized) {
      const outcome = await put("order authorized", "authorized");
      if (!outcome.ok) return outcome;
      this.#answered(outcome.value.order.memberId, outcome.value.sequence);
      at += PAYMENT_MS;
    }
    const paid = await put(body.redeem === undefined ? "order paid" : "order paid, redeeming", "paid");
    if (paid.ok && chance(basket.id, "repeat") < SHARES.repeated) {
      const again = await put("order repeated", "paid");
      const isSame = again.ok && isDeepStrictEqual(again.value, paid.value);
      if (!isSame) meter.fail("order repeated", "another_answer", JSON.stringify({ paid, again }));
    }
    return paid;
  }

  #journalOrder(basket: Basket, answer: OrderAnswer): void {
    const { journal } = this.#stage;
    const { memberId, net } = answer.order;
    this.#ids.set(basket.person, memberId);
    journal.orders += 1;
    journal.net += net;
    journal.addAll(memberId, "earned", answer.earned);
    journal.addAll(memberId, "redeemed", answer.redeemed);
    this.#answered(memberId, answer.sequence);
    if (!this.#keepsGoods) return;
    const goods = this.#goods.get(basket.person) ?? [];
    for (const { lineId, sku, quantity } of basket.lines)
      goods.push({ orderId: basket.id, lineId, sku, left: quantity });
    this.#goods.set(basket.person, goods);
  }

  /** What was quoted is what the order did, when nothing came between and no points were spent. */
  #compare(quote: Quote, answer: OrderAnswer): void {
    const byRule = (earned: readonly { rule: string; points: number }[]) =>
      earned.map(({ rule, points }) => [rule, points]);
    const isSame =
      isDeepStrictEqual(byRule(quote.earn), byRule(answer.earned)) && quote.payable === answer.order.payable;
    if (!isSame) this.#stage.meter.fail("order paid", "not_as_quoted", JSON.stringify({ quote, answer }));
  }

  async #refund({ at, person, orderId, refundId, lines }: RefundAction): Promise<void> {
    const { client, meter, journal } = this.#stage;
    const memberId = this.#ids.get(person);
    if (memberId === undefined) return meter.fail("refund", "nobody_to_refund", orderId);
    const what = lines === null ? { all: true as const } : { lines: [...lines] };
    const options = { testTime: new Date(at).toISOString() };
    const call = client.orders.refund(orderId, { refundId, memberId, ...what }, options);
    const outcome = await meter.measure("refund", call);
    if (!outcome.ok) return;
    const { refund, reversed, restored, sequence } = outcome.value;
    journal.refunds += 1;
    journal.refunded += refund.amount;
    journal.addAll(memberId, "reversed", reversed);
    journal.addAll(memberId, "restored", restored);
    this.#answered(memberId, sequence);
    for (const { lineId, quantity } of refund.lines) this.#take(person, orderId, lineId, quantity);
  }

  /** Goods without a receipt go back to the newest order that has them; the rest was bought before the data begins. */
  async #bringBack({ at, person, goods }: ReturnAction): Promise<void> {
    const byOrder = new Map<string, { lineId: string; quantity: number }[]>();
    for (const { sku, quantity } of goods.lines) {
      const bought = this.#goods.get(person)?.findLast((one) => one.sku === sku && one.left >= quantity);
      const lines = bought === undefined ? undefined : (byOrder.get(bought.orderId) ?? []);
      const isRepeated = lines?.some(({ lineId }) => lineId === bought?.lineId) === true;
      if (bought === undefined || lines === undefined || isRepeated) {
        this.#stage.journal.returnsUnmatched += 1;
        continue;
      }
      this.#stage.journal.returnsMatched += 1;
      lines.push({ lineId: bought.lineId, quantity });
      byOrder.set(bought.orderId, lines);
    }
    for (const [orderId, lines] of byOrder) {
      await this.#refund({ kind: "refund", at, person, orderId, refundId: `${goods.id}-${orderId}`, lines });
    }
  }

  #take(person: string, orderId: string, lineId: string, quantity: number): void {
    const known = this.#goods.get(person)?.find((one) => one.orderId === orderId && one.lineId === lineId);
    if (known !== undefined) known.left -= quantity;
  }

  #answered(memberId: string, sequence: number): void {
    this.#stage.journal.of(memberId).sequence = sequence;
    this.#stage.answered(memberId, sequence);
  }

  #bodyOf({ id, person, storeId, channel, at, lines }: Basket): Omit<PutOrder, "state"> {
    return {
      member: this.#referenceOf(person, id),
      storeId,
      currency: this.#stage.mapping.currency,
      lines: lines.map(({ category, ...line }) => ({ ...line, ...(category === null ? {} : { category }) })),
      ...(channel === null ? {} : { channel }),
      placedAt: new Date(at).toISOString(),
    };
  }

  /** A till scans a card; a web shop knows the id; some people say their phone number. */
  #referenceOf(person: string, basketId: string): MemberReference {
    const id = this.#ids.get(person);
    const known = this.#stage.people.get(person);
    const way = chance(basketId, "reference");
    if (id !== undefined && way < 0.4) return { id };
    const enrolledAtCounter = chance(person, "enrol") < 0.5;
    if (enrolledAtCounter && way > 0.8 && known !== undefined && known.phone !== null) return { phone: known.phone };
    return { card: known?.card ?? "" };
  }
}

function redeemOf(quote: Quote, basket: Basket, { program }: Mapping): Redeem {
  if (chance(basket.id, "redeem") >= SHARES.redeeming) return [];
  const tenders = [program.tender ?? []].flat();
  const takesAll = chance(basket.id, "spend all") < SPEND_ALL_SHARE;
  const redeem: Redeem = [];
  let left = quote.net;
  for (const { currency, maxPoints } of quote.redeemable) {
    const tender = tenders.find((one) => one.currency === currency);
    if (tender === undefined || maxPoints === 0) continue;
    const half = Math.floor(maxPoints / 2);
    const stepped = half - (half % (tender.stepPoints ?? 1));
    const points = takesAll || stepped < Math.max(1, tender.minPoints ?? 0) ? maxPoints : stepped;
    if (points * tender.valuePerPoint > left) continue;
    left -= points * tender.valuePerPoint;
    redeem.push({ currency, points });
  }
  return redeem;
}
