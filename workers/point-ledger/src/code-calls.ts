// What the console asks about bulk codes: batches from the tenant's book, their use from all registers together.
import type { CodeUsage, VoidedCode } from "@regulars/contracts/rpc-codes";
import { askAgain } from "./ask-again.ts";
import { CODE_REGISTERS, codeBookOf, codeRegisterOf } from "./code-objects.ts";

export function makeCodes(env: Env, tenantId: string, wish: { key: string; campaign: string; count: number }) {
  return askAgain(() => codeBookOf(env, tenantId).make(wish));
}

export function codeBatch(env: Env, tenantId: string, id: number) {
  return askAgain(() => codeBookOf(env, tenantId).batch(id));
}

export function codeBatches(env: Env, tenantId: string, { before, limit }: { before: number; limit: number }) {
  return askAgain(() => codeBookOf(env, tenantId).batches(before, limit));
}

export async function codeUsage(env: Env, tenantId: string, id: number): Promise<CodeUsage> {
  const registers = Array.from({ length: CODE_REGISTERS }, (_, index) => index);
  const all = await Promise.all(
    registers.map((index) => askAgain(() => codeRegisterOf(env, tenantId, index).usage(id))),
  );
  const sumOf = (count: (usage: CodeUsage) => number) => all.reduce((sum, one) => sum + count(one), 0);
  return { reserved: sumOf((one) => one.reserved), used: sumOf((one) => one.used), voided: sumOf((one) => one.voided) };
}

export async function voidCodes(
  env: Env,
  tenantId: string,
  id: number,
  numbers: readonly number[],
): Promise<VoidedCode[]> {
  const groups = Map.groupBy(numbers, (number) => number % CODE_REGISTERS);
  const asked = [...groups].map(([index, group]) =>
    askAgain(() => codeRegisterOf(env, tenantId, index).void(id, group)),
  );
  return (await Promise.all(asked)).flat();
}
