// Owns what the client was told: every movement in every answer, summed by member and currency.

export const MOVEMENTS = ["earned", "redeemed", "expired", "reversed", "restored", "adjusted"] as const;
export type Movement = (typeof MOVEMENTS)[number];
export type Movements = Record<Movement, number>;

/** How each movement changes a balance. */
const SIGNS: Movements = { earned: 1, redeemed: -1, expired: -1, reversed: -1, restored: 1, adjusted: 1 };

export interface MemberJournal {
  readonly id: string;
  /** Of the last answer to a write. */
  sequence: number;
  readonly byCurrency: Map<string, Movements>;
}

export class Journal {
  readonly members = new Map<string, MemberJournal>();
  orders = 0;
  quotes = 0;
  refunds = 0;
  returnsMatched = 0;
  returnsUnmatched = 0;
  /** Minor units: net of the orders answered, and money given back. */
  net = 0;
  refunded = 0;

  /** The journal of a member, begun at the first mention. */
  of(id: string): MemberJournal {
    let found = this.members.get(id);
    if (found === undefined) this.members.set(id, (found = { id, sequence: 0, byCurrency: new Map() }));
    return found;
  }

  add(id: string, movement: Movement, currency: string, points: number): void {
    movementsOf(this.of(id).byCurrency, currency)[movement] += points;
  }

  /** Points that time took are in no answer: they are filled in from statements. */
  addAll(
    id: string,
    movement: Movement,
    moved: readonly { readonly currency: string; readonly points: number }[],
  ): void {
    for (const { currency, points } of moved) this.add(id, movement, currency, points);
  }
}

export function noMovements(): Movements {
  return { earned: 0, redeemed: 0, expired: 0, reversed: 0, restored: 0, adjusted: 0 };
}

export function movementsOf(byCurrency: Map<string, Movements>, currency: string): Movements {
  let found = byCurrency.get(currency);
  if (found === undefined) byCurrency.set(currency, (found = noMovements()));
  return found;
}

/** The balance that follows from movements. */
export function balanceOf(movements: Movements): number {
  return MOVEMENTS.reduce((sum, movement) => sum + SIGNS[movement] * movements[movement], 0);
}

/** What a change of the member's own accounts by a kind of transaction is called here; null: it only moves inside. */
export function movementOfKind(kind: string): Movement | null {
  const known: Record<string, Movement> = {
    earn: "earned",
    redeem: "redeemed",
    expire: "expired",
    reverse: "reversed",
    restore: "restored",
    adjust: "adjusted",
  };
  return known[kind] ?? null;
}

/** A signed change of the member's own accounts as the size of its movement. */
export function sizeOf(movement: Movement, change: number): number {
  return SIGNS[movement] * change;
}
