// Challenges and streaks of a program by what they count, with their conditions compiled: once a version and isolate.
import type { Challenge, Streak } from "@regulars/contracts/program-play";
import { compileCondition, type Condition } from "./conditions.ts";
import type { CompiledProgram } from "./program.ts";

export interface CompiledChallenge extends Challenge {
  readonly condition: Condition | null;
}

/** `order`, or a type of event, with what counts it. */
interface CompiledPlay {
  readonly challenges: ReadonlyMap<string, readonly CompiledChallenge[]>;
  readonly streaks: ReadonlyMap<string, readonly Streak[]>;
}

const compiled = new WeakMap<CompiledProgram, CompiledPlay>();

/** The play of a program. */
export function playOf(program: CompiledProgram): CompiledPlay {
  let play = compiled.get(program);
  if (play === undefined) {
    const { challenges, streaks } = program.document.play;
    const ready = challenges.map((one) => withCondition(one));
    play = { challenges: Map.groupBy(ready, occasionOf), streaks: Map.groupBy(streaks, occasionOf) };
    compiled.set(program, play);
  }
  return play;
}

/** Whether anything of a program looks at an event of this type. */
export function listensTo(program: CompiledProgram, type: string): boolean {
  const { challenges, streaks } = playOf(program);
  return program.rulesOn.has(type) || challenges.has(type) || streaks.has(type);
}

function withCondition(challenge: Challenge): CompiledChallenge {
  return { ...challenge, condition: challenge.when === undefined ? null : compileCondition(challenge.when) };
}

const occasionOf = ({ counts, event = "" }: Pick<Challenge, "counts" | "event">) =>
  counts === "event" ? event : "order";
