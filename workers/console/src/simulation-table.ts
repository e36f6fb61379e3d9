// The storage of a running simulation: what was asked, how far it is, and what each member would gain, in the object's SQLite.
import type { SimulationTotals, Spread } from "@regulars/domain/simulation-totals";
import type { Program } from "@regulars/contracts/program";

/** Members shown on either side. */
const SHOWN_MAX = 20;

export interface SimulationAsk {
  readonly id: string;
  readonly tenantId: string;
  readonly requestHash: string;
  readonly timeZone: string;
  readonly program: Program;
  readonly from: number;
  readonly to: number;
  readonly sample: number;
  readonly ordersTotal: number;
  readonly askedAt: number;
}

/** `members`: those with anything in the window are replayed; `quiet`: what the others have is added up. */
export interface SimulationProgress {
  readonly phase: "members" | "quiet" | "ended";
  readonly cursor: string;
  readonly totals: SimulationTotals;
  readonly failures: number;
}

export interface MemberGain {
  readonly memberId: string;
  readonly currency: string;
  readonly now: number;
  readonly candidate: number;
}

export class SimulationTable {
  readonly #storage: DurableObjectStorage;

  constructor(storage: DurableObjectStorage) {
    this.#storage = storage;
    storage.sql.exec(`create table if not exists run (name text primary key, document text not null)`);
    storage.sql.exec(`create table if not exists gain (
      currency text not null, difference integer not null, member_id text not null, now integer not null,
      candidate integer not null, primary key (currency, member_id)) without rowid`);
    storage.sql.exec(`create index if not exists gain_by_difference on gain (currency, difference, member_id)`);
  }

  ask(): SimulationAsk | null {
    return this.#read<SimulationAsk>("ask");
  }

  progress(): SimulationProgress | null {
    return this.#read<SimulationProgress>("progress");
  }

  begin(ask: SimulationAsk, progress: SimulationProgress): void {
    this.#storage.transactionSync(() => {
      this.#write("ask", ask);
      this.#write("progress", progress);
    });
  }

  /** One chunk: all of it or nothing, so that a run that was cut off goes on from the last whole chunk. */
  advance(progress: SimulationProgress, gains: readonly MemberGain[]): void {
    this.#storage.transactionSync(() => {
      for (const { memberId, currency, now, candidate } of gains) {
        this.#storage.sql.exec(
          `insert into gain (currency, difference, member_id, now, candidate) values (?, ?, ?, ?, ?)`,
          currency,
          candidate - now,
          memberId,
          now,
          candidate,
        );
      }
      this.#write("progress", progress);
    });
  }

  clear(): void {
    this.#storage.transactionSync(() => {
      this.#storage.sql.exec(`delete from run`);
      this.#storage.sql.exec(`delete from gain`);
    });
  }

  /** Who gains and who loses in a currency; equals are told apart by the member's id. */
  spreadOf(currency: string): Spread {
    const count = (where: string) =>
      Number(
        this.#storage.sql.exec(`select count(*) as n from gain where currency = ? and ${where}`, currency).one()["n"],
      );
    const [gain, lose, same] = [count("difference > 0"), count("difference < 0"), count("difference = 0")];
    const most = gain + lose + same - 1;
    const deciles =
      most < 0 ? [] : Array.from({ length: 11 }, (_, tenth) => this.#at(currency, Math.round((tenth * most) / 10)));
    return {
      gain,
      lose,
      same,
      deciles,
      gainMost: this.#most(currency, "> 0", "desc"),
      loseMost: this.#most(currency, "< 0", "asc"),
    };
  }

  #at(currency: string, place: number): number {
    const query = `select difference from gain where currency = ? order by difference, member_id limit 1 offset ?`;
    return Number(this.#storage.sql.exec(query, currency, place).one()["difference"]);
  }

  #most(currency: string, sign: "> 0" | "< 0", order: "asc" | "desc"): Spread["gainMost"] {
    const query = `select member_id, now, candidate, difference from gain where currency = ? and difference ${sign}
      order by difference ${order}, member_id limit ${SHOWN_MAX}`;
    return this.#storage.sql
      .exec(query, currency)
      .toArray()
      .map((row) => ({
        memberId: String(row["member_id"]),
        now: Number(row["now"]),
        candidate: Number(row["candidate"]),
        difference: Number(row["difference"]),
      }));
  }

  #read<Document>(name: string): Document | null {
    const [row] = this.#storage.sql.exec(`select document from run where name = ?`, name).toArray();
    // The guarantee of the cast: only `#write` of this class fills the table.
    return row === undefined ? null : (JSON.parse(String(row["document"])) as Document);
  }

  #write(name: string, document: unknown): void {
    this.#storage.sql.exec(`insert or replace into run (name, document) values (?, ?)`, name, JSON.stringify(document));
  }
}
