import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { csvHistory, readCsv } from "../../../../scripts/backtest/history/csv.ts";
import { gapsOf, offeredOf } from "../../../../scripts/backtest/history/history.ts";

const AT = Date.parse("2026-11-21T10:00:00Z");
const MINUTE = 60_000;
const CAPACITY = { bytes: 62_914_560, records: 60_000, readBytes: 125_829_120 };

const csv = (...lines: readonly string[]) => csvHistory(lines.join("\n"), "orders.csv");

describe("a history in CSV", () => {
  it("is read with our names and CloudWatch's, in any order, times in several forms", () => {
    const { stream, from, to, recorded } = csv(
      "\ufeffTimestamp,IncomingBytes,records,throttled,openShards\r",
      '"2026-11-21 10:01",2048,2,5,3\r',
      "2026-11-21T10:00:30Z,1024,1,,2\r",
      `${(AT + 2 * MINUTE) / 1000},0,0,0,\r`,
      "2026-11-21T12:03:00+02:00,1e3,1,0,\r",
      "\r",
    );
    expect({ stream, from, to }).toEqual({ stream: "orders", from: AT, to: AT + 4 * MINUTE });
    expect(recorded).toEqual([
      { at: AT, bytes: 1024, records: 1, refused: 0, readBytes: 0, openShards: 2 },
      { at: AT + MINUTE, bytes: 2048, records: 2, refused: 5, readBytes: 0, openShards: 3 },
      { at: AT + 2 * MINUTE, bytes: 0, records: 0, refused: 0, readBytes: 0 },
      { at: AT + 3 * MINUTE, bytes: 1000, records: 1, refused: 0, readBytes: 0 },
    ]);
  });

  it.each([
    [["tme,bytes"], 'orders.csv:1: found the column "tme", did you mean time?'],
    [["time,refused"], "orders.csv:1: found the columns time, refused, expected time, and bytes or records"],
    [["time,bytes,IncomingBytes"], "orders.csv:1: found two columns for bytes, expected one"],
    [[""], 'orders.csv:1: found the column "", expected one of time, timestamp, bytes'],
    [["time,bytes", "2026-11-21T10:00Z"], "orders.csv:2: found 1 values, expected 2 as in the header"],
    [["time,bytes", "2026-11-21T10:00Z,1,"], "orders.csv:2: found 3 values, expected 2 as in the header"],
    [["time,bytes", "", "yesterday,1"], 'orders.csv:3: time: found "yesterday", expected a time such as'],
    [["time,bytes", "2026-13-21T10:00Z,1"], 'orders.csv:2: time: found "2026-13-21T10:00Z"'],
    [["time,bytes", "2026-11-21T10:00Z,-5"], 'orders.csv:2: bytes: found "-5", expected the minute\'s sum'],
    [["time,bytes", "2026-11-21T10:00Z,1.2.3"], 'orders.csv:2: bytes: found "1.2.3"'],
    [["time,bytes", '2026-11-21T10:00Z,"1'], "orders.csv:2: found a quote that is not closed"],
    [
      ["time,bytes,openShards", "2026-11-21T10:00Z,1,0"],
      'orders.csv:2: openShards: found "0", expected a whole number of 1 or more',
    ],
    [
      ["time,bytes", "2026-11-21T10:00Z,1", "2026-11-21T10:00:59Z,1"],
      "orders.csv:3: found the minute 2026-11-21T10:00:00.000Z again, expected it once; it is in line 2 too",
    ],
    [
      ["time,bytes", "2026-11-21T10:05Z,1", "2026-11-21T10:00Z,1"],
      "orders.csv:2: found rows 5 minutes apart, expected one a minute",
    ],
    [
      ["time,bytes", "2026-11-21T10:00Z,9e15"],
      'orders.csv:2: bytes: found "9e15", expected the minute\'s sum, at most 629,145,600,000',
    ],
    [
      ["time,bytes,openShards", "2026-11-21T10:00Z,1,10001"],
      'orders.csv:2: openShards: found "10001", expected at most 10000',
    ],
    [
      ["time,bytes", "2026-11-21T10:00Z,1"],
      "orders.csv: found 1 row below the header, expected one a minute",
    ],
    [["time,bytes"], "orders.csv: found 0 rows below the header, expected one a minute"],
    [
      ["time,bytes", "1970-01-05T00:00Z,1", "1970-01-05T00:01Z,1", "2026-11-21T10:00Z,1"],
      "orders.csv: found times from 1970-01-05T00:00:00.000Z to 2026-11-21T10:00:00.000Z, expected at most 400 days",
    ],
  ])("%j is an error that says where, what was found and what was expected", (lines, message) => {
    expect(() => csv(...lines)).toThrow(message);
  });

  it.each([
    ["a directory", undefined, "found a directory, expected a CSV file"],
    ["an empty file", "", "found an empty file, expected a CSV file with a header"],
    [
      "a file in UTF-16",
      Buffer.from("\ufefftime,bytes\n", "utf16le"),
      "found bytes that are no text in UTF-8",
    ],
  ])("is not read from %s", (name, content, message) => {
    const folder = mkdtempSync(join(tmpdir(), "backtest-"));
    const file = join(folder, name);
    if (content === undefined) mkdirSync(file);
    else writeFileSync(file, content);
    expect(() => readCsv(file)).toThrow(`${file}: ${message}`);
    rmSync(folder, { recursive: true });
  });

  it("has gaps where minutes are missing, which offered nothing", () => {
    const history = csv("time,bytes,records", ...[0, 1, 4, 9].map((at) => `${AT / 1000 + at * 60},600,3`));
    expect(gapsOf(history)).toEqual([
      { from: AT + 2 * MINUTE, minutes: 2 },
      { from: AT + 5 * MINUTE, minutes: 4 },
    ]);
    expect(offeredOf(history, CAPACITY).map(({ records }) => records)).toEqual([
      3, 3, 0, 0, 3, 0, 0, 0, 0, 3,
    ]);
  });

  it("offered what was accepted and, as far as it was new, what was refused", () => {
    const offered = offeredOf(
      csv("time,bytes,records,refused", `${AT / 1000},1000,100,0`, `${AT / 1000 + 60},1000,100,50`),
      CAPACITY,
    );
    expect(offered.map(({ records }) => records)).toEqual([100, 150]);
    expect(offered[1]?.bytes).toBeCloseTo(1500);
  });
});
