// Prints what a replay did and what it proves; returns every reason for which it failed.
import type { MemberDifference } from "@regulars/contracts/rpc";
import type { ClearingProof } from "./clearing.ts";
import { carriedBy, rewardOf } from "./coupons.ts";
import { balanceOf, type Journal, MOVEMENTS, type Movements, movementsOf, noMovements } from "./journal.ts";
import { type Meter, percentiles } from "./meter.ts";
import type { CopyTotals } from "./postgres-copy.ts";
import { count } from "./progress.ts";
import type { Settlement } from "./settle.ts";
import type { Source } from "./source.ts";

export interface ReplayResult {
  readonly source: Source;
  /** False when only a part of the source was played. */
  readonly isWhole: boolean;
  readonly journal: Journal;
  readonly meter: Meter;
  readonly seconds: number;
  readonly calls: number;
  readonly settlement: Settlement;
  readonly reconciled: {
    readonly checked: number;
    readonly differences: readonly MemberDifference[];
    readonly failure?: string;
  };
  /** Null: the program has no clearing, or PostgreSQL cannot be asked. */
  readonly clearing: ClearingProof | null;
  readonly copy: {
    readonly totals: CopyTotals;
    readonly lags: readonly number[];
    readonly used: ReadonlyMap<string, { readonly held: number; readonly named: number }>;
    readonly events: number;
    /** Null: not everything had arrived in time. */
    readonly caughtUpMs: number | null;
  } | null;
}

/** Differences and failures beyond these are counted only. */
const SHOWN_MAX = 10;

/** Prints the report; an empty list says that everything held. */
export function report(result: ReplayResult): string[] {
  const failures: string[] = [];
  const line = (label: string, text: string) => console.log(`  ${label.padEnd(22)} ${text}`);
  printCounts(result, line);
  printPoints(result, failures);
  printCalls(result, line);
  checkSource(result, failures);
  checkApi(result, failures, line);
  checkCopy(result, failures, line);
  printCoupons(result, failures);
  printClearing(result, failures);
  console.log(
    failures.length === 0 ? "\nEverything held." : `\nFAILED:\n${failures.map((one) => `  - ${one}`).join("\n")}`,
  );
  return failures;
}

type Line = (label: string, text: string) => void;

function printCounts({ source, journal }: ReplayResult, line: Line) {
  const { mapping, notes, checks } = source;
  console.log(`\n${mapping.name} (${mapping.source})`);
  for (const { name, expected, found } of checks) {
    line(name, `${count(found)}${expected === found ? "  as published" : `  NOT as published: ${count(expected)}`}`);
  }
  for (const [what, times] of Object.entries(notes)) line("note", `${count(times)} ${what}`);
  console.log("\nPlayed");
  line("members", count(journal.members.size));
  line("orders", count(journal.orders));
  line("quotes", count(journal.quotes));
  line("refunds", count(journal.refunds));
  if (source.returns.length > 0) {
    line(
      "returned lines",
      `${count(journal.returnsMatched)} matched, ${count(journal.returnsUnmatched)} bought before the data`,
    );
  }
  line("net of orders", `${money(journal.net)} ${mapping.currency}, refunded ${money(journal.refunded)}`);
}

function printPoints({ settlement }: ReplayResult, failures: string[]) {
  const columns = [...MOVEMENTS, "balance", "available", "pending", "held"];
  console.log(`\n${"points".padEnd(10)}${columns.map((name) => name.padStart(12)).join("")}`);
  for (const [currency, movements] of settlement.statements) {
    const balance = settlement.balances.get(currency) ?? { available: 0, pending: 0, held: 0 };
    const sum = balance.available + balance.pending + balance.held;
    const figures = [...MOVEMENTS.map((movement) => movements[movement]), sum, ...Object.values(balance)];
    console.log(`${currency.padEnd(10)}${figures.map((figure) => count(figure).padStart(12)).join("")}`);
    const expected = balanceOf(movements);
    if (expected !== sum) failures.push(`${currency}: statements add up to ${expected}, balances to ${sum}`);
  }
}

