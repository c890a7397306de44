import { basename } from "node:path";
import { Misconfigured } from "../../../shared/lambda/errors.ts";
import { SHARD_BYTES, SHARD_RECORDS } from "../traffic.ts";
import { type CsvFormat, type CsvRow, csvMinutes, readText } from "./csv-rows.ts";
import { MINUTE_MS, type RecordedMinute, type StreamHistory } from "./history.ts";

type Column = Exclude<keyof RecordedMinute, "at">;

/** As many as a stream can have. https://docs.aws.amazon.com/streams/latest/dev/service-sizes-and-limits.html */
const MOST_SHARDS = 10_000;

const FORMAT: CsvFormat<Column> = {
  columns: {
    bytes: ["bytes", "IncomingBytes"],
    records: ["records", "IncomingRecords"],
    refused: ["refused", "throttled", "WriteProvisionedThroughputExceeded"],
    readBytes: ["readBytes", "GetRecords.Bytes"],
    openShards: ["openShards", "OpenShardCount"],
  },
  isEnough: (has) => has("bytes") || has("records"),
  expected: "bytes or records",
  expectedNumber: "the minute's sum",
  most: {
    bytes: MOST_SHARDS * SHARD_BYTES,
    records: MOST_SHARDS * SHARD_RECORDS,
    refused: MOST_SHARDS * SHARD_RECORDS,
    readBytes: MOST_SHARDS * 60 * 2 * 1_048_576,
  },
};

/**
 * Reads a history from a CSV file with a header: `time` and `bytes`, `records` or both, and where there are any `refused`,
 * `readBytes`, `openShards`. One row a minute, in any order.
 *
 * @throws {Misconfigured} with file, line, what was found and what was expected
 */
export function readCsv(file: string): StreamHistory {
  return csvHistory(readText(file), file);
}

/** @param name as messages name the file */
export function csvHistory(text: string, name: string): StreamHistory {
  const recorded = csvMinutes(text, name, FORMAT, minuteOf);
  return {
    stream: basename(name).replace(/\.csv$/i, ""),
    source: name,
    ...{ from: recorded[0]?.at ?? 0, to: (recorded.at(-1)?.at ?? 0) + MINUTE_MS },
    recorded,
    notes: [],
  };
}

function minuteOf({ at, place, value }: CsvRow<Column>): RecordedMinute {
  const openShards = value("openShards");
  if (openShards !== undefined && (!Number.isInteger(openShards) || openShards < 1)) {
    throw new Misconfigured(
      `${place}: openShards: found "${openShards}", expected a whole number of 1 or more`,
    );
  }
  if (openShards !== undefined && openShards > MOST_SHARDS) {
    throw new Misconfigured(`${place}: openShards: found "${openShards}", expected at most ${MOST_SHARDS}`);
  }
  const amount = (column: Column) => value(column) ?? 0;
  return {
    ...{ at, bytes: amount("bytes"), records: amount("records"), refused: amount("refused") },
    readBytes: amount("readBytes"),
    ...(openShards !== undefined && { openShards }),
  };
}
