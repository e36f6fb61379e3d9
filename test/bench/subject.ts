// What is measured: something that answers the same requests, and that can prove afterwards what it did.
import type { Load } from "./generator.ts";
import type { Operation } from "./requests.ts";

export const SHAPES = ["hot", "spread"] as const;
export type Shape = (typeof SHAPES)[number];

export type SubjectName = "ceiling" | "regulars tmpfs" | "regulars disk" | "for update" | "tuned";

export interface Subject {
  readonly name: SubjectName;
  readonly url: string;
  readonly key: string;
  /** Its own process; of PostgreSQL's sessions nothing is counted. */
  readonly pid: () => number | null;
  readonly operations: readonly Operation[];
  readonly membersOf: (shape: Shape) => readonly string[];
  /** Loads what has been put away since its last turn. */
  readonly warm: (shape: Shape, run: (load: Partial<Load> & Pick<Load, "operation">) => Promise<void>) => Promise<void>;
  /** Takes note of what was answered. */
  readonly note: (shape: Shape, operation: Operation, done: readonly number[]) => void;
  /** Throws when anything answered was lost or done twice. */
  readonly verify: (shape: Shape) => Promise<void>;
  /** Waits until its deferred work is done, so that it falls on nobody else's turn. */
  readonly settle: (shape: Shape) => Promise<void>;
}
