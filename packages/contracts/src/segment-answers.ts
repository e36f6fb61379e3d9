// What the management API tells of segments beside their definitions: versions, who is and was in, and where a member stays.
import { z } from "zod";
import { PAGE_LIMIT_DEFAULT, PAGE_LIMIT_MAX } from "./limits.ts";
import { segmentAnswer, segmentDefinition } from "./segments.ts";
import { instant, memberId, slug, text } from "./values.ts";

/** Members that a preview shows by name: as many as a screen does. */
export const PREVIEW_SAMPLE_MAX = 20;
const PREVIEW_SAMPLE_DEFAULT = 10;
/** Members of one page of a segment or of a list: about 100 KB. */
export const SEGMENT_PAGE_MAX = 1000;

const cursor = text().optional();
const limit = (max: number) => z.coerce.number().pipe(z.int().min(1).max(max)).default(PAGE_LIMIT_DEFAULT);

/** Null as long as the segment lives; one that has ended keeps its history, and takes nobody in. */
export const segmentShown = z.strictObject({ ...segmentAnswer.shape, endedAt: instant.nullable() });

export const segmentsQuery = z.strictObject({
  limit: limit(PAGE_LIMIT_MAX),
  cursor,
  /** Also those that have ended. */
  ended: z.enum(["true", "false"]).optional(),
});
export const segmentsPage = z.strictObject({ segments: z.array(segmentShown), nextCursor: z.string().nullable() });

export const segmentVersion = z.strictObject({ version: z.int(), definition: segmentDefinition, savedAt: instant });
export const segmentVersionsPage = z.strictObject({
  versions: z.array(segmentVersion),
  nextCursor: z.string().nullable(),
});

/** `at`: who was in at this instant; without it, who is in by the last build. */
export const segmentMembersQuery = z.strictObject({ limit: limit(SEGMENT_PAGE_MAX), cursor, at: instant.optional() });

const stay = {
  since: instant,
  /** Null for the present stay. */
  until: instant.nullable(),
  /** The version that let the member in. */
  version: z.int(),
};
export const segmentMembersPage = z.strictObject({
  members: z.array(z.strictObject({ memberId, ...stay })),
  nextCursor: z.string().nullable(),
});

export const memberSegmentsPage = z.strictObject({
  segments: z.array(z.strictObject({ segmentId: slug, name: z.string(), ...stay })),
  nextCursor: z.string().nullable(),
});

export const previewRequest = z.strictObject({
  definition: segmentDefinition,
  sample: z.int().min(0).max(PREVIEW_SAMPLE_MAX).default(PREVIEW_SAMPLE_DEFAULT),
});

export type SegmentShown = z.output<typeof segmentShown>;
export type SegmentsPage = z.output<typeof segmentsPage>;
export type SegmentVersionsPage = z.output<typeof segmentVersionsPage>;
export type SegmentMembersPage = z.output<typeof segmentMembersPage>;
export type MemberSegmentsPage = z.output<typeof memberSegmentsPage>;
