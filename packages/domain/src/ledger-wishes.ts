// What the model tests do to a ledger: wishes drawn by fast-check, made into calls by what the model has so far.
import fc from "fast-check";
import type { OrderCommand } from "@regulars/contracts/rpc";
import type { NaiveLedger } from "./ledger-model.ts";
import { makeLine, makeOrder, type LedgerCall } from "./memory-ledger.ts";
import { naivePrograms } from "./naive-programs.ts";

/** What happens between two calls. `ms` may be negative: a clock that runs back. */
export type Pause = { readonly do: "pause"; readonly ms: number };
export type Wish = Pause | ((model: NaiveLedger, version: number, serial: number) => WishedCall);
/** `hold`: which of the model's holds a capture or void is about. */
export type WishedCall = { readonly call: LedgerCall; readonly hold: number };

const DAY_MS = 86_400_000;
const version = fc.constantFrom(1, 1, 1, 1, 2, 2, 3, 4);
const currency = fc.constantFrom("points", "points", "points", "points", "coins", "coins", "stamps");
/** Percent of what there is to take, or a count that may not be there. */
const amount = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom(10, 50, 90, 100, 100).map((percent) => ({ percent, points: 1 })) },
  { weight: 1, arbitrary: fc.integer({ min: 1, max: 60 }).map((points) => ({ percent: 0, points })) },
);
type Amount = { readonly percent: number; readonly points: number };

const amountOf = ({ percent, points }: Amount, most: number) => Math.max(points, Math.floor((most * percent) / 100));

const line = fc
  .record({
    quantity: fc.integer({ min: 1, max: 4 }),
    unitPrice: fc.constantFrom(0, 1, 33, 150, 999, 1000, 2500, 12_345),
    off: fc.constantFrom(0, 0, 0, 7, 50, 100),
  })
  .map(({ quantity, unitPrice, off }) => {
    const discount = Math.floor((quantity * unitPrice * off) / 100);
    return { quantity, unitPrice, discount };
  });

/** What of the balance the basket may be paid with, as far as the program says so. */
function redeemOf(
  model: NaiveLedger,
  inForce: number,
  lines: OrderCommand["lines"],
  wanted: readonly { currency: string; amount: Amount }[] | null,
): OrderCommand["redeem"] {
  const net = lines.reduce((sum, { quantity, unitPrice, discount }) => sum + quantity * unitPrice - discount, 0);
  const parts = wanted?.map(({ currency: id, amount: some }) => {
    const { value, step, shareOf } = naivePrograms[inForce - 1]?.tenders.get(id) ?? { value: 1, step: 1, shareOf: 1 };
    const most = Math.min(model.spendable(id), Math.floor(net / shareOf / value));
    const points = amountOf(some, most);
    return { currency: id, points: points > step ? points - (points % step) : points };
  });
  return parts?.filter(({ points }) => points > 1) ?? null;
}

const basket = fc
  .array(line, { minLength: 1, maxLength: 4 })
  .map((lines) => lines.map((one, place) => makeLine({ ...one, lineId: `${place}` })));

const redeem = fc.option(
  fc.uniqueArray(fc.record({ currency: fc.constantFrom("points", "points", "points", "coins", "stamps"), amount }), {
    minLength: 1,
    maxLength: 2,
    selector: (one) => one.currency,
  }),
  { freq: 2 },
);

const placedBefore = fc.oneof(
  { weight: 8, arbitrary: fc.constant(0) },
  { weight: 1, arbitrary: fc.constantFrom(-2_000, 1_000) },
  { weight: 1, arbitrary: fc.integer({ min: 0, max: 60 * DAY_MS }) },
);

const order = fc
  .record({
    pick: fc.nat(20),
    state: fc.constantFrom<OrderCommand["state"]>("authorized", "authorized", "paid", "paid", "paid", "cancelled"),
    basket,
    redeem,
    placedBefore,
  })
  .map(({ pick, state, basket: lines, redeem: wishes, placedBefore: before }) =>
    wish(`${state} order ${pick}`, (model, inForce) => {
      const known = [...model.orders.keys()];
      const waiting = known.filter((id) => model.orders.get(id)?.state === "authorized");
      const from = pick < 18 && waiting.length > 0 && state !== "authorized" ? waiting : known;
      const orderId = (pick < 9 ? undefined : from[pick % (from.length || 1)]) ?? `o${known.length}`;
      const wanted = makeOrder(model.now - before, {
        orderId,
        state,
        lines,
        // A till that pays what it authorized mostly says nothing of points.
        redeem: waiting.includes(orderId) && pick % 4 > 0 ? null : redeemOf(model, inForce, lines, wishes),
      });
      return { do: "order", version: inForce, order: wanted };
    }),
  );

