// Which patterns a condition may match with: those that no text can keep busy, since tills choose the texts.
import type { ASTNode } from "@marcbachmann/cel-js";
import { childrenOf } from "./condition-names.ts";

/** A pattern of two repetitions takes at most some 200³ steps over a text of 200 letters; each more takes 200 times as many. */
const REPETITIONS_MAX = 2;
const PATTERN_LENGTH_MAX = 100;

/** What is wrong with a pattern of an expression, in one line; null when each one is plain. */
export function patternFault(node: ASTNode): string | null {
  if (node.op === "rcall" && node.args[0] === "matches") {
    const [pattern] = node.args[2];
    if (pattern?.op !== "value" || typeof pattern.args !== "string") return "matches takes a text in quotes";
    const fault = faultOf(pattern.args);
    if (fault !== null) return fault;
  }
  return childrenOf(node.args).reduce<string | null>((found, child) => found ?? patternFault(child), null);
}

// Without groups nothing repeats what repeats, and no choice is made twice.
function faultOf(pattern: string): string | null {
  if (pattern.length > PATTERN_LENGTH_MAX) return `a pattern has at most ${PATTERN_LENGTH_MAX} letters`;
  const plain = pattern.replaceAll(/\\./gu, "x").replaceAll(/\[[^\]]*\]/gu, "x");
  if (plain.includes("(") || /\\[1-9k]/u.test(pattern)) return "a pattern has no groups";
  const repetitions = plain.match(/[*+?{]/gu)?.length ?? 0;
  return repetitions > REPETITIONS_MAX ? `a pattern has at most ${REPETITIONS_MAX} repetitions` : null;
}
