// Parts of lots on their way from one object to another: they keep their end, their issuer and their rule.
import type { Lot } from "./events.ts";

export interface LotPart {
  readonly lot: Lot;
  readonly points: number;
}
