// What the console asks point-ledger about bulk codes and budgets.

/** A batch of codes: its codes have the numbers 0 to `count` − 1. */
export interface CodeBatchRecord {
  readonly id: number;
  readonly campaign: string;
  readonly count: number;
  readonly at: number;
}

/** Codes of a batch that orders have reserved or used, and that were voided before they were used. */
export interface CodeUsage {
  readonly reserved: number;
  readonly used: number;
  readonly voided: number;
}

/** What a code is after it was to be voided: a used one stays used, a reserved one ends once its order lets it go. */
export interface VoidedCode {
  readonly number: number;
  readonly state: "voided" | "reserved" | "used";
}

export interface CodesRpc {
  makeCodes(
    tenantId: string,
    wish: { readonly key: string; readonly campaign: string; readonly count: number },
  ): Promise<CodeBatchRecord | null>;
  codeBatch(tenantId: string, id: number): Promise<CodeBatchRecord | null>;
  codeBatches(tenantId: string, page: { readonly before: number; readonly limit: number }): Promise<CodeBatchRecord[]>;
  codeUsage(tenantId: string, id: number): Promise<CodeUsage>;
  /** What is given of a budget now: points, pieces of stock, uses of a code. */
  budgetGiven(tenantId: string, name: string): Promise<number>;
  voidCodes(tenantId: string, id: number, numbers: readonly number[]): Promise<VoidedCode[]>;
}
