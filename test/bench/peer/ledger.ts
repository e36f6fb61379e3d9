// What both peers can do; they differ only in how they talk to PostgreSQL.

export interface OrderWish {
  readonly orderId: string;
  readonly memberId: string;
  readonly bodyHash: string;
  readonly placedAt: string;
  readonly expiresAt: string;
  readonly document: object;
  /** Points by rule, each a lot of its own. */
  readonly earned: readonly { readonly rule: string; readonly points: number }[];
  readonly redeemed: number;
}

export interface RequestWish {
  readonly key: string;
  readonly memberId: string;
  readonly bodyHash: string;
}

export interface Figures {
  readonly available: number;
  readonly held: number;
}

/** Null: the key was used before with another body. */
export type Answered<Answer = Figures> = Answer | null;

export interface PeerLedger {
  putOrder(wish: OrderWish): Promise<Answered>;
  placeHold(
    wish: RequestWish & { readonly points: number; readonly ttlSeconds: number },
  ): Promise<Answered<Figures & { readonly holdId: string; readonly lapsesAt: string }>>;
  captureHold(
    wish: RequestWish & { readonly holdId: string },
  ): Promise<Answered<Figures & { readonly points: number }>>;
}
