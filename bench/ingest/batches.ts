/** Batches as large as an invocation takes, for bench/ingest/memory.ts: written to files, so that another process reads them. */
import { gzipSync } from "node:zlib";
import { aggregate } from "../../sandbox/kinesis/kpl-aggregate.ts";
import { events, kinesisEvent } from "./records.ts";

const zipped = (text: string) => gzipSync(text);
const repeated = (count: number, data: Uint8Array) => Array<Uint8Array>(count).fill(data);
const numbered = (count: number, of: (at: number) => Uint8Array) =>
  Array.from({ length: count }, (_none, at) => of(at));
const listOf = (element: string, count: number) => `[${Array(count).fill(element).join(",")}]`;

/** As many as fill the 8 MiB that a record of several events may open to. */
const EVENTS_BYTES = 8 * 1024 * 1024 - 100;

/** 10,000 records, 4.5 MB together. */
const plain = () =>
  events(10_000).map(({ id, type, actor, repo }) =>
    Buffer.from(JSON.stringify({ id, type, actor, repo, x: "x".repeat(150) })),
  );
/** 16 KB of gzip that open to 16.5 MB: `{"a":[{},{},…]}`. */
const bomb = (element: string) => zipped(`{"id":"b","a":${listOf(element, 5_500_000)}}`);
/** As large as an item may be, of the smallest elements; another id each. */
const fullItem = (at: number) => zipped(`{"id":"${at}","a":${listOf("{}", 100_000)}}`);

const BATCHES = {
  plain,
  bombs: () => repeated(270, bomb("{}")),
  aggregate: () => [
    aggregate(
      [...repeated(62, bomb("[]")), ...numbered(200, fullItem)].map((data) => ({ partitionKey: "k", data })),
    ),
  ],
  full: () => numbered(1_000, fullItem),
  booleans: () => numbered(1_000, (at) => zipped(`{"id":"${at}","a":${listOf("true", 200_000)}}`)),
  wide: () => numbered(1_000, (at) => zipped(`{"id":"${at}","a":"${"一".repeat(130_000)}"}`)),
  small: () => numbered(10_000, (at) => Buffer.from(`{"id":"${at}"}`)),
  /** Whose names no statement can say, so that each is put by itself. */
  unusual: () => numbered(10_000, (at) => Buffer.from(`{"id":"${at}","a.b":1}`)),
  rejected: () => [
    aggregate(repeated(100_000, Buffer.from("x")).map((data) => ({ partitionKey: "k", data }))),
  ],
  subRecords: () => [
    aggregate(repeated(500_000, Buffer.from("{}")).map((data) => ({ partitionKey: "k", data }))),
  ],
  lines: () => repeated(270, zipped("{}\n".repeat(EVENTS_BYTES / 3))),
  list: () => repeated(270, zipped(listOf("{}", Math.floor(EVENTS_BYTES / 3)))),
  logs: () =>
    repeated(
      270,
      zipped(`{"messageType":"DATA_MESSAGE","logEvents":${listOf("{}", Math.floor(EVENTS_BYTES / 3))}}`),
    ),
  /** 600,000 keys of 2 KB. */
  keys: () =>
    numbered(150, (at) =>
      zipped(
        Array.from({ length: 4_000 }, (_none, line) => `{"id":"${"x".repeat(2_020)}${at}-${line}"}`).join(
          "\n",
        ),
      ),
    ),
  /** Numbers that JavaScript cannot hold. */
  digits: () => repeated(270, zipped(`{"id":"m","a":${listOf("1e999", 400_000)}}`)),
  exactNumbers: () =>
    numbered(270, (at) => zipped(`{"id":"${at}","a":${listOf("12345678901234567890", 33_000)}}`)),
  escapes: () => repeated(270, zipped(`{"id":"m","a":"${"\\u4e00".repeat(690_000)}"}`)),
  members: () =>
    repeated(
      5,
      zipped(
        `{"id":"m",${Array.from({ length: 350_000 }, (_none, at) => `"${at.toString(36)}k":1`).join(",")}}`,
      ),
    ),
} satisfies Record<string, () => Uint8Array[]>;

export type BatchName = keyof typeof BATCHES;

/** The event that Lambda would bring, as JSON. */
export const batchText = (name: BatchName): string => JSON.stringify(kinesisEvent(BATCHES[name]()));
