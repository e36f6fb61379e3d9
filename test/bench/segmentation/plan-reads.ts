// Reads from an executed plan how many rows of each table it has looked at, whether or not they were wanted.

export interface Read {
  /** The table; or `join`: rows that were compared with each other in vain. */
  readonly of: string;
  readonly rows: number;
}

/** A node of EXPLAIN (ANALYZE, FORMAT JSON); counts are means of its loops. */
interface PlanNode {
  readonly "Relation Name"?: string;
  readonly "Actual Rows"?: number;
  readonly "Actual Loops"?: number;
  readonly "Rows Removed by Filter"?: number;
  readonly "Rows Removed by Index Recheck"?: number;
  readonly "Rows Removed by Join Filter"?: number;
  readonly Plans?: readonly PlanNode[];
}

/** One entry a node, in the order of the plan; `explained` is the value of the one column of the answer. */
export function readsOf(explained: unknown): Read[] {
  // PostgreSQL's own format: a list with one plan for the one statement.
  const [{ Plan: root }] = explained as [{ Plan: PlanNode }];
  return readsBelow(root);
}

function readsBelow(node: PlanNode): Read[] {
  const loops = node["Actual Loops"] ?? 0;
  const count = (...fields: (keyof PlanNode)[]) =>
    Math.round(loops * fields.reduce((sum, field) => sum + Number(node[field] ?? 0), 0));
  const inVain = count("Rows Removed by Join Filter");
  const table = node["Relation Name"];
  return [
    ...(table === undefined
      ? []
      : [{ of: table, rows: count("Actual Rows", "Rows Removed by Filter", "Rows Removed by Index Recheck") }]),
    ...(inVain === 0 ? [] : [{ of: "join", rows: inVain }]),
    ...(node.Plans ?? []).flatMap(readsBelow),
  ];
}
