// Which patterns a condition may match with: those that no text can keep busy, since tills choose the texts.
import type { ASTNode } from "@marcbachmann/cel-js";
import type { FaultKey } from "@regulars/contracts/messages/faults";
import { childrenOf } from "./condition-names.ts";

/** A pattern of two repetitions takes at most some 200³ steps over a text of 200 letters; each more takes 200 times as many. */
export const PATTERN_REPETITIONS_MAX = 2;
export const PATTERN_LENGTH_MAX = 100;

/** What is wrong with a pattern of an expression; null when each one is plain. */
export function patternFault(node: ASTNode): FaultKey | null {
  if (node.op === "rcall" && node.args[0] === "matches") {
    const [pattern] = node.args[2];
    if (pattern?.op !== "value" || typeof pattern.args !== "string") return "condition_pattern_quoted";
    const fault = faultOf(pattern.args);
    if (fault !== null) return fault;
  }
  return childrenOf(node.args).reduce<FaultKey | null>((found, child) => found ?? patternFault(child), null);
}

// Without groups nothing repeats what repeats, and no choice is made twice.
function faultOf(pattern: string): FaultKey | null {
  if (pattern.length > PATTERN_LENGTH_MAX) return "condition_pattern_long";
  const plain = pattern.replaceAll(/\\./gu, "x").replaceAll(/\[[^\]]*\]/gu, "x");
  if (plain.includes("(") || /\\[1-9k]/u.test(pattern)) return "condition_pattern_groups";
  const repetitions = plain.match(/[*+?{]/gu)?.length ?? 0;
  return repetitions > PATTERN_REPETITIONS_MAX ? "condition_pattern_repeats" : null;
}
