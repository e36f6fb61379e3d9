// Turns the rows of a mapped source into people, baskets and returns in order of time; checks its figures.
import { join } from "node:path";
import { ORDER_LINES_MAX, QUANTITY_MAX } from "@regulars/contracts/limits";
import { readTable, type Table } from "./csv.ts";
import { type Coupons, NO_COUPONS, readCoupons } from "./coupons.ts";
import { checkExpectations, type CheckResult } from "./expectations.ts";
import { columnOf, compileMoney, compileTemplate, compileTime, type Lookups, numberOf } from "./expressions.ts";
import type { Mapping } from "./mapping.ts";

export interface BasketLine {
  readonly lineId: string;
  readonly sku: string;
  readonly category: string | null;
  readonly quantity: number;
  readonly unitPrice: number;
  readonly discount: number;
}

export interface Basket {
  readonly id: string;
  readonly person: string;
  readonly storeId: string;
  readonly channel: string | null;
  readonly at: number;
  readonly lines: BasketLine[];
}

/** Goods that came back without saying to which basket they belonged. */
export interface Return {
  readonly id: string;
  readonly person: string;
  readonly at: number;
  readonly lines: { readonly sku: string; readonly quantity: number }[];
}

export interface Person {
  readonly card: string;
  readonly phone: string | null;
  readonly name: string | null;
}

export interface Source {
  readonly mapping: Mapping;
  readonly people: ReadonlyMap<string, Person>;
  readonly baskets: readonly Basket[];
  readonly returns: readonly Return[];
  readonly coupons: Coupons;
  readonly storeIds: readonly string[];
  readonly lineCount: number;
  /** What could not be taken as it was, with how often. */
  readonly notes: Readonly<Record<string, number>>;
  readonly checks: readonly CheckResult[];
}

/** Reads every file that the mapping names in a folder. */
export function readSource(folder: string, mapping: Mapping): Source {
  const read = (file: string) => readTable(join(folder, file), mapping.delimiter ?? ",");
  const lookups = Object.entries(mapping.lookups ?? {}).map(([name, { file }]) => [name, read(file)] as const);
  const source = makeSource(mapping, read(mapping.lines), Object.fromEntries(lookups));
  return { ...source, coupons: readCoupons(folder, mapping, source.baskets) };
}

/** Groups rows of lines into baskets; rows of one basket need not stand together. */
export function makeSource(mapping: Mapping, table: Table, lookupTables: Readonly<Record<string, Table>> = {}): Source {
  const read = compileRow(mapping, table, lookupTables);
  const notes: Record<string, number> = {};
  const note = (what: string, count = 1) => (notes[what] = (notes[what] ?? 0) + count);
  const people = new Map<string, Person>();
  const baskets = new Map<string, Basket>();
  const returns = new Map<string, Return>();
  for (const row of table.rows) {
    const person = read.person(row);
    if (person === null) {
      note("lines of anonymous baskets, left out");
      continue;
    }
    if (!people.has(person)) people.set(person, read.identity(row, people.size + 1));
    const id = need(read.basket(row), "basket");
    if (read.isReturn(row)) addReturn(returns, read, row, { id, person });
    else addLine(baskets, read, row, { id, person, note });
  }
  const split = [...baskets.values()].flatMap((basket) => splitLarge(basket, note));
  const byTime = (one: { at: number; id: string }, other: { at: number; id: string }) =>
    one.at - other.at || (one.id < other.id ? -1 : 1);
  return {
    mapping,
    people,
    baskets: split.sort(byTime),
    returns: [...returns.values()].sort(byTime),
    coupons: NO_COUPONS,
    storeIds: [...new Set(split.map(({ storeId }) => storeId))].sort(),
    lineCount: table.rows.length,
    notes,
    checks: checkExpectations(mapping, table),
  };
}

type RowReader = ReturnType<typeof compileRow>;
type Note = (what: string, count?: number) => void;

