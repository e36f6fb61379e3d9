// What the clients of the crash test of sagas ask, one call after the other.
import type { Operation } from "./saga-moves.ts";
import { LUCKY_STORE, phone, PLACED_AT, type Person, type World } from "./saga-world.ts";
import { makeOrder, uniqueId } from "./system.ts";

/** In such an order that what one needs comes before it. */
const KINDS = [
  "buy",
  "refer",
  "transfer",
  "spend",
  "first",
  "gift",
  "lucky",
  "refund",
  "spendB",
  "contribute",
  "buy",
  "authorize",
  "summer",
  "poolSpend",
  "settle",
  "return",
  "flyer",
  "toGone",
  "authorize",
  "cancelled",
  "refund",
] as const;
export type Kind = (typeof KINDS)[number] | "adjust";

/** Wrong codes of one member are throttled: a code that another has is one of them. */
const FLYERS_MAX = 12;

/** One till: works for one person, and knows only what was answered. */
export class Client {
  readonly #world: World;
  readonly #index: number;
  readonly #person: Person;
  readonly #vouchers: string[] = [];
  readonly #paid: { readonly order: Operation; refunds: number }[] = [];
  readonly #authorized: Operation[] = [];
  readonly #referred: { readonly memberId: string; readonly phone: string }[] = [];
  #flyers = 0;

  constructor(world: World, index: number) {
    const person = world.people[index];
    if (person === undefined) throw new Error(`no person ${index}`);
    this.#world = world;
    this.#index = index;
    this.#person = person;
  }

  /** The next call; `turn` counts this client's calls. */
  next(id: number, turn: number): Operation {
    const kind = KINDS[(turn + 5 * this.#index) % KINDS.length] ?? "transfer";
    return this.#make(kind, id, turn) ?? this.#adjust(id);
  }

  /** Takes in an answer. */
  learn(operation: Operation): void {
    const { kind, answer } = operation;
    if (answer === null || answer.status >= 300) return;
    if (kind === "buy") this.#vouchers.push(answer.body.voucher.id);
    if (kind === "authorize") this.#authorized.push(operation);
    if (kind === "refer") this.#referred.push({ memberId: answer.body.id, phone: operation.phone });
    if (kind === "refund" && operation.of !== undefined && !isWhole(operation)) {
      this.#paid.push({ order: operation.of, refunds: 1 });
    }
    if ("order" in answer.body && answer.body.order.state === "paid" && operation.kind !== "flyer")
      this.#paid.push({ order: operation, refunds: 0 });
  }

  #make(kind: Kind, id: number, turn: number): Operation | null {
    const { people, gone, flyers } = this.#world;
    const coins = { currency: "coins", points: 6 };
    const own = { currency: "points", points: 15 };
    const other = people[(this.#index + 1 + (turn % (people.length - 1))) % people.length]?.memberId.a ?? "";
    switch (kind) {
      case "transfer":
        return this.#transfer(id, kind, { to: { id: other }, currency: "points", points: 5 }, other);
      case "toGone": {
        const to = gone[turn % gone.length] ?? "";
        return this.#transfer(id, kind, { to: { id: to }, currency: "points", points: 3 }, to);
      }
      case "contribute":
        return this.#transfer(id, kind, { household: true, currency: "points", points: 12 }, this.#person.household);
      case "gift":
      case "return":
        return this.#withVoucher(id, kind, other);
      case "spend":
        return this.#order(id, kind, { redeem: [own, coins] });
      case "spendB":
        return this.#order(id, kind, { redeem: [own, coins] }, { shop: "b" });
      case "poolSpend":
        return this.#order(
          id,
          kind,
          { redeem: [{ ...own, wallet: "household" }, coins] },
          { pool: this.#person.household },
        );
      case "lucky":
        return this.#order(id, kind, { storeId: LUCKY_STORE, redeem: [own] });
      case "summer":
        return this.#order(id, kind, { codes: ["summer"], redeem: [coins] }, { code: "summer" });
      case "flyer": {
        const code = flyers[(turn * 7 + this.#index) % flyers.length] ?? "";
        if ((this.#flyers += 1) > FLYERS_MAX) return null;
        return this.#order(id, kind, { codes: [code] }, { code });
      }
      case "authorize":
        return this.#order(id, kind, {
          state: "authorized",
          storeId: LUCKY_STORE,
          codes: ["SUMMER"],
          redeem: [own, coins],
        });
      case "settle":
      case "cancelled":
        return this.#settle(id, kind);
      case "buy": {
        const path = `/v1/members/${this.#person.memberId.a}/rewards/cup/purchases`;
        return this.#operation(id, kind, { method: "POST", path, body: {} });
      }
      case "refer": {
        const value = phone();
        const body = { identities: [{ type: "phone", value }], referralCode: this.#person.referralCode };
        return this.#operation(id, kind, { method: "POST", path: "/v1/members", body, phone: value });
      }
      case "first": {
        const member = this.#referred.shift();
        if (member === undefined) return null;
        return this.#order(id, kind, {}, { ...member, referrerId: this.#person.memberId.a });
      }
      case "refund":
        return this.#refund(id, turn);
      default:
        return null;
    }
  }

  #adjust(id: number): Operation {
    const path = `/v1/members/${this.#person.memberId.a}/adjustments`;
    const body = { currency: "points", points: 9, reason: "crash test" };
    return this.#operation(id, "adjust", { method: "POST", path, body });
  }

  #transfer(id: number, kind: Kind, body: object, to: string): Operation {
    const path = `/v1/members/${this.#person.memberId.a}/transfers`;
    return this.#operation(id, kind, { method: "POST", path, body, to });
  }

  #withVoucher(id: number, kind: Kind, to: string): Operation | null {
    const voucher = this.#vouchers.shift();
    if (voucher === undefined) return null;
    if (kind === "gift") return this.#transfer(id, kind, { to: { id: to }, purpose: "gift", vouchers: [voucher] }, to);
    const path = `/v1/members/${this.#person.memberId.a}/vouchers/${voucher}/return`;
    return this.#operation(id, kind, { method: "POST", path, body: {} });
  }

  #order(id: number, kind: Kind, more: Record<string, unknown>, about: Partial<Operation> = {}): Operation {
    const memberId = about.memberId ?? this.#person.memberId[about.shop ?? "a"];
    const lines = [
      { lineId: "1", sku: "tea", quantity: 2, unitPrice: 15_000 },
      { lineId: "2", sku: "cake", quantity: 1, unitPrice: 7_000 },
    ];
    const body = makeOrder(memberId, { placedAt: PLACED_AT, lines, ...more });
    return this.#operation(id, kind, {
      ...about,
      memberId,
      method: "PUT",
      path: `/v1/orders/${uniqueId("saga")}`,
      body,
    });
  }

