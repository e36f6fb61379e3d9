// What every named act and look of a member's object is given, and the shape of the tables that hold them.
import type { CallContext, WriteContext } from "@regulars/contracts/rpc";
import type { Prepared } from "@regulars/domain/moment";
import type { CompiledProgram } from "@regulars/domain/program";
import type { Book } from "../book.ts";
import type { Outcome } from "../commands.ts";

export interface Desk {
  readonly book: Book;
  /** The version that decides the call; null when the tenant has published none. */
  readonly program: CompiledProgram | null;
  /** What other objects granted for an act, see prepareAct; an act that was prepared for passes it on to `write`. */
  readonly prepared?: Prepared;
}

interface Shape {
  readonly ask: unknown;
  readonly answer: unknown;
}

/** Handlers of acts: each is one write that runs within a transaction. */
export type ActHandlers<Table extends Record<keyof Table, Shape>> = {
  readonly [Name in keyof Table]: (
    desk: Desk,
    context: WriteContext,
    ask: Table[Name]["ask"],
  ) => Outcome<Table[Name]["answer"]>;
};

/** Handlers of looks: they change nothing. */
export type LookHandlers<Table extends Record<keyof Table, Shape>> = {
  readonly [Name in keyof Table]: (
    desk: Desk,
    context: CallContext,
    ask: Table[Name]["ask"],
  ) => Outcome<Table[Name]["answer"]>;
};