function compileRow(mapping: Mapping, table: Table, lookupTables: Readonly<Record<string, Table>>) {
  const lookups = compileLookups(mapping, table, lookupTables);
  const text = (template: Mapping["basket"] | undefined) =>
    template === undefined ? () => null : compileTemplate(template, table, mapping, lookups);
  const { card, name, phone, phonePrefix, phoneDigits = 6 } = mapping.member;
  const [readCard, readName, readPhone] = [text(card), text(name), text(phone)];
  const numbered = (place: number) =>
    phonePrefix === undefined ? null : phonePrefix + String(place).padStart(phoneDigits, "0");
  const quantityText = columnOf(table, mapping.quantity);
  const quantity = (row: readonly string[]) => numberOf(quantityText(row));
  const returned = text(mapping.returns?.value);
  return {
    basket: text(mapping.basket),
    person: text(mapping.member.key),
    identity: (row: readonly string[], place: number): Person => ({
      card: need(readCard(row), "member.card"),
      phone: readPhone(row) ?? numbered(place),
      name: readName(row),
    }),
    store: text(mapping.store),
    channel: text(mapping.channel),
    sku: text(mapping.sku),
    category: text(mapping.category),
    at: compileTime(mapping, table),
    quantity,
    gross: compileMoney(mapping.gross, table),
    paid: mapping.paid === undefined ? null : compileMoney(mapping.paid, table),
    isReturn: (row: readonly string[]) =>
      mapping.returns !== undefined &&
      (returned(row)?.startsWith(mapping.returns.prefix) === true || quantity(row) < 0),
  };
}

function compileLookups(mapping: Mapping, table: Table, tables: Readonly<Record<string, Table>>): Lookups {
  const compiled = Object.entries(mapping.lookups ?? {}).map(([name, { key, by }]) => {
    const lookupTable = tables[name];
    if (lookupTable === undefined) throw new Error(`The lookup "${name}" has no table`);
    const keyOf = columnOf(lookupTable, key);
    const rows = new Map(lookupTable.rows.map((row) => [keyOf(row), row]));
    const wanted = compileTemplate(by, table, mapping);
    return [name, { table: lookupTable, find: (row: readonly string[]) => rows.get(wanted(row) ?? "") }] as const;
  });
  return Object.fromEntries(compiled);
}

function addLine(
  baskets: Map<string, Basket>,
  read: RowReader,
  row: readonly string[],
  { id, person, note }: { id: string; person: string; note: Note },
) {
  let basket = baskets.get(id);
  if (basket === undefined) {
    const storeId = need(read.store(row), "store");
    basket = { id, person, storeId, channel: read.channel(row), at: read.at(row), lines: [] };
    baskets.set(id, basket);
  }
  const sku = need(read.sku(row), "sku");
  const lineId = String(basket.lines.length + 1);
  basket.lines.push({ lineId, sku, category: read.category(row), ...priceOf(read, row, note) });
}

/** Money that no line can carry is moved to the nearest one that it can, and noted. */
function priceOf(read: RowReader, row: readonly string[], note: Note) {
  const grossRead = Math.max(0, read.gross(row));
  const paidRead = read.paid?.(row) ?? grossRead;
  if (paidRead < 0) {
    note("lines paid below zero, taken as free");
    note("minor units by which they were below zero", -paidRead);
  }
  const paid = Math.max(0, paidRead);
  const gross = Math.max(grossRead, paid);
  const discount = gross - paid;
  const quantity = read.quantity(row);
  const isCount = Number.isInteger(quantity) && quantity >= 1 && quantity <= QUANTITY_MAX;
  if (isCount && gross % quantity === 0) return { quantity, unitPrice: gross / quantity, discount };
  note(
    isCount
      ? "lines whose unit price is no whole minor unit, sold as one piece"
      : "lines without a count, sold as one piece",
  );
  return { quantity: 1, unitPrice: gross, discount };
}

function addReturn(
  returns: Map<string, Return>,
  read: RowReader,
  row: readonly string[],
  { id, person }: { id: string; person: string },
) {
  let found = returns.get(id);
  if (found === undefined) returns.set(id, (found = { id, person, at: read.at(row), lines: [] }));
  found.lines.push({ sku: need(read.sku(row), "sku"), quantity: Math.abs(read.quantity(row)) });
}

/** A basket of a wholesaler can have more lines than an order may: it is sent as several orders. */
function splitLarge(basket: Basket, note: Note): Basket[] {
  if (basket.lines.length <= ORDER_LINES_MAX) return [basket];
  note(`baskets of more than ${ORDER_LINES_MAX} lines, sent as several orders`);
  const parts: Basket[] = [];
  for (let start = 0; start < basket.lines.length; start += ORDER_LINES_MAX) {
    const lines = basket.lines.slice(start, start + ORDER_LINES_MAX);
    parts.push({ ...basket, id: start === 0 ? basket.id : `${basket.id}-${start / ORDER_LINES_MAX + 1}`, lines });
  }
  return parts;
}

function need(value: string | null, field: string): string {
  if (value === null) throw new Error(`A line has nothing for "${field}"`);
  return value;
}
