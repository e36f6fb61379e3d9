// The lots, holds and debts of the naive model: plain lists, gone through from the start each time.
export interface NaiveLot {
  readonly currency: string;
  readonly availableAt: number;
  readonly expiresAt: number;
  available: number;
  pending: number;
  held: number;
  expired: number;
}

export interface NaiveHold {
  readonly order: string | null;
  readonly currency: string;
  readonly lapsesAt: number;
  /** The lot of each held point, in the order they were taken. */
  readonly points: readonly NaiveLot[];
  state: "held" | "captured" | "voided" | "lapsed";
}

export class NaiveLots {
  now: number;
  readonly lots: NaiveLot[] = [];
  readonly debts = new Map<string, number>();
  readonly holds: NaiveHold[] = [];

  constructor(now: number) {
    this.now = now;
  }

  /** One thing at a time, the earliest first: mature, then lapse, then expire. */
  passTime(now: number): void {
    for (;;) {
      const due: [at: number, rank: number, happen: () => void][] = [];
      for (const lot of this.lots) {
        if (lot.pending > 0)
          due.push([lot.availableAt, 0, () => this.giveTo(lot, drain(lot, "pending"), lot.availableAt)]);
        if (lot.available > 0) due.push([lot.expiresAt, 2, () => (lot.expired += drain(lot, "available"))]);
      }
      for (const hold of this.holds) {
        if (hold.state === "held") due.push([hold.lapsesAt, 1, () => this.close(hold, 0, "lapsed", hold.lapsesAt)]);
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

  setAside({ currency, points }: { currency: string; points: number }, lapsesAt: number, order: string | null): void {
    const taken = Array.from({ length: points }, () => this.take(currency));
    for (const lot of taken) lot.held += 1;
    this.holds.push({ order, currency, lapsesAt, points: taken, state: "held" });
  }

  close(hold: NaiveHold, captured: number, state: NaiveHold["state"], at: number): void {
    hold.state = state;
    for (const [place, lot] of hold.points.entries()) {
      lot.held -= 1;
      if (place >= captured) this.giveTo(lot, 1, at);
    }
  }

  open(currency: string, availableAt: number, expiresAt: number): NaiveLot {
    const lot = { currency, availableAt, expiresAt, available: 0, pending: 0, held: 0, expired: 0 };
    this.lots.push(lot);
    return lot;
  }

  giveTo(lot: NaiveLot, points: number, at: number): void {
    if (lot.expiresAt <= at) {
      lot.expired += points;
      return;
    }
    const paid = Math.min(points, this.debts.get(lot.currency) ?? 0);
    this.debts.set(lot.currency, (this.debts.get(lot.currency) ?? 0) - paid);
    lot.available += points - paid;
  }

  // One point of the lot that ends first; among those that end together, of the oldest.
  take(currency: string): NaiveLot {
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

function drain(lot: NaiveLot, from: "pending" | "available"): number {
  const points = lot[from];
  lot[from] = 0;
  return points;
}
