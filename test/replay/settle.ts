// Ends a replay: a gift to every member settles what is due; then everything is read back and compared.
import type { Balances, Client, Outcome, PageOptions, Statement } from "@regulars/sdk";
import {
  balanceOf,
  type Journal,
  type MemberJournal,
  MOVEMENTS,
  movementOfKind,
  type Movements,
  movementsOf,
  sizeOf,
} from "./journal.ts";
import { runLanes } from "./lanes.ts";
import type { Meter } from "./meter.ts";
import { startProgress } from "./progress.ts";

type Balance = Balances["balances"][number];

export interface Settlement {
  /** What the statements of all members add up to. */
  readonly statements: Map<string, Movements>;
  readonly balances: Map<string, Pick<Balance, "available" | "pending" | "held">>;
  /** Where the API contradicts itself, member by member. */
  readonly contradictions: readonly string[];
}

export interface SettleOptions {
  readonly client: Client;
  readonly journal: Journal;
  readonly meter: Meter;
  readonly concurrency: number;
  /** The end of time, ISO 8601. */
  readonly testTime: string;
  readonly currencies: readonly string[];
  answered(memberId: string, sequence: number): void;
}

/** Points of the gift; small, so that it is seen in the books and changes no picture. */
const GIFT_POINTS = 5;
const STATEMENT_PAGE = 100;

/** Gives, reads balances and statements of every member, and checks each member's books. */
export async function settle(options: SettleOptions): Promise<Settlement> {
  const members = [...options.journal.members.values()];
  const lanes = members.map((member) => ({ person: member.id, member }));
  const result = { statements: new Map<string, Movements>(), balances: new Map(), contradictions: [] as string[] };
  const gifts = startProgress("gifts", members.length);
  await runLanes(lanes, { concurrency: options.concurrency, done: () => gifts.add(1) }, ({ member }) =>
    give(options, member),
  );
  gifts.end();
  const reads = startProgress("read back", members.length);
  await runLanes(lanes, { concurrency: options.concurrency, done: () => reads.add(1) }, async ({ member }) => {
    const booked = await readStatement(options, member);
    const balances = await readBalances(options, member, result.contradictions);
    if (booked === null || balances === null) return;
    for (const { currency, available, pending, held } of balances) {
      const sum = result.balances.get(currency) ?? { available: 0, pending: 0, held: 0 };
      result.balances.set(currency, {
        available: sum.available + available,
        pending: sum.pending + pending,
        held: sum.held + held,
      });
    }
    checkMember({ member, booked, balances }, result);
  });
  reads.end();
  return result;
}

async function give({ client, journal, meter, testTime, currencies, answered }: SettleOptions, member: MemberJournal) {
  const [currency = ""] = currencies;
  const gift = { currency, points: GIFT_POINTS, reason: "A gift at the end of the replay" };
  const outcome = await meter.measure("adjust", client.members.adjust(member.id, gift, { testTime }));
  if (!outcome.ok) return;
  const { adjustment, sequence } = outcome.value;
  journal.add(member.id, "adjusted", currency, adjustment.points);
  member.sequence = sequence;
  answered(member.id, sequence);
}

async function readStatement({ client, meter, testTime }: SettleOptions, member: MemberJournal) {
  const booked = new Map<string, Movements>();
  let cursor: string | null = null;
  do {
    const page: PageOptions = { limit: STATEMENT_PAGE, testTime, ...(cursor === null ? {} : { cursor }) };
    const outcome: Outcome<Statement> = await meter.measure("statement", client.members.statement(member.id, page));
    if (!outcome.ok) return null;
    for (const transaction of outcome.value.transactions) book(booked, transaction);
    cursor = outcome.value.nextCursor;
  } while (cursor !== null);
  return booked;
}

function book(booked: Map<string, Movements>, { kind, entries }: Statement["transactions"][number]) {
  const movement = movementOfKind(kind);
  if (movement === null) return;
  for (const { account, currency, points } of entries) {
    const isOwn = account === "available" || account === "pending" || account === "held";
    if (isOwn) movementsOf(booked, currency)[movement] += sizeOf(movement, points);
  }
}

async function readBalances(
  { client, meter, testTime }: SettleOptions,
  member: MemberJournal,
  contradictions: string[],
) {
  const outcome = await meter.measure("balances", client.members.balances(member.id, { testTime }));
  if (!outcome.ok) return null;
  const { balances, sequence } = outcome.value;
  if (sequence !== member.sequence) {
    contradictions.push(
      `${member.id}: the last write answered sequence ${member.sequence}, a read at the end ${sequence}`,
    );
  }
  return balances;
}

/** The answers, the statement and the balances of one member say the same. */
function checkMember(
  { member, booked, balances }: { member: MemberJournal; booked: Map<string, Movements>; balances: readonly Balance[] },
  { statements, contradictions }: Pick<Settlement, "statements"> & { contradictions: string[] },
) {
  for (const currency of new Set([...booked.keys(), ...member.byCurrency.keys()])) {
    const told = movementsOf(member.byCurrency, currency);
    const written = movementsOf(booked, currency);
    // Expiry is in no answer to a write; here it is taken from the statement, and must close the books of the answers.
    told.expired = written.expired;
    for (const movement of MOVEMENTS) {
      movementsOf(statements, currency)[movement] += written[movement];
      if (told[movement] === written[movement]) continue;
      contradictions.push(
        `${member.id}: ${movement} ${currency} ${told[movement]} by answers, ${written[movement]} by statement`,
      );
    }
    const balance = balances.find((one) => one.currency === currency);
    const held = balance === undefined ? 0 : balance.available + balance.pending + balance.held;
    if (balanceOf(told) !== held) {
      contradictions.push(`${member.id}: answers add up to ${balanceOf(told)} ${currency}, the balance is ${held}`);
    }
  }
}
