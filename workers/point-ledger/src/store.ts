// All SQL of a member's object: events, remembered refusals, snapshots, and a few facts by name.
import type { EventBody, MemberDocument, MemberEvent } from "@regulars/contracts/events";
import type { Refusal } from "@regulars/contracts/refusals";
import type { HashedIdentity } from "@regulars/contracts/rpc";
import type { LifePolicy } from "@regulars/domain/life-policy";
import type { BirthdayNote } from "@regulars/domain/moment";

/** Who the object is; set once, compared on every call. */
export interface Owner {
  readonly tenantId: string;
  readonly memberId: string;
  readonly epoch: number;
}

/** The member as stored: the document, with the hashes by which the identities are claimed. */
export interface Person extends MemberDocument {
  readonly identities: readonly HashedIdentity[];
}

export interface KeyedRequest {
  readonly key: string | null;
  readonly requestHash: string | null;
  /** What the event is about besides its key: a hold's id. */
  readonly subject: string | null;
}

type EventRow = {
  sequence: number;
  key: string | null;
  request_hash: string | null;
  at: number;
  test_time: number;
  body: string;
};

// A row may have 2 MB; text of a million UTF-16 units has at most 3 bytes each, and ours is ASCII but for names.
const SNAPSHOT_PART_LENGTH = 500_000;
const EVENT_COLUMNS = "sequence, key, request_hash, at, test_time, body";

