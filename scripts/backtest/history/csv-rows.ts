import { readFileSync, statSync } from "node:fs";
import { proposal } from "../../../shared/config/nearest.ts";
import { Misconfigured } from "../../../shared/lambda/errors.ts";
import { MINUTE_MS } from "./history.ts";

/** A row a minute of a year is about 40 MB. */
const MAX_BYTES = 64 * 1024 * 1024;
const MAX_DAYS = 400;

const TIME = ["time", "timestamp"] as const;

/** What a file of minutes has. */
export interface CsvFormat<Column extends string> {
  /** The columns beside the time, by the names they may have: ours, and CloudWatch's. */
  readonly columns: Readonly<Record<Column, readonly string[]>>;
  /** Whether these columns are enough, and what is expected where they are not. */
  readonly isEnough: (has: (column: Column) => boolean) => boolean;
  readonly expected: string;
  /** What a number of it is. */
  readonly expectedNumber: string;
  /** The largest number that can be one; any where it is not said. */
  readonly most?: Readonly<Partial<Record<Column, number>>>;
}

/** One minute of a file. */
export interface CsvRow<Column extends string> {
  /** The minute's beginning, ms since the epoch. */
  readonly at: number;
  /** For messages: `orders.csv:7`. */
  readonly place: string;
  /** Undefined where the cell is empty, or there is no such column: no datapoint. */
  readonly value: (column: Column) => number | undefined;
}

/** @throws {Misconfigured} when there is no such file, or it is too large */
export function readText(file: string): string {
  const found = statSync(file, { throwIfNoEntry: false });
  if (!found) throw new Misconfigured(`${file}: found no such file, expected a CSV file`);
  if (found.isDirectory()) throw new Misconfigured(`${file}: found a directory, expected a CSV file`);
  if (found.size === 0)
    throw new Misconfigured(`${file}: found an empty file, expected a CSV file with a header`);
  if (found.size > MAX_BYTES) throw new Misconfigured(`${file}: is larger than ${MAX_BYTES} bytes`);
  const bytes = readFileSync(file);
  if (bytes.includes(0))
    throw new Misconfigured(`${file}: found bytes that are no text in UTF-8, expected a CSV file`);
  return bytes.toString("utf8");
}

/**
 * The minutes of a CSV file with a header, oldest first.
 *
 * @param name as messages name the file
 * @param minuteOf reads one row
 * @throws {Misconfigured} with file, line, what was found and what was expected
 */
export function csvMinutes<Column extends string, T>(
  text: string,
  name: string,
  format: CsvFormat<Column>,
  minuteOf: (row: CsvRow<Column>) => T,
): readonly T[] {
  const lines = text.replace(/^\ufeff/, "").split(/\r?\n/);
  const columns = header(lines[0] ?? "", `${name}:1`, format);
  const rows = new Map<number, { readonly at: number; readonly place: string; readonly minute: T }>();
  for (const [index, text] of lines.entries()) {
    if (index === 0 || text.trim() === "") continue;
    const place = `${name}:${index + 1}`;
    const row = rowOf(cellsOf(text, place), columns, place, format);
    const before = rows.get(row.at);
    if (before) {
      const time = new Date(row.at).toISOString();
      throw new Misconfigured(
        `${place}: found the minute ${time} again, expected it once; it is in line ${lineOf(before)} too`,
      );
    }
    rows.set(row.at, { at: row.at, place, minute: minuteOf(row) });
  }
  const sorted = [...rows.values()].sort((a, b) => a.at - b.at);
  if (sorted.length < 2) {
    throw new Misconfigured(
      `${name}: found ${sorted.length === 1 ? "1 row" : "0 rows"} below the header, expected one a minute, of an hour or more`,
    );
  }
  checkPeriod(sorted, name);
  return sorted.map(({ minute }) => minute);
}

const lineOf = ({ place }: { readonly place: string }): string => place.slice(place.lastIndexOf(":") + 1);

function checkPeriod(sorted: readonly { readonly at: number; readonly place: string }[], name: string): void {
  const apart = sorted.slice(1).map((minute, index) => minute.at - (sorted[index]?.at ?? 0));
  const shortest = apart.reduce((least, each) => Math.min(least, each), Number.POSITIVE_INFINITY);
  if (shortest > MINUTE_MS) {
    throw new Misconfigured(
      `${sorted[1]?.place}: found rows ${shortest / MINUTE_MS} minutes apart, expected one a minute: ask CloudWatch for a period of 60 seconds`,
    );
  }
  const days = ((sorted.at(-1)?.at ?? 0) - (sorted[0]?.at ?? 0)) / (24 * 60 * MINUTE_MS);
  if (days > MAX_DAYS) {
    const found = `${new Date(sorted[0]?.at ?? 0).toISOString()} to ${new Date(sorted.at(-1)?.at ?? 0).toISOString()}`;
    throw new Misconfigured(`${name}: found times from ${found}, expected at most ${MAX_DAYS} days`);
  }
}

