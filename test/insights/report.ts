// Prints what is known of a tenant's members, as tables that read on any terminal.
import type { Answers } from "./answers.ts";
import {
  type AffinityFindings,
  type Findings,
  type ModelFindings,
  type NamedCount,
  type StoreScore,
  WEAK_SEARCH,
} from "./findings.ts";
import { weightedShares, wholeMonths } from "./pictures/retention.ts";
import { bestOfRegions } from "./pictures/league.ts";
import { bar, tableLines } from "./table.ts";
import type { Words } from "./words.ts";

const BAR_CELLS = 24;
/** Rows of tables that could be long: the whole is in the API. */
const ROWS_SHOWN = 12;

export interface Told extends Omit<Answers, "findings"> {
  readonly findings: Findings;
  readonly tenantName: string;
  readonly regionNames: ReadonlyMap<string, string>;
}

/** The whole report, line by line. */
export function reportLines(told: Told, words: Words): string[] {
  const { findings } = told;
  return [
    `${told.tenantName}, ${words.say("note.asOf", { day: findings.asOf })}`,
    "",
    ...sizeLines(told, words),
    ...section("RFM", rfmLines(findings, words)),
    ...section("Lifecycle, by each member's own cycle", lifecycleLines(findings, words)),
    ...section(`Lifetime value, next ${findings.value.horizonDays} days`, valueLines(findings, words)),
    ...section("Retention by month of first order", retentionLines(findings, words)),
    ...section(
      `Needed again from ${findings.repurchase.from} until ${findings.repurchase.until}`,
      dueLines(findings, words),
    ),
    ...section("Bought together", ruleLines(findings, words)),
    ...section("Stores, the best of each region", storeLines(told, words)),
    ...section("Profiles told", completenessLines(told, words)),
  ];
}

function section(title: string, lines: readonly string[]): string[] {
  return ["", title, ...lines];
}

function sizeLines({ findings, overview }: Told, words: Words): string[] {
  const { members, buyers, orders, revenue } = findings.sizes;
  const { figures, range } = overview;
  const rows = (["revenue", "orders", "buyers", "newBuyers", "repeatBuyers", "wonBackBuyers"] as const).map((name) => {
    const { current, previous, rate } = figures[name];
    const shown = (value: number | null) =>
      value === null ? "–" : name === "revenue" ? words.money(value) : words.count(value);
    return [name, shown(current), shown(previous), rate === null ? "–" : words.percent(rate, 1)];
  });
  return [
    `  ${words.count(members)} members, of them ${words.count(buyers)} with ${words.count(orders)} orders, ` +
      `${words.money(revenue)} kept`,
    "",
    ...tableLines([`${range.from} until ${range.until}`, "now", "before", "change"], rows),
  ];
}

function rfmLines({ rfm }: Findings, words: Words): string[] {
  const scores = Array.from({ length: rfm.bins }, (_, at) => at + 1);
  const grid = scores.toReversed().map((recency) => [
    `R ${recency}`,
    ...scores.map((frequency) => {
      const cell = rfm.cells.find((one) => one.recency === recency && one.frequency === frequency);
      return words.count(cell?.members ?? 0);
    }),
  ]);
  return [
    ...tableLines(["members", ...scores.map((score) => `F ${score}`)], grid),
    `  cuts: days ${cutsOf(rfm.cuts.recencyDays)}; orders ${cutsOf(rfm.cuts.orders)}; ` +
      `money ${rfm.cuts.amount.map((cut) => words.money(cut)).join(" ")}`,
    "",
    ...tableLines(
      ["segment", "members", "spend", "each"],
      rfm.segments.map(({ name, members, spend }) => [
        words.name("rfmSegment", name),
        words.count(members),
        words.money(spend),
        words.money(spend / Math.max(1, members)),
      ]),
    ),
  ];
}

function cutsOf(cuts: readonly number[]): string {
  return cuts.map((cut) => String(Math.round(cut * 10) / 10)).join(" ");
}

function lifecycleLines({ lifecycle }: Findings, words: Words): string[] {
  const total = sumOf(lifecycle.stages);
  const rows = lifecycle.stages.map(({ name, members, spend }) => [
    words.name("stage", name),
    words.count(members),
    words.percent(members / Math.max(1, total), 1),
    words.money(spend),
    bar(members / Math.max(1, total), BAR_CELLS).padEnd(BAR_CELLS),
  ]);
  const labels = lifecycle.labels.map(({ name, members }) => `${name} ${words.count(members)}`).join(", ");
  return [
    ...tableLines(["stage", "members", "share", "spend", ""], rows),
    `  labels: ${labels}; ${words.count(lifecycle.churnRisk)} have been silent for too long`,
    ...(lifecycle.usualCycleDays === null ? [] : [`  usual cycle: ${lifecycle.usualCycleDays.toFixed(1)} days`]),
  ];
}

