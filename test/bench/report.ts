// What a run prints: its circumstances, its tables, and each aim beside its figure.
import type { Aim } from "./aim.ts";
import type { Results } from "./aims.ts";
import type { HopResult } from "./hop.ts";
import type { Machine } from "./machine.ts";
import { segmentationTables } from "./segmentation/report.ts";
import { describeSpread } from "./statistics.ts";
import { aimsTable, fsyncTable, hopTable, levelsTable, processorTable, ratiosTable, richTable } from "./table.ts";

export interface Found extends Results {
  readonly date: string;
  readonly command: string;
  readonly minutes: number;
  readonly machine: Machine;
  readonly options: {
    readonly rounds: number;
    readonly seconds: number;
    readonly connections: number;
    readonly members: number;
  };
  /** Of the local systems; null when none was started. */
  readonly fileSystems: { readonly disk: string; readonly memory: string } | null;
  readonly durability: Readonly<Record<string, string>> | null;
  readonly hop: HopResult | null;
  readonly aims: readonly Aim[];
}

/** Lines of Markdown. */
export function report(found: Found): string[] {
  const { calls, hop, growth, projection, rich, fsyncs, segmentation, aims } = found;
  return [
    ...circumstances(found),
    ...(calls.length === 0 ? [] : ["", ...levelsTable(calls, "hot"), "", ...levelsTable(calls, "spread")]),
    ...(calls.length === 0 ? [] : ["", ...ratiosTable(calls), "", ...processorTable(calls)]),
    ...(hop === null ? [] : ["", ...hopTable(hop)]),
    ...(fsyncs === null ? [] : ["", ...fsyncTable(fsyncs)]),
    ...(rich === null ? [] : ["", ...richTable(rich)]),
    ...(growth === null
      ? []
      : [
          "",
          `Growth: earning with ${growth.entries} entries and ${growth.lots} open lots runs at ` +
            `${describeSpread(growth.ratio)} of an empty member's rate (${growth.pairs} pairs).`,
        ]),
    ...(projection === null
      ? []
      : [
          "",
          `Projection: ${projection.events} events written without PostgreSQL; ` +
            `${Math.round(projection.drain.perSecond)} events/s while draining, first row after ` +
            `${projection.drain.firstRowMs} ms, caught up after ${projection.drain.caughtUpMs} ms.`,
          ...projection.lags.map(
            ({ subject, orders, perSecond, p50Ms, p99Ms, maxMs }) =>
              `Lag on ${subject} at ${Math.round(perSecond)} orders/s: p50 ${Math.round(p50Ms)} ms, ` +
              `p99 ${Math.round(p99Ms)} ms, max ${Math.round(maxMs)} ms over ${orders} orders.`,
          ),
        ]),
    ...(segmentation === null ? [] : ["", ...segmentationTables(segmentation)]),
    "",
    ...aimsTable(aims),
  ];
}

function circumstances({ date, command, minutes, machine, options, fileSystems, durability }: Found): string[] {
  const { processor, cores, memoryGb, system, node, workerd, loadAtStart, commit } = machine;
  const { rounds, seconds, connections, members } = options;
  const settings = Object.entries(durability ?? {}).map(([name, setting]) => `${name} ${setting}`);
  return [
    `${date}, \`${command}\`, ${minutes} min, commit ${commit}`,
    `${processor}, ${cores} cores, ${memoryGb} GB, ${system}; Node ${node}, workerd ${workerd}; load at start ${loadAtStart.toFixed(2)}`,
    ...(fileSystems === null
      ? []
      : [
          `${rounds} rounds of ${seconds} s, ${connections} connections, ${members} spread members; ` +
            `disk ${fileSystems.disk}, memory ${fileSystems.memory}; PostgreSQL ${settings.join(", ")}`,
        ]),
  ];
}
