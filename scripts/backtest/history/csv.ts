import { readFileSync, statSync } from "node:fs";
import { basename } from "node:path";
import { proposal } from "../../../shared/config/nearest.ts";
import { Misconfigured } from "../../../shared/lambda/errors.ts";
import { MINUTE_MS, type RecordedMinute, type StreamHistory } from "./history.ts";

/** A row a minute of a year is about 40 MB. */
const MAX_BYTES = 64 * 1024 * 1024;
const MAX_DAYS = 400;

/** The columns by the names they may have: ours, and CloudWatch's. */
const COLUMNS = {
  time: ["time", "timestamp"],
  bytes: ["bytes", "IncomingBytes"],
  records: ["records", "IncomingRecords"],
  refused: ["refused", "throttled", "WriteProvisionedThroughputExceeded"],
  readBytes: ["readBytes", "GetRecords.Bytes"],
  openShards: ["openShards", "OpenShardCount"],
} as const;
type Column = keyof typeof COLUMNS;

/**
 * Reads a history from a CSV file with a header: `time` and `bytes`, `records` or both, and where there are any `refused`,
 * `readBytes`, `openShards`. One row a minute, in any order.
 *
 * @throws {Misconfigured} with file, line, what was found and what was expected
 */
export function readCsv(file: string): StreamHistory {
  const size = statSync(file, { throwIfNoEntry: false })?.size;
  if (size === undefined) throw new Misconfigured(`${file}: found no such file, expected a CSV file`);
  if (size > MAX_BYTES) throw new Misconfigured(`${file}: is larger than ${MAX_BYTES} bytes`);
  return csvHistory(readFileSync(file, "utf8"), file);
}

/** @param name as messages name the file */
export function csvHistory(text: string, name: string): StreamHistory {
  const lines = text.replace(/^\ufeff/, "").split(/\r?\n/);
  const columns = header(lines[0] ?? "", `${name}:1`);
  const recorded = new Map<number, RecordedMinute & { readonly line: number }>();
  for (const [index, text] of lines.entries()) {
    if (index === 0 || text.trim() === "") continue;
    const place = `${name}:${index + 1}`;
    const minute = row(cellsOf(text, place), columns, place);
    const before = recorded.get(minute.at);
    if (before) {
      const time = new Date(minute.at).toISOString();
      throw new Misconfigured(
        `${place}: found the minute ${time} again, expected it once; it is in line ${before.line} too`,
      );
    }
    recorded.set(minute.at, { ...minute, line: index + 1 });
  }
  const sorted = [...recorded.values()].sort((a, b) => a.at - b.at);
  const [first, last] = [sorted[0], sorted.at(-1)];
  if (!first || !last || sorted.length < 2) {
    throw new Misconfigured(
      `${name}: found ${sorted.length} rows below the header, expected one a minute, of an hour or more`,
    );
  }
  checkPeriod(sorted, name);
  return {
    stream: basename(name).replace(/\.csv$/i, ""),
    source: name,
    ...{ from: first.at, to: last.at + MINUTE_MS },
    recorded: sorted.map(({ line: _, ...minute }) => minute),
    notes: [],
  };
}

function checkPeriod(sorted: readonly (RecordedMinute & { readonly line: number })[], name: string): void {
  const apart = sorted.slice(1).map((minute, index) => minute.at - (sorted[index]?.at ?? 0));
  const shortest = apart.reduce((least, each) => Math.min(least, each), Number.POSITIVE_INFINITY);
  if (shortest > MINUTE_MS) {
    throw new Misconfigured(
      `${name}:${sorted[1]?.line}: found rows ${shortest / MINUTE_MS} minutes apart, expected one a minute: ask CloudWatch for a period of 60 seconds`,
    );
  }
  const days = ((sorted.at(-1)?.at ?? 0) - (sorted[0]?.at ?? 0)) / (24 * 60 * MINUTE_MS);
  if (days > MAX_DAYS) {
    const found = `${new Date(sorted[0]?.at ?? 0).toISOString()} to ${new Date(sorted.at(-1)?.at ?? 0).toISOString()}`;
    throw new Misconfigured(`${name}: found times from ${found}, expected at most ${MAX_DAYS} days`);
  }
}

/** Which column stands where. */
function header(line: string, place: string): ReadonlyMap<Column, number> {
  const names = cellsOf(line, place);
  const known = Object.values(COLUMNS).flat();
  const columns = new Map<Column, number>();
  for (const [index, name] of names.entries()) {
    const column = (Object.keys(COLUMNS) as Column[]).find((each) =>
      COLUMNS[each].some((one) => one.toLowerCase() === name.toLowerCase()),
    );
    if (!column) throw new Misconfigured(`${place}: found the column "${name}", ${proposal(name, known)}`);
    if (columns.has(column)) {
      throw new Misconfigured(`${place}: found two columns for ${column}, expected one`);
    }
    columns.set(column, index);
  }
  if (!columns.has("time") || !(columns.has("bytes") || columns.has("records"))) {
    throw new Misconfigured(
      `${place}: found the columns ${names.join(", ")}, expected time, and bytes or records`,
    );
  }
  return columns;
}

function row(cells: readonly string[], columns: ReadonlyMap<Column, number>, place: string): RecordedMinute {
  if (cells.length !== columns.size) {
    throw new Misconfigured(
      `${place}: found ${cells.length} values, expected ${columns.size} as in the header`,
    );
  }
  const cell = (column: Column) => cells[columns.get(column) ?? -1]?.trim() ?? "";
  const amount = (column: Column) => number(cell(column), column, place) ?? 0;
  const openShards = number(cell("openShards"), "openShards", place);
  if (openShards !== undefined && (!Number.isInteger(openShards) || openShards < 1)) {
    throw new Misconfigured(
      `${place}: openShards: found "${openShards}", expected a whole number of 1 or more`,
    );
  }
  return {
    at: minuteOf(cell("time"), place),
    bytes: amount("bytes"),
    records: amount("records"),
    refused: amount("refused"),
    readBytes: amount("readBytes"),
    ...(openShards !== undefined && { openShards }),
  };
}

/** A whole minute in UTC. A time without a zone is taken to be UTC, as CloudWatch shows it. */
function minuteOf(text: string, place: string): number {
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
function number(text: string, column: Column, place: string): number | undefined {
  if (text === "") return undefined;
  const value = /^\d+(?:\.\d+)?(?:e[+-]?\d+)?$/i.test(text) ? Number(text) : Number.NaN;
  if (Number.isFinite(value)) return value;
  throw new Misconfigured(`${place}: ${column}: found "${text}", expected the minute's sum, 0 or more`);
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
