// Compares every member of the local tenant with PostgreSQL, and heals what differs when called with --heal.
import type { MemberDifference, ReconcilePage } from "@regulars/contracts/rpc";
import { askManagement } from "./manage.ts";

/** Members of one call: about a second. */
const PAGE = 100;

const heal = process.argv.includes("--heal");
const differences: MemberDifference[] = [];
let [compared, healed] = [0, 0];
let cursor: string | null = null;
do {
  const body = { limit: PAGE, heal, ...(cursor === null ? {} : { cursor }) };
  const page: ReconcilePage = await askManagement("/manage/v1/reconciliation", body);
  compared += page.checked;
  healed += page.healed;
  differences.push(...page.differences);
  cursor = page.nextCursor;
  showProgress();
} while (cursor !== null);
if (process.stderr.isTTY) process.stderr.write("\n");

for (const { memberId, what, object, postgres } of differences) {
  console.log(`${memberId} ${what}: object ${object}, PostgreSQL ${postgres}`);
}
const differing = new Set(differences.map(({ memberId }) => memberId)).size;
if (differing > 0 && !heal) console.log("Heal them by: npm run reconcile -- --heal");
if (differing > healed) process.exitCode = 1;
console.log(`${compared} members compared, ${differences.length} differences, ${healed} healed`);

function showProgress(): void {
  if (process.stderr.isTTY) process.stderr.write(`\r${compared} members compared, ${differences.length} differences `);
}