  // What was authorized is paid as it was, or let go.
  #settle(id: number, kind: Kind): Operation | null {
    const of = this.#authorized.shift();
    return of === undefined ? null : this.#operation(id, kind, settling(of, kind === "settle" ? "paid" : "cancelled"));
  }

  #refund(id: number, turn: number): Operation | null {
    const next = this.#paid.shift();
    if (next === undefined) return null;
    const { order, refunds } = next;
    const { shop, pool, memberId, phone: ofPhone, path } = order;
    const part = refunds > 0 || turn % 2 === 0 ? { all: true } : { lines: [{ lineId: "1", quantity: 1 }] };
    const body = { refundId: `r${refunds}`, memberId, ...part };
    const about = { shop, memberId, phone: ofPhone, of: order, ...(pool !== undefined && { pool }) };
    return this.#operation(id, "refund", { ...about, method: "POST", path: `${path}/refunds`, body });
  }

  #operation(
    id: number,
    kind: Kind,
    asked: Pick<Operation, "method" | "path" | "body"> & Partial<Operation>,
  ): Operation {
    const shop = asked.shop ?? "a";
    const memberId = this.#person.memberId[shop];
    return { phone: this.#person.phone, memberId, ...asked, id, kind, shop, key: uniqueId("op"), answer: null };
  }
}

/** The call that ends an order which was authorized. */
export function settling(of: Operation, state: "paid" | "cancelled") {
  const { redeem: _redeem, codes: _codes, ...basket } = of.body as Record<string, unknown>;
  const { shop, memberId, phone: ofPhone, path } = of;
  return { shop, memberId, phone: ofPhone, path, method: "PUT", body: { ...basket, state }, of };
}

/** Whether a refund gave back all that was left of its order. */
export const isWhole = ({ body }: Operation) => (body as { all?: true }).all === true;