const refund = fc
  .record({
    pick: fc.nat(12),
    lines: fc.option(
      fc.uniqueArray(fc.record({ place: fc.nat(3), quantity: fc.constantFrom(1, 1, 1, 2, 3) }), {
        minLength: 1,
        maxLength: 3,
        selector: ({ place }) => place,
      }),
      { freq: 4 },
    ),
  })
  .map(({ pick, lines }) =>
    wish(`refund order ${pick}`, (model, inForce, serial) => {
      const known = [...model.orders].filter(([, { state }]) => state === "paid" || pick === 0).map(([id]) => id);
      const orderId = known[pick % (known.length || 1)] ?? "unknown";
      const count = model.orders.get(orderId)?.lines.length ?? 1;
      const places = new Map(lines?.map(({ place, quantity }) => [pick === 1 ? place : place % count, quantity]));
      const parts = lines && [...places].map(([place, quantity]) => ({ lineId: `${place}`, quantity }));
      return { do: "refund", version: inForce, refund: { orderId, refundId: `r${serial}`, lines: parts } };
    }),
  );

const undo = fc.nat(12).map((pick) =>
  wish(`undo order ${pick}`, (model, inForce) => {
    const known = [...model.orders.keys()];
    return { do: "undo", version: inForce, orderId: known[pick % (known.length || 1)] ?? "unknown" };
  }),
);

const adjustment = fc
  .record({ id: fc.oneof({ weight: 12, arbitrary: currency }, fc.constant("ghost")), amount, given: fc.nat(200) })
  .map(({ id, amount: some, given }) =>
    wish(`adjust ${id}`, (model, inForce) => {
      const points = given > 80 ? given : -amountOf(some, model.spendable(id));
      const adjusted = { currency: id, points, reason: "test", storeId: null };
      return { do: "adjust", version: inForce, wish: adjusted };
    }),
  );

const hold = fc
  .record({ currency, amount, ttlSeconds: fc.constantFrom(1, 60, 900, 86_400, 604_800) })
  .map(({ currency: id, amount: some, ttlSeconds }) =>
    wish(`hold ${id}`, (model, inForce) => {
      const wanted = { currency: id, points: amountOf(some, model.spendable(id)), ttlSeconds };
      return { do: "hold", version: inForce, wish: wanted };
    }),
  );

const resolution = fc
  .record({ pick: fc.nat(12), part: fc.option(amount), isVoid: fc.boolean() })
  .map(({ pick, part, isVoid }): Wish => (model, inForce) => {
    const own = model.holds.flatMap((known, number) => (known.order === null ? [number] : []));
    const open = own.filter((number) => model.holds[number]?.state === "held");
    const from = pick < 11 && open.length > 0 ? open : own;
    const found = from[pick % (from.length || 1)] ?? -1;
    const points = part && amountOf(part, model.holds[found]?.points.length ?? 1);
    const subject = { version: inForce, holdId: `${found}` };
    return { call: isVoid ? { do: "void", ...subject } : { do: "capture", ...subject, points }, hold: found };
  });

const pause = fc
  .oneof(
    { weight: 6, arbitrary: fc.constantFrom(1, 1000, 60_000, 900_000, -5_000) },
    { weight: 3, arbitrary: fc.integer({ min: 1, max: 8 * DAY_MS }) },
    { weight: 3, arbitrary: fc.constantFrom(5, 7, 10, 14, 20, 40).map((days) => days * DAY_MS) },
    { weight: 1, arbitrary: fc.integer({ min: 30 * DAY_MS, max: 400 * DAY_MS }) },
  )
  .map((ms): Pause => ({ do: "pause", ms }));

/** A wish and the version in force for it. */
export const wishes = fc.record({
  version,
  wish: fc.oneof(
    { weight: 9, arbitrary: order },
    { weight: 6, arbitrary: refund },
    { weight: 1, arbitrary: undo },
    { weight: 4, arbitrary: adjustment },
    { weight: 4, arbitrary: hold },
    { weight: 4, arbitrary: resolution },
    { weight: 4, arbitrary: pause },
  ),
});

/** A basket that is paid at once and then comes back in `steps`. */
export const roundTrips = fc.record({
  version,
  basket,
  redeem: redeem.map(
    (wanted) => (model: NaiveLedger, inForce: number, lines: OrderCommand["lines"]) =>
      redeemOf(model, inForce, lines, wanted),
  ),
  steps: fc.array(fc.record({ place: fc.nat(3), quantity: fc.integer({ min: 1, max: 3 }) }), { maxLength: 6 }),
});

function wish(name: string, toCall: (model: NaiveLedger, version: number, serial: number) => LedgerCall): Wish {
  const made: Wish = (model, inForce, serial) => ({ call: toCall(model, inForce, serial), hold: -1 });
  return Object.assign(made, { toString: () => name, [fc.toStringMethod]: () => name });
}
