// Decides where a member's object and PostgreSQL's copy of it differ.
import type { MemberDocument } from "@regulars/contracts/events";
import type { LedgerAudit, MemberDifference } from "@regulars/contracts/rpc";

interface Figures {
  readonly currency: string;
  readonly available: number;
  readonly pending: number;
  readonly held: number;
}

/** What `audit_members` tells of one member. */
export interface CopyAudit {
  readonly memberId: string;
  readonly epoch: number;
  readonly events: number;
  readonly lastSequence: number;
  /** The first sequence that is missing below `lastSequence`. */
  readonly firstMissing: number | null;
  readonly balances: readonly Figures[];
  readonly entrySums: readonly Figures[];
  readonly member: MemberDocument | null;
  /** Identities of a member that has no document any more. */
  readonly strayIdentities: number;
  /** Tables whose rows are not those that follow from the stored events. */
  readonly contradicting: readonly string[];
}

export function differencesOf(audit: LedgerAudit, copy: CopyAudit): MemberDifference[] {
  const { memberId } = copy;
  if (!audit.exists) {
    const postgres = `${copy.events} events`;
    return copy.events === 0 ? [] : [{ memberId, what: "missing", object: "no events", postgres }];
  }
  const found: MemberDifference[] = [];
  const compare = (what: MemberDifference["what"], object: string, postgres: string) => {
    if (object !== postgres) found.push({ memberId, what, object, postgres });
  };
  compare("sequence", progress(audit.epoch, audit.sequence, audit.sequence), progressOf(copy));
  compare("balance", figuresText(audit.balances), figuresText(copy.balances));
  compare("entries", figuresText(audit.entrySums), figuresText(copy.entrySums));
  compare("derived", "follows from events", derivedText(copy.contradicting));
  compare("profile", documentText(audit.member, 0), documentText(copy.member, copy.strayIdentities));
  // Of the object alone: PostgreSQL can say nothing about it, and cannot heal it.
  compare("fold", figuresText(audit.balances), figuresText(audit.entrySums));
  if (!audit.foldEqual) found.push({ memberId, what: "fold", object: "not the fold of its events", postgres: "" });
  return found;
}

const progressOf = ({ epoch, lastSequence, events }: CopyAudit) => progress(epoch, lastSequence, events);

function progress(epoch: number, sequence: number, events: number): string {
  return `epoch ${epoch}, sequence ${sequence}, ${events} events`;
}

const derivedText = (tables: readonly string[]) =>
  tables.length === 0 ? "follows from events" : `does not: ${[...tables].sort().join(", ")}`;

/** Currencies that never moved are the same as those with nothing left. */
function figuresText(figures: readonly Figures[]): string {
  const moved = figures.filter(({ available, pending, held }) => available !== 0 || pending !== 0 || held !== 0);
  return moved
    .map(
      ({ currency, available, pending, held }) => `${currency} ${available} available ${pending} pending ${held} held`,
    )
    .sort()
    .join("; ");
}

// Only a digest: differences are printed and logged, and personal data must not be.
function documentText(member: MemberDocument | null, strayIdentities: number): string {
  if (member === null) return strayIdentities === 0 ? "none" : `none, but ${strayIdentities} identities`;
  const { identities, profile, homeStoreId, source, consent, enrolledAt } = member;
  const listed = identities.map(({ type, value }) => `${type}:${value}`).sort();
  return digest(sortedJson({ identities: listed, profile, homeStoreId, source, consent, enrolledAt }));
}

/** JSON whose keys are in order: jsonb keeps no order of its own. */
function sortedJson(value: unknown): string {
  return JSON.stringify(value, (_key, part: unknown) => {
    if (typeof part !== "object" || part === null || Array.isArray(part)) return part;
    return Object.fromEntries(Object.entries(part).sort(([one], [other]) => (one < other ? -1 : 1)));
  });
}

/** FNV-1a, 32 bits: tells two documents apart, and says nothing about either. */
function digest(text: string): string {
  let hash = 0x811c9dc5;
  for (let place = 0; place < text.length; place += 1) {
    hash = Math.imul(hash ^ text.charCodeAt(place), 0x01000193) >>> 0;
  }
  return `document ${hash.toString(16).padStart(8, "0")}`;
}
