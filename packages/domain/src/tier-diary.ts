// A member's life with tiers as text, for tests that read like a table: who bought what when, and what became of the tier.
import type { MemberEvent } from "@regulars/contracts/events";
import type { ProgramInput } from "@regulars/contracts/program";
import { localDay } from "./calendar.ts";
import { makeLine, makeOrder, MemoryLedger, TIME_ZONE } from "./memory-ledger.ts";

const HOUR_MS = 3_600_000;

export class TierDiary {
  readonly ledger: MemoryLedger;
  #orders = 0;

  /** Enrolled at noon of a local day under a program with these tiers. */
  constructor(tiers: ProgramInput["tiers"], { enrolled = "2026-01-01", ...program }: DiaryProgram = {}) {
    this.ledger = new MemoryLedger([{ currencies: [], ...program, tiers }], noonOf(enrolled));
  }

  /** A paid order at noon; returns its id. */
  buy(day: string, net: number, at = noonOf(day)): string {
    const orderId = `o${(this.#orders += 1)}`;
    const lines = [makeLine({ lineId: "1", quantity: 1, unitPrice: net })];
    const outcome = this.ledger.call(
      { do: "order", version: 1, order: makeOrder(noonOf(day), { orderId, lines }) },
      at,
    );
    if (!("event" in outcome)) throw new Error(outcome.refused);
    return orderId;
  }

  /** Everything of an order comes back, an hour past noon. */
  refund(day: string, orderId: string): void {
    const refund = { orderId, refundId: "r", lines: null };
    const outcome = this.ledger.call({ do: "refund", version: 1, refund }, noonOf(day) + HOUR_MS);
    if (!("event" in outcome)) throw new Error(outcome.refused);
  }

  /** Lets time pass to noon of a day. */
  pass(day: string): void {
    this.ledger.passTime(noonOf(day));
  }

  /** The member's tier now. */
  get tier(): string | null {
    return this.ledger.state.tier?.tier ?? null;
  }

  /** One row for each event that changed the tier: when it was seen, what it was, the tier after, and its end. */
  rows(): string[] {
    return this.ledger.events.flatMap((event) => rowOf(event));
  }
}

type DiaryProgram = Partial<Omit<ProgramInput, "tiers">> & { readonly enrolled?: string };

/** Noon in Taipei. */
export const noonOf = (day: string) => Date.parse(`${day}T04:00:00Z`);

function rowOf({ at, body }: MemberEvent): string[] {
  if (!("tier" in body) || body.tier === undefined) return [];
  const { tier } = body;
  const why = "cause" in body ? ` (${body.cause})` : "";
  const end = tier === null || tier.until === null ? "" : ` until ${localDay(tier.until, TIME_ZONE)}`;
  const grace = tier?.graceFrom === undefined ? "" : ", in grace";
  return [`${localDay(at, TIME_ZONE)} ${body.kind}${why}: ${tier?.tier ?? "none"}${end}${grace}`];
}
