/** Batches as large as an invocation takes, for bench/ingest/ingest.ts: written to files, so that another process reads them. */
import { gzipSync } from "node:zlib";
import { aggregate } from "../../sandbox/kinesis/kpl-aggregate.ts";
import { events, kinesisEvent } from "./records.ts";

/** 10,000 records, 4.5 MB together. */
const plain = () =>
  events(10_000).map(({ id, type, actor, repo }) =>
    Buffer.from(JSON.stringify({ id, type, actor, repo, x: "x".repeat(150) })),
  );
/** 16 KB of gzip that open to 16.5 MB: `{"a":[{},{},…]}`. */
const bomb = (element: string) => gzipSync(`{"id":"b","a":[${Array(5_500_000).fill(element).join(",")}]}`);
/** As large as an item may be, of the smallest elements; another id each. */
const fullItem = (at: number) => gzipSync(`{"id":"${at}","a":[${Array(100_000).fill("{}").join(",")}]}`);
const full = (count: number) => Array.from({ length: count }, (_none, at) => fullItem(at));

const BATCHES = {
  plain,
  bombs: () => Array(270).fill(bomb("{}")),
  aggregate: () => [
    aggregate([...Array(62).fill(bomb("[]")), ...full(200)].map((data) => ({ partitionKey: "k", data }))),
  ],
  full: () => full(1_000),
  rejected: () => [
    aggregate(Array.from({ length: 100_000 }, () => ({ partitionKey: "k", data: Buffer.from("x") }))),
  ],
} satisfies Record<string, () => Uint8Array[]>;

export type BatchName = keyof typeof BATCHES;

/** The event that Lambda would bring, as JSON. */
export const batchText = (name: BatchName): string => JSON.stringify(kinesisEvent(BATCHES[name]()));
