// The calls of the crash test of sagas with their answers, and which points each answer says have moved.
import type { Kind } from "./saga-load.ts";
import { CUP_COST, PRIZES } from "./saga-world.ts";

export interface Operation {
  readonly id: number;
  readonly kind: Kind;
  readonly shop: "a" | "b";
  readonly method: string;
  readonly path: string;
  readonly body: unknown;
  readonly key: string;
  /** Whose call it is; the phone names the account of coins. */
  readonly memberId: string;
  readonly phone: string;
  /** The household whose pool pays. */
  readonly pool?: string;
  /** Of the first order of one who was referred: who is paid for it. */
  readonly referrerId?: string;
  /** Of a transfer: who shall have it. */
  readonly to?: string;
  /** Of an order that brings one: the code. */
  readonly code?: string;
  /** The order that this call refunds, pays or cancels. */
  readonly of?: Operation;
  answer: Given | null;
}

export interface Given {
  readonly status: number;
  /** What must be the same again. */
  readonly text: string;
  /** The parsed document. */
  // oxlint-disable-next-line typescript/no-explicit-any -- answers are looked at field by field
  readonly body: any;
}

/** Points that come to an account, or leave it. */
export interface Move {
  readonly account: string;
  readonly points: number;
}

export const pointsOf = (shop: "a" | "b", memberId: string) => `points/${shop}/${memberId}`;
export const poolOf = (household: string) => `points/pool/${household}`;
export const coinsAccount = (ofPhone: string) => `coins/${ofPhone}`;

/** Points that an answer says have moved; `stateOf`: how a transfer ended; `isUndone`: an order that came back as a whole. */
export function movesOf(
  operation: Operation,
  stateOf: (operation: Operation) => string,
  isUndone: (operation: Operation) => boolean,
): Move[] {
  const { kind, shop, memberId, answer, referrerId, to = "" } = operation;
  if (answer === null || answer.status >= 300) return [];
  const own = pointsOf(shop, memberId);
  if (kind === "adjust") return [{ account: own, points: 9 }];
  if (kind === "buy") return [{ account: own, points: -CUP_COST }];
  if (kind === "return") return [{ account: own, points: CUP_COST }];
  if (kind === "transfer" || kind === "toGone" || kind === "contribute") {
    const { points } = answer.body.transfer.points[0];
    const account = kind === "contribute" ? poolOf(to) : pointsOf("a", to);
    return stateOf(operation) === "settled" ? both(own, account, points) : [];
  }
  if (kind === "refund") return refundMoves(operation, answer);
  if (!("order" in answer.body) || answer.body.order.state !== "paid") return [];
  const { earned, redeemed } = answer.body as Record<"earned" | "redeemed", Amount[]>;
  const moves = [
    ...earned.map((one) => moveOf(operation, one, 1)),
    ...redeemed.map((one) => paidBy(operation, one, -1)),
  ];
  if (referrerId === undefined || isUndone(operation)) return moves;
  const referrer = { account: pointsOf("a", referrerId), points: PRIZES.referrer };
  return [...moves, referrer, { account: own, points: PRIZES.referee }];
}

interface Amount {
  readonly currency: string;
  readonly points: number;
  readonly rule?: string;
}

const both = (from: string, to: string, points: number): Move[] => [
  { account: from, points: -points },
  { account: to, points },
];

// What a referral had paid is not the order's own: who was paid is known without it.
function refundMoves(operation: Operation, { body }: Given): Move[] {
  const { reversed, restored } = body as Record<"reversed" | "restored", Amount[]>;
  return [
    ...reversed.filter(({ rule }) => rule !== "referral").map((one) => moveOf(operation, one, -1)),
    ...restored.map((one) => paidBy(operation, one, 1)),
  ];
}

function moveOf({ shop, memberId, phone: ofPhone }: Operation, { currency, points }: Amount, sign: 1 | -1): Move {
  const account = currency === "coins" ? coinsAccount(ofPhone) : pointsOf(shop, memberId);
  return { account, points: sign * points };
}

function paidBy(operation: Operation, amount: Amount, sign: 1 | -1): Move {
  if (amount.currency === "coins" || operation.pool === undefined) return moveOf(operation, amount, sign);
  return { account: poolOf(operation.pool), points: sign * amount.points };
}
