// Turns the templates, sums and time formats of a mapping into functions of one row.
import { localTime } from "@regulars/domain/calendar";
import { columnIndex, type Table } from "./csv.ts";
import type { Mapping, MoneySum, Template } from "./mapping.ts";

type Row = readonly string[];
export type Lookups = Readonly<Record<string, { readonly table: Table; readonly find: (row: Row) => Row | undefined }>>;

/** The text of a row, or null when every template holds something missing. */
export function compileTemplate(template: Template, table: Table, mapping: Mapping, lookups: Lookups = {}) {
  const missing = new Set(["", ...(mapping.missing ?? [])]);
  const choices = [template].flat().map((text) => compileOne(text, table, missing, lookups));
  return (row: Row): string | null => {
    for (const choice of choices) {
      const text = choice(row);
      if (text !== null) return text;
    }
    return null;
  };
}

function compileOne(template: string, table: Table, missing: ReadonlySet<string>, lookups: Lookups) {
  const parts = template.split(/\{([^}]+)\}/).map((part, place) => {
    if (place % 2 === 0) return () => part;
    const [name = "", column] = part.split(".");
    if (column === undefined) return columnOf(table, name);
    const lookup = lookups[name];
    if (lookup === undefined) throw new Error(`"{${part}}": the mapping has no lookup "${name}"`);
    const read = columnOf(lookup.table, column);
    return (row: Row) => {
      const found = lookup.find(row);
      return found === undefined ? "" : read(found);
    };
  });
  return (row: Row): string | null => {
    let text = "";
    for (const [place, part] of parts.entries()) {
      const value = part(row).trim();
      if (place % 2 === 1 && missing.has(value)) return null;
      text += place % 2 === 1 ? value : part(row);
    }
    return text === "" ? null : text;
  };
}

/** The value of a column, which must exist. */
export function columnOf(table: Table, column: string): (row: Row) => string {
  const index = columnIndex(table, column);
  return (row) => row[index] ?? "";
}

/** Minor units of a sum of columns. */
export function compileMoney({ plus, minus = [], times }: MoneySum, table: Table): (row: Row) => number {
  const added = plus.map((column) => columnOf(table, column));
  const taken = minus.map((column) => columnOf(table, column));
  const count = times === undefined ? () => "1" : columnOf(table, times);
  return (row) => {
    const sum = (columns: readonly ((row: Row) => string)[]) =>
      columns.reduce((total, column) => total + minorUnits(column(row)), 0);
    return (sum(added) - sum(taken)) * Math.round(numberOf(count(row)));
  };
}

/** "3.86" as 386. */
export function minorUnits(text: string): number {
  return Math.round(numberOf(text) * 100);
}

/** A number as text; what is empty is 0, what is no number stops the replay. */
export function numberOf(text: string): number {
  const value = Number(text);
  if (!Number.isFinite(value)) throw new Error(`"${text}" is not a number`);
  return value;
}

/** Unix ms of a row's time. */
export function compileTime(mapping: Mapping, table: Table): (row: Row) => number {
  const { value, format } = mapping.time;
  const text = compileTemplate(value, table, mapping);
  const read = format === "iso" ? (time: string) => Date.parse(time) : readLocal(format, mapping.timeZone);
  return (row) => {
    const time = text(row);
    const instant = time === null ? Number.NaN : read(time);
    if (Number.isNaN(instant)) throw new Error(`"${time}" is not a time of the format ${format}`);
    return instant;
  };
}

function readLocal(format: string, timeZone: string): (time: string) => number {
  const part = (token: string) => {
    const start = format.indexOf(token);
    return (time: string) => (start === -1 ? 0 : Number(time.slice(start, start + token.length)));
  };
  const [year, month, day] = [part("yyyy"), part("MM"), part("dd")];
  const [hour, minute, second] = [part("HH"), part("mm"), part("ss")];
  return (time) =>
    instantOf(Date.UTC(year(time), month(time) - 1, day(time), hour(time), minute(time), second(time)), timeZone);
}

/** The instant at which a clock on the wall of this zone shows `local`; one that no clock shows is moved on. */
export function instantOf(local: number, timeZone: string): number {
  let instant = local;
  // Two steps settle any change of clocks.
  for (let step = 0; step < 2; step++) {
    const { year, month, day, hour, minute, second } = localTime(instant, timeZone);
    instant += local - Date.UTC(year, month - 1, day, hour, minute, second);
  }
  return instant;
}