function valueLines({ value }: Findings, words: Words): string[] {
  const rows = value.deciles.map(({ members, value: worth, spend }, tenth) => [
    String(tenth + 1),
    words.count(members),
    words.money(spend),
    words.money(worth),
    words.money(worth / Math.max(1, members)),
    words.percent(value.total > 0 ? worth / value.total : 0, 1),
  ]);
  const bands = value.bands.map(({ name, members, spend }) => [
    words.name("band", name),
    words.count(members),
    words.money(spend),
  ]);
  return [
    ...value.models.map((model) => `  ${modelLine(model)}`),
    ...(value.bestFifth === null || value.makingEighty === null
      ? []
      : [
          `  ${words.money(value.total)} in all; the best fifth of buyers make ${words.percent(value.bestFifth, 1)}, ` +
            `${words.percent(value.makingEighty, 1)} of buyers make four fifths`,
          `  ${words.count(value.expectedOrders)} orders expected, ${words.percent(value.meanAlive, 1)} are still there`,
        ]),
    ...(rows.length === 0 ? [] : ["", ...tableLines(["tenth", "members", "spent", "worth", "each", "share"], rows)]),
    "",
    ...tableLines(["band", "members", "spend"], bands),
    ...(value.oneTimeBuyerRate === null ? [] : [`  ${words.percent(value.oneTimeBuyerRate, 1)} bought exactly once`]),
  ];
}

function modelLine({ kind, parameters, missing, loose }: ModelFindings): string {
  if (missing.length > 0) {
    return `${kind}: no model, there is ${missing.map(({ what, have, need }) => `${what} ${have} of ${need}`).join(", ")}`;
  }
  const told = Object.entries(parameters).map(([name, value]) => `${name} ${value.toPrecision(5)}`);
  if (told.length === 0) return `${kind}: no model`;
  const note = loose.length === 0 ? "" : ` (${loose.join(", ")} say nothing: members hardly differ in them)`;
  return `${kind}: ${told.join(", ")}${note}`;
}

function retentionLines({ cohorts, asOf }: Findings, words: Words): string[] {
  const shown = wholeMonths(cohorts, asOf).slice(-ROWS_SHOWN);
  const months = Math.max(0, ...shown.map(({ active }) => active.length - 1));
  const rows = shown.map(({ month, size, active }) => [
    month,
    words.count(size),
    ...active.slice(1).map((count) => words.percent(count / Math.max(1, size))),
  ]);
  const all = weightedShares(shown, months).slice(1);
  const total = words.count(shown.reduce((sum, { size }) => sum + size, 0));
  const head = ["month", "members", ...Array.from({ length: months }, (_, at) => String(at + 1))];
  return tableLines(head, [...rows, ["all", total, ...all.map((share) => words.percent(share))]]);
}

function dueLines({ repurchase }: Findings, words: Words): string[] {
  const { products, days } = repurchase;
  const shown = products
    .slice(0, ROWS_SHOWN)
    .map(({ ref, members, overdue, medianDays }) => [
      ref,
      words.count(members),
      words.count(overdue),
      medianDays?.toFixed(1) ?? "–",
    ]);
  const byDay = days.map(({ day, members }) => `${day.slice(5)} ${words.count(members)}`).join(", ");
  return [
    ...tableLines(["category", "members", "overdue", "days a unit"], shown),
    `  by day: ${byDay === "" ? "nobody" : byDay}`,
  ];
}

function ruleLines({ affinity, weakAffinity }: Findings, words: Words): string[] {
  const { days, confidence, lift } = WEAK_SEARCH;
  return [
    ...rulesTable("of last night", affinity, words),
    "",
    ...rulesTable(
      `by category over ${days} days, from ${words.percent(confidence)} and ${lift} times on`,
      weakAffinity,
      words,
    ),
  ];
}

function rulesTable(what: string, { rules, baskets }: AffinityFindings, words: Words): string[] {
  const rows = rules
    .slice(0, ROWS_SHOWN)
    .map(({ antecedent, consequent, count, confidence, lift }) => [
      `${antecedent.join(" + ")} ⇒ ${consequent}`,
      words.count(count),
      words.percent(confidence, 1),
      lift.toFixed(1),
    ]);
  if (rules.length === 0) return [`  ${what}: no rules`];
  return [
    `  ${what}: ${words.count(rules.length)} rules over ${words.count(baskets)} baskets`,
    ...tableLines(["who buys ⇒ also buys", "baskets", "confidence", "lift"], rows),
  ];
}

function storeLines({ stores, regionNames }: Told, words: Words): string[] {
  const rows = [...bestOfRegions(stores)].flatMap(([regionId, best]) =>
    best.slice(0, 5).map((store) => [regionNames.get(regionId) ?? regionId, ...storeCells(store, words)]),
  );
  const head = ["region", "rank", "store", "score", "before", "orders", "revenue", "repeat", "redeemed"];
  return tableLines(head, rows);
}

function storeCells(store: StoreScore, words: Words): string[] {
  const share = (value: number | null) => (value === null ? "–" : words.percent(value));
  return [
    `${store.rank ?? "–"}/${store.ranked}`,
    store.storeId,
    store.score?.toFixed(1) ?? "–",
    store.scoreBefore?.toFixed(1) ?? "–",
    words.count(store.orders),
    words.money(store.revenue),
    share(store.repeatRate),
    share(store.redemptionRate),
  ];
}

function completenessLines({ completeness }: Told, words: Words): string[] {
  const rows = completeness.fields.map(({ field, filled, share }) => [
    field,
    words.count(filled),
    share === null ? "–" : words.percent(share, 1),
  ]);
  return tableLines([`field, of ${words.count(completeness.members)} members`, "told", "share"], rows);
}

function sumOf(groups: readonly NamedCount[]): number {
  return groups.reduce((sum, { members }) => sum + members, 0);
}
