// When an order is decided, what is known of its member then, and what other objects have granted for it.
import type { MemberFacts, OrderRecord } from "@regulars/contracts/events-orders";
import type { Benefit, Terms } from "@regulars/contracts/program-rewards";
import type { Pending } from "./needs.ts";
import type { CompiledProgram } from "./program.ts";

/** A code that its object has claimed for this order. */
export interface FoundCode {
  /** As the shopper typed it. */
  readonly text: string;
  readonly campaign: string;
  /** By which the object knows this use: the same for every retry of the order. */
  readonly claim: string;
  readonly rewardId: string;
  readonly benefit: Benefit;
  readonly terms: Terms;
  readonly borneBy: "store" | "issuer" | "headOffice";
}

/** Points held for this order in the object of a network or a household. */
export interface WalletHold {
  readonly tenantId: string;
  readonly memberId: string;
  readonly currency: string;
  readonly points: number;
  readonly holdId: string;
}

/** What was asked of other objects before the decision; `grants` by budget name. */
export interface Prepared {
  readonly grants: Readonly<Record<string, number>>;
  readonly codes: readonly FoundCode[];
  /** Codes that cannot be used, by what the shopper typed; one answer for wrong, used and over. */
  readonly refusedCodes: readonly string[];
  readonly wallets: readonly WalletHold[];
  /** The person's account in each network whose coins the program gives or takes. */
  readonly accounts?: Readonly<Record<string, { readonly tenantId: string; readonly memberId: string }>>;
  /** What of this goes back where the decision does not use it. */
  readonly pending?: readonly Pending[];
  /** By counter, how often the codes of this order may be used by one member. */
  readonly codeUses?: Readonly<Record<string, number>>;
}

export const NOTHING_PREPARED: Prepared = { grants: {}, codes: [], refusedCodes: [], wallets: [] };

export interface OrderMoment {
  readonly now: number;
  readonly timeZone: string;
  readonly facts: MemberFacts;
  /** Points of a lot that have expired so far; asked only for lots that are no longer open. */
  readonly expiredOf: (lotId: string) => number;
  readonly prepared?: Prepared;
}

/** An order on its way through the decision: each step sees what those before it have found. */
export interface OrderScene {
  readonly program: CompiledProgram;
  /** As it stands: lines that stay are `order.lines` less `order.returned`. */
  readonly order: OrderRecord;
  readonly now: number;
  readonly timeZone: string;
  readonly prepared: Prepared;
  readonly expiredOf: (lotId: string) => number;
}

/** What time itself does goes by the program in force at the moment, which may not be there. */
export interface TimeScene {
  readonly program: CompiledProgram | null;
  readonly timeZone: string;
  /** The member's birthday ("1990-02-29"), which no event carries. */
  readonly birthday: string | null;
  /** When that birthday was given, and whether it took the place of another. */
  readonly birthdayNote?: BirthdayNote | null;
}

export interface BirthdayNote {
  readonly setAt: number;
  readonly edited: boolean;
}

/** For looks at points alone: what a program does with time is left out. */
export const NO_TIME_SCENE: TimeScene = { program: null, timeZone: "UTC", birthday: null };