function printCalls({ meter, seconds, calls }: ReplayResult, line: Line) {
  console.log("\nms per call                 calls       p50       p99       max");
  for (const { kind, calls: times, p50, p99, max } of meter.figures()) {
    const figures = [p50, p99, max].map((value) => value.toFixed(1).padStart(10)).join("");
    console.log(`  ${kind.padEnd(22)} ${count(times).padStart(9)}${figures}`);
  }
  console.log();
  const rate = Math.round(calls / seconds);
  line(
    "requests/s",
    `${count(rate)} while shopping (${count(calls)} in ${seconds.toFixed(1)} s, ${meter.retries} retries)`,
  );
}

function checkSource({ source, isWhole, journal }: ReplayResult, failures: string[]) {
  for (const { name, expected, found } of source.checks) {
    if (expected !== found) failures.push(`${name}: published ${expected}, found ${found}`);
  }
  if (!isWhole) return;
  const net = source.baskets.flatMap(({ lines }) => lines).reduce((sum, line) => sum + netOf(line), 0);
  if (net !== journal.net) failures.push(`the orders' net is ${money(journal.net)}, the source's ${money(net)}`);
  if (source.baskets.length !== journal.orders) failures.push(`${journal.orders} of ${source.baskets.length} orders`);
}

function checkApi({ journal, meter, settlement }: ReplayResult, failures: string[], line: Line) {
  for (const { kind, code, count: times, example } of meter.failures) {
    failures.push(`${count(times)} × ${kind}: ${code}, first ${example.slice(0, 600)}`);
  }
  const { contradictions } = settlement;
  for (const contradiction of contradictions.slice(0, SHOWN_MAX)) failures.push(contradiction);
  if (contradictions.length > SHOWN_MAX) failures.push(`and ${contradictions.length - SHOWN_MAX} more contradictions`);
  const told = new Map<string, Movements>();
  for (const { byCurrency } of journal.members.values()) {
    for (const [currency, movements] of byCurrency) {
      for (const movement of MOVEMENTS) movementsOf(told, currency)[movement] += movements[movement];
    }
  }
  compare("answers", told, settlement.statements, failures);
  const held = contradictions.length === 0 ? "agree for every member" : `${contradictions.length} contradictions`;
  line("answers, statements", `${held} (earned − redeemed − expired − reversed + restored ± adjusted = balance)`);
}

function checkCopy({ journal, settlement, reconciled, copy }: ReplayResult, failures: string[], line: Line) {
  const { checked, differences, failure } = reconciled;
  line("reconciliation", `${count(checked)} members compared, ${count(differences.length)} differences`);
  for (const difference of differences.slice(0, SHOWN_MAX)) failures.push(`differs: ${JSON.stringify(difference)}`);
  if (differences.length > SHOWN_MAX) failures.push(`and ${differences.length - SHOWN_MAX} more differences`);
  if (failure !== undefined) failures.push(`the reconciliation: ${failure}`);
  else if (checked !== journal.members.size)
    failures.push(`${checked} of ${journal.members.size} members were compared`);
  if (copy === null) return line("PostgreSQL", "not asked directly: no database URL is known");
  const { totals, lags, events, caughtUpMs } = copy;
  const { p50, p99, max } = percentiles(lags);
  line(
    "projection lag",
    `p50 ${p50.toFixed(0)} ms, p99 ${p99.toFixed(0)} ms, max ${max.toFixed(0)} ms of ${lags.length} answers watched`,
  );
  line(
    "PostgreSQL",
    `${count(totals.members)} members, ${count(totals.orders)} orders, ${count(totals.events)} events`,
  );
  if (caughtUpMs === null) failures.push(`PostgreSQL has ${totals.events} of ${events} events`);
  else line("caught up", `${caughtUpMs.toFixed(0)} ms after the last answer`);
  if (totals.events > events) failures.push(`PostgreSQL has ${totals.events} events, the answers tell of ${events}`);
  if (totals.unbalanced > 0) failures.push(`${totals.unbalanced} transactions do not sum to zero`);
  if (totals.orders !== journal.orders) failures.push(`PostgreSQL has ${totals.orders} of ${journal.orders} orders`);
  compare("PostgreSQL", totals.byCurrency, settlement.statements, failures);
  for (const [currency, balance] of settlement.balances) {
    const found = totals.balances.get(currency) ?? { available: 0, pending: 0, held: 0 };
    const isSame =
      found.available === balance.available && found.pending === balance.pending && found.held === balance.held;
    if (!isSame)
      failures.push(`${currency}: balances are ${JSON.stringify(balance)}, in PostgreSQL ${JSON.stringify(found)}`);
  }
}

