// Passes over all members page by page: what is to be worked out anew for everybody, how far it came, and what comes next.
import { needsBuild, needsCount, type SegmentRow } from "./segment-builds.ts";

/**
 * `figures` sums everybody up, `scores` scores everybody and stores segments, `segments` stores segments alone, and `count` says
 * what new versions of segments would change, so that the breaker can look first.
 */
export type Pass = "figures" | "scores" | "segments" | "count";

export interface Sweep {
  /** What somebody asked for; `figures` includes `scores`, and that `segments`. */
  readonly wanted: "figures" | "scores" | "segments" | null;
  readonly pass: Pass | null;
  /** The last member that the pass has done. */
  readonly cursor: string;
  /** When the pass began, Unix ms of the clock. */
  readonly startedAt: number;
  /** Versions of segments that the pass brings into force, or counts. */
  readonly versions: Readonly<Record<string, number>>;
  readonly counts: Readonly<Record<string, { readonly entered: number; readonly left: number }>>;
  /** Versions that were counted and may be applied. */
  readonly passed: Readonly<Record<string, number>>;
  /** Whether objects are told stage, band and churn risk: as the last pass over everybody found it. */
  readonly tellsInsights: boolean;
  /** Whether the pass over scores works out as well what members will need: after new figures, not after a mere fit. */
  readonly withNeeds: boolean;
}

export const IDLE: Sweep = {
  wanted: null,
  pass: null,
  cursor: "",
  startedAt: 0,
  versions: {},
  counts: {},
  passed: {},
  tellsInsights: false,
  withNeeds: false,
};

/** What is stored, which may be a mere wish that the console wrote. */
export function readSweep(stored: unknown): Sweep {
  // The console writes `wanted` alone, this Worker the rest.
  return { ...IDLE, ...(stored as Partial<Sweep> | null) };
}

/** The pass to begin now that none is under way; null when there is nothing to do for everybody. */
export function nextPass(sweep: Sweep, segments: readonly SegmentRow[], now: number): Sweep | null {
  const begin = (pass: Pass, rows: readonly SegmentRow[]): Sweep => ({
    ...sweep,
    pass,
    cursor: "",
    startedAt: now,
    versions: Object.fromEntries(rows.map(({ segmentId, version }) => [segmentId, version])),
    counts: {},
  });
  if (sweep.wanted === "figures") return { ...begin("figures", []), wanted: "scores", withNeeds: true };
  const applicable = segments.filter((row) => needsBuild(row) && mayApply(sweep, row));
  if (sweep.wanted !== null) return { ...begin(sweep.wanted, applicable), wanted: null };
  const toCount = segments.filter((row) => needsCount(row) && !mayApply(sweep, row));
  if (toCount.length > 0) return begin("count", toCount);
  return applicable.length > 0 ? begin("segments", applicable) : null;
}

/** A later version than the counted one has to be counted again. */
function mayApply({ passed }: Sweep, row: SegmentRow): boolean {
  return !needsCount(row) || passed[row.segmentId] === row.version;
}

/** Segments whose very version the pass is about; one that was saved anew meanwhile has to wait for the next pass. */
export function rowsOfPass({ versions }: Sweep, segments: readonly SegmentRow[]): SegmentRow[] {
  return segments.filter(({ segmentId, version, ended }) => !ended && versions[segmentId] === version);
}