export class Store {
  readonly #sql: SqlStorage;
  #owner: Owner | null = null;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
  }

  owner(): Owner | null {
    this.#owner ??= this.#fact<Owner>("owner");
    return this.#owner;
  }

  setOwner(owner: Owner): void {
    this.#owner = owner;
    this.#setFact("owner", owner);
  }

  person(): Person | null {
    return this.#fact<Person>("person");
  }

  setPerson(person: Person | null): void {
    if (person === null) this.#sql.exec("DELETE FROM fact WHERE name IN ('person', 'birthday')");
    else this.#setFact("person", person);
  }

  /** What the program last said about time, so that a look at the clock need not load it. */
  lifePolicy(): LifePolicy | null {
    return this.#fact<LifePolicy>("life");
  }

  setLifePolicy(policy: LifePolicy | null): void {
    this.#setFact("life", policy);
  }

  /** When the birthday was given, and whether it took another's place: personal, so no event carries it. */
  birthdayNote(): BirthdayNote | null {
    return this.#fact<BirthdayNote>("birthday");
  }

  setBirthdayNote(note: BirthdayNote): void {
    this.#setFact("birthday", note);
  }

  confirmedSequence(): number {
    return this.#fact<number>("confirmed") ?? 0;
  }

  setConfirmedSequence(sequence: number): void {
    this.#setFact("confirmed", sequence);
  }

  /** True when the member may never enrol any more, because a claim of theirs was given to somebody else. */
  isAbandoned(): boolean {
    return this.#fact<boolean>("abandoned") ?? false;
  }

  setAbandoned(): void {
    this.#setFact("abandoned", true);
  }

  /** The number of the newest wish of segmentation that was heard, also of one that changed nothing and so has no event. */
  labelsVersion(): number {
    return this.#fact<number>("labels") ?? 0;
  }

  setLabelsVersion(version: number): void {
    this.#setFact("labels", version);
  }

  lastSequence(): number {
    return this.#sql.exec<{ last: number | null }>("SELECT max(sequence) AS last FROM event").one().last ?? 0;
  }

  insertEvent(event: MemberEvent, { requestHash, subject }: KeyedRequest): void {
    this.#sql.exec(
      "INSERT INTO event (sequence, key, request_hash, subject, at, test_time, kind, body) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
      event.sequence,
      event.key,
      requestHash,
      subject,
      event.at,
      event.testTime ? 1 : 0,
      event.body.kind,
      JSON.stringify(event.body),
    );
  }

  eventByKey(key: string): { event: MemberEvent; requestHash: string | null } | null {
    const rows = this.#sql.exec<EventRow>(`SELECT ${EVENT_COLUMNS} FROM event WHERE key = ?`, key).toArray();
    const row = rows[0];
    return row === undefined ? null : { event: this.#eventOf(row), requestHash: row.request_hash };
  }

  /** The newest event whose key starts with `prefix`, which must end in "/". */
  newestByKeyPrefix(prefix: string): MemberEvent | null {
    const end = `${prefix.slice(0, -1)}0`; // "0" follows "/" in ASCII
    const rows = this.#sql
      .exec<EventRow>(
        `SELECT ${EVENT_COLUMNS} FROM event WHERE key >= ? AND key < ? ORDER BY sequence DESC LIMIT 1`,
        prefix,
        end,
      )
      .toArray();
    return rows[0] === undefined ? null : this.#eventOf(rows[0]);
  }

  /** The newest event about a subject. */
  newestBySubject(subject: string): MemberEvent | null {
    const rows = this.#sql
      .exec<EventRow>(`SELECT ${EVENT_COLUMNS} FROM event WHERE subject = ? ORDER BY sequence DESC LIMIT 1`, subject)
      .toArray();
    return rows[0] === undefined ? null : this.#eventOf(rows[0]);
  }

  /** Events after a sequence, oldest first. */
  eventsAfter(sequence: number, limit: number): MemberEvent[] {
    return this.#sql
      .exec<EventRow>(
        `SELECT ${EVENT_COLUMNS} FROM event WHERE sequence > ? ORDER BY sequence LIMIT ?`,
        sequence,
        limit,
      )
      .toArray()
      .map((row) => this.#eventOf(row));
  }

  /** Events up to a sequence, newest first. */
  eventsDownFrom(sequence: number, limit: number): MemberEvent[] {
    return this.#sql
      .exec<EventRow>(
        `SELECT ${EVENT_COLUMNS} FROM event WHERE sequence <= ? ORDER BY sequence DESC LIMIT ?`,
        sequence,
        limit,
      )
      .toArray()
      .map((row) => this.#eventOf(row));
  }

  /** Points of a lot that have expired so far; reads every expiry since the lot was opened. */
  expiredOf(lotId: string): number {
    const opened = Number(lotId.slice("lot_".length).split("_", 1)[0]);
    const bodies = this.#sql.exec<{ body: string }>(
      "SELECT body FROM event WHERE sequence >= ? AND body LIKE '%\"expired\"%' AND instr(body, ?) > 0",
      opened,
      `"${lotId}"`,
    );
    let expired = 0;
    for (const { body } of bodies) {
      const { transactions = [] } = JSON.parse(body) as Partial<Extract<EventBody, { transactions: unknown }>>;
      // What was given back counts against it.
      for (const { account, lot, points } of transactions.flatMap(({ entries }) => entries)) {
        if (account === "expired" && lot === lotId) expired += points;
      }
    }
    return expired;
  }

  refusal(key: string): { requestHash: string; refusal: Refusal } | null {
    const rows = this.#sql
      .exec<{ request_hash: string; body: string }>("SELECT request_hash, body FROM refusal WHERE key = ?", key)
      .toArray();
    const row = rows[0];
    return row === undefined ? null : { requestHash: row.request_hash, refusal: JSON.parse(row.body) as Refusal };
  }

  insertRefusal(key: string, requestHash: string, at: number, refusal: Refusal): void {
    const body = JSON.stringify(refusal);
    this.#sql.exec("INSERT INTO refusal (key, request_hash, at, body) VALUES (?, ?, ?, ?)", key, requestHash, at, body);
  }

  snapshot(): string | null {
    const parts = this.#sql.exec<{ body: string }>("SELECT body FROM snapshot ORDER BY part").toArray();
    return parts.length === 0 ? null : parts.map(({ body }) => body).join("");
  }

  writeSnapshot(sequence: number, text: string): void {
    const parts = Math.ceil(text.length / SNAPSHOT_PART_LENGTH);
    for (let part = 0; part < parts; part += 1) {
      const body = text.slice(part * SNAPSHOT_PART_LENGTH, (part + 1) * SNAPSHOT_PART_LENGTH);
      this.#sql.exec("INSERT OR REPLACE INTO snapshot (part, sequence, body) VALUES (?, ?, ?)", part, sequence, body);
    }
    this.#sql.exec("DELETE FROM snapshot WHERE part >= ?", parts);
  }

  #fact<Value>(name: string): Value | null {
    const rows = this.#sql.exec<{ value: string }>("SELECT value FROM fact WHERE name = ?", name).toArray();
    // Only this class writes facts, each under one name with one shape.
    return rows[0] === undefined ? null : (JSON.parse(rows[0].value) as Value);
  }

  #setFact(name: string, value: unknown): void {
    this.#sql.exec("INSERT OR REPLACE INTO fact (name, value) VALUES (?, ?)", name, JSON.stringify(value));
  }

  #eventOf(row: EventRow): MemberEvent {
    const owner = this.owner();
    if (owner === null) throw new Error("an event without an owner");
    return {
      ...owner,
      sequence: row.sequence,
      at: row.at,
      testTime: row.test_time === 1,
      key: row.key,
      body: JSON.parse(row.body) as EventBody,
    };
  }
}
