// StoreBoard: the live board of one store. It may be lost, and is rebuilt from PostgreSQL; it never decides anything.
import { createDurable } from "itty-durable/itty-durable";

/** Figures of the orders placed on one local day, `YYYY-MM-DD`; points by currency. */
export interface BoardFigures {
  readonly day: string;
  /** Orders that are paid now. */
  readonly orders: number;
  /** Their net, in minor units. */
  readonly sales: number;
  /** Points given less points taken back. */
  readonly given: Readonly<Record<string, number>>;
  /** Points spent less points restored. */
  readonly spent: Readonly<Record<string, number>>;
}

/**
 * Every field is state that itty-durable keeps as one value. Called over its own protocol (`proxyDurable`), whose
 * arguments travel in a header: ASCII only, so nothing but ids and numbers.
 */
export class StoreBoard extends createDurable() {
  figures: BoardFigures = emptyFigures("");

  /** Adds a change; one of a later day begins a new board, one of an earlier day comes too late to be shown. */
  async add(change: BoardFigures): Promise<BoardFigures> {
    this.figures = addFigures(this.figures, change);
    await this.persist();
    return this.figures;
  }

  async replace(figures: BoardFigures): Promise<BoardFigures> {
    this.figures = figures;
    await this.persist();
    return this.figures;
  }

  /** The figures of `day`; zeros when nothing has happened on it. */
  read(day: string): BoardFigures {
    return this.figures.day === day ? this.figures : emptyFigures(day);
  }
}

export function emptyFigures(day: string): BoardFigures {
  return { day, orders: 0, sales: 0, given: {}, spent: {} };
}

/** Figures after a change of the same day; of two days the later one stands. */
export function addFigures(figures: BoardFigures, change: BoardFigures): BoardFigures {
  if (change.day !== figures.day) return change.day > figures.day ? change : figures;
  return {
    day: figures.day,
    orders: figures.orders + change.orders,
    sales: figures.sales + change.sales,
    given: addPoints(figures.given, change.given),
    spent: addPoints(figures.spent, change.spent),
  };
}

function addPoints(one: BoardFigures["given"], other: BoardFigures["given"]): Record<string, number> {
  const sum: Record<string, number> = { ...one };
  for (const [currency, points] of Object.entries(other)) sum[currency] = (sum[currency] ?? 0) + points;
  return sum;
}