/** Redemptions of each campaign as published, as the baskets played carry them, and as PostgreSQL counts them. */
function printCoupons({ source, copy }: ReplayResult, failures: string[]) {
  const { published } = source.coupons;
  if (published.size === 0 || copy === null) return;
  const carried = carriedBy(source.coupons, source.baskets);
  const columns = ["published", "carried", "redeemed"];
  console.log(`\n${"coupons of campaign".padEnd(20)}${columns.map((name) => name.padStart(12)).join("")}`);
  const sums = [0, 0, 0];
  for (const [campaign, times] of [...published].sort(([one], [other]) => Number(one) - Number(other))) {
    const expected = carried.get(campaign) ?? 0;
    const { held = 0, named = 0 } = copy.used.get(rewardOf(campaign)) ?? {};
    for (const [place, figure] of [times, expected, held].entries()) sums[place] = (sums[place] ?? 0) + figure;
    console.log(`${campaign.padEnd(20)}${[times, expected, held].map((one) => count(one).padStart(12)).join("")}`);
    if (held !== expected || named !== expected) {
      failures.push(
        `campaign ${campaign}: ${held} used, ${named} named by orders, of ${expected} that the baskets carry`,
      );
    }
  }
  console.log(`${"all".padEnd(20)}${sums.map((sum) => count(sum).padStart(12)).join("")}`);
}

/** What each owner received from and paid to the others, by statements that the events confirm. */
function printClearing({ clearing, source }: ReplayResult, failures: string[]) {
  if (clearing === null) return;
  const columns = ["statements", "lines", "received", "paid", "settled", "left over"];
  console.log(
    `\n${`owner, ${source.mapping.currency}`.padEnd(20)}${columns.map((name) => name.padStart(14)).join("")}`,
  );
  for (const owner of clearing.owners) {
    const { statements, lines, receivedMilli, paidMilli, settled, closingMilli } = owner;
    const amounts = [receivedMilli / 1000, paidMilli / 1000, settled, closingMilli / 1000].map(exactMoney);
    const figures = [count(statements), count(lines), ...amounts];
    console.log(`${owner.ownerId.padEnd(20)}${figures.map((figure) => figure.padStart(14)).join("")}`);
  }
  const sum = clearing.owners.reduce((total, { settled }) => total + settled, 0);
  console.log(`${"all owners".padEnd(20)}${exactMoney(sum).padStart(14 * 5)}`);
  if (sum !== 0) failures.push(`the owners' books sum to ${sum}`);
  const { contradictions, periods } = clearing;
  for (const contradiction of contradictions.slice(0, SHOWN_MAX)) failures.push(contradiction);
  if (contradictions.length > SHOWN_MAX) failures.push(`and ${contradictions.length - SHOWN_MAX} more contradictions`);
  const held = contradictions.length === 0 ? "are what the events say" : `${contradictions.length} contradictions`;
  console.log(`  ${count(periods)} months locked; the statements and the lines of each ${held}`);
}

function compare(who: string, found: Map<string, Movements>, expected: Map<string, Movements>, failures: string[]) {
  for (const currency of new Set([...found.keys(), ...expected.keys()])) {
    const theirs = found.get(currency) ?? noMovements();
    const ours = expected.get(currency) ?? noMovements();
    for (const movement of MOVEMENTS) {
      if (theirs[movement] === ours[movement]) continue;
      failures.push(`${currency} ${movement}: ${theirs[movement]} by ${who}, ${ours[movement]} by statements`);
    }
  }
}

function netOf({ quantity, unitPrice, discount }: { quantity: number; unitPrice: number; discount: number }): number {
  return quantity * unitPrice - discount;
}

function money(minorUnits: number): string {
  return (minorUnits / 100).toLocaleString("en-US", { minimumFractionDigits: 2 });
}

/** With thousandths of a minor unit. */
function exactMoney(minorUnits: number): string {
  return (minorUnits / 100).toLocaleString("en-US", { minimumFractionDigits: 2, maximumFractionDigits: 5 });
}
