import { hash } from "node:crypto";
import type { StreamRecord } from "../../../sandbox/event-source-mapping/record.ts";
import type { ShardReader } from "../../../sandbox/event-source-mapping/shard-consumer.ts";
import type { Shard } from "../../../sandbox/event-source-mapping/stream-consumer.ts";

interface ShardModel extends Shard {
  /** Of hash keys, in [0, 1). */
  readonly from: number;
  readonly to: number;
  readonly records: StreamRecord[];
  closed: boolean;
}

/** A Kinesis stream in memory: shards by hash range, which can be split and merged. */
export class StreamModel {
  readonly #shards: ShardModel[] = [];
  readonly #now: () => number;
  /** Its digits grow in number on the way. */
  #sequence = 10n ** 20n - 20n;

  constructor(now: () => number) {
    this.#now = now;
    this.#open(0, 1, []);
  }

  /** The open shard that takes this partition key. */
  shardFor(partitionKey: string): string {
    const place = hash("md5", partitionKey, "buffer").readUInt32BE(0) / 2 ** 32;
    return this.#openShards().find(({ from, to }) => from <= place && place < to)?.shardId ?? "";
  }

  put(shardId: string, partitionKey: string, data: Uint8Array): void {
    this.#sequence += 1n;
    this.#shards
      .find((shard) => shard.shardId === shardId)
      ?.records.push({
        sequenceNumber: String(this.#sequence),
        partitionKey,
        data: Buffer.from(data).toString("base64"),
        arrivedAt: this.#now(),
      });
  }

  split(which: number): void {
    const open = this.#openShards();
    const parent = open[which % open.length];
    if (parent === undefined) return;
    parent.closed = true;
    const middle = (parent.from + parent.to) / 2;
    this.#open(parent.from, middle, [parent.shardId]);
    this.#open(middle, parent.to, [parent.shardId]);
  }

  merge(which: number): void {
    const open = this.#openShards().toSorted((a, b) => a.from - b.from);
    if (open.length < 2) return;
    const [left, right] = open.slice(which % (open.length - 1));
    if (left === undefined || right === undefined) return;
    left.closed = true;
    right.closed = true;
    this.#open(left.from, right.to, [left.shardId, right.shardId]);
  }

  /** Nothing more will come. */
  close(): void {
    for (const shard of this.#openShards()) shard.closed = true;
  }

  listShards(): readonly Shard[] {
    return this.#shards;
  }

  reader(shardId: string): ShardReader {
    let next = 0;
    return {
      read: async (limit) => {
        const shard = this.#shards.find((one) => one.shardId === shardId);
        const records = shard?.records.slice(next, next + limit) ?? [];
        next += records.length;
        return { records, closed: shard?.closed === true && next === shard.records.length };
      },
    };
  }

  #openShards(): ShardModel[] {
    return this.#shards.filter(({ closed }) => !closed);
  }

  #open(from: number, to: number, parents: readonly string[]): void {
    const shardId = `shardId-${String(this.#shards.length).padStart(12, "0")}`;
    this.#shards.push({ shardId, parents, from, to, records: [], closed: false });
  }
}