/** Which column stands where. */
function header<Column extends string>(
  line: string,
  place: string,
  { columns: known, isEnough, expected }: CsvFormat<Column>,
): ReadonlyMap<Column | "time", number> {
  const names = cellsOf(line, place);
  const all = Object.entries<readonly string[]>({ time: TIME, ...known }) as [
    Column | "time",
    readonly string[],
  ][];
  const columns = new Map<Column | "time", number>();
  for (const [index, name] of names.entries()) {
    const [column] = all.find(([, its]) => its.some((one) => one.toLowerCase() === name.toLowerCase())) ?? [];
    if (!column) {
      const near = proposal(
        name,
        all.flatMap(([, its]) => its),
      );
      throw new Misconfigured(`${place}: found the column "${name}", ${near}`);
    }
    if (columns.has(column)) {
      throw new Misconfigured(`${place}: found two columns for ${column}, expected one`);
    }
    columns.set(column, index);
  }
  if (!columns.has("time") || !isEnough((column) => columns.has(column))) {
    throw new Misconfigured(
      `${place}: found the columns ${names.join(", ")}, expected time, and ${expected}`,
    );
  }
  return columns;
}

function rowOf<Column extends string>(
  cells: readonly string[],
  columns: ReadonlyMap<Column | "time", number>,
  place: string,
  { expectedNumber, most }: CsvFormat<Column>,
): CsvRow<Column> {
  if (cells.length !== columns.size) {
    throw new Misconfigured(
      `${place}: found ${cells.length} values, expected ${columns.size} as in the header`,
    );
  }
  const cell = (column: Column | "time") => cells[columns.get(column) ?? -1]?.trim() ?? "";
  const at = wholeMinuteOf(cell("time"), place);
  // All of them, so that the first wrong one is the one that is said.
  const values = new Map(
    [...columns.keys()].flatMap((column) =>
      column === "time"
        ? []
        : [[column, number(cell(column), `${place}: ${column}`, expectedNumber, most?.[column])] as const],
    ),
  );
  return { at, place, value: (column) => values.get(column) };
}

/** A whole minute in UTC. A time without a zone is taken to be UTC, as CloudWatch shows it. */
function wholeMinuteOf(text: string, place: string): number {
  const wrong = new Misconfigured(
    `${place}: time: found "${text}", expected a time such as 2026-11-28T02:10:00Z, or seconds or milliseconds since 1970`,
  );
  if (/^\d{9,13}$/.test(text)) {
    const value = Number(text);
    return Math.floor((text.length > 11 ? value : value * 1000) / MINUTE_MS) * MINUTE_MS;
  }
  const [, date, time, zone = "Z"] =
    /^(\d{4}-\d{2}-\d{2})[T ](\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?)\s?(Z|[+-]\d{2}:?\d{2})?$/i.exec(text) ?? [];
  const at = Date.parse(`${date}T${time}${zone}`);
  if (date === undefined || Number.isNaN(at)) throw wrong;
  return Math.floor(at / MINUTE_MS) * MINUTE_MS;
}

/** An empty cell is no datapoint. */
function number(text: string, place: string, expected: string, most = Number.MAX_VALUE): number | undefined {
  if (text === "") return undefined;
  const value = /^\d+(?:\.\d+)?(?:e[+-]?\d+)?$/i.test(text) ? Number(text) : Number.NaN;
  if (value <= most) return value;
  const range = Number.isFinite(value) ? `at most ${most.toLocaleString("en")}` : "0 or more";
  throw new Misconfigured(`${place}: found "${text}", expected ${expected}, ${range}`);
}

/** The cells of one line; those in quotes may hold commas. */
function cellsOf(line: string, place: string): string[] {
  const cells = line.match(/(?:"(?:[^"]|"")*"|[^",]*)(?:,|$)/g) ?? [];
  if (cells.join("") !== line) {
    throw new Misconfigured(`${place}: found a quote that is not closed, expected values between commas`);
  }
  // The end of the line matches once more after a last value.
  const values = line.endsWith(",")
    ? cells
    : cells.slice(0, cells.at(-1) === "" && cells.length > 1 ? -1 : undefined);
  return values.map((cell) =>
    cell
      .replace(/,$/, "")
      .trim()
      .replace(/^"([\s\S]*)"$/, "$1")
      .replaceAll('""', '"'),
  );
}
