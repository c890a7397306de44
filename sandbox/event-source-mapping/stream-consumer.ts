import type { StartingPosition } from "./settings.ts";
import { ShardConsumer, type ShardConsumerOptions, type ShardReader } from "./shard-consumer.ts";

/** A shard as ListShards gives it. */
export interface Shard {
  readonly shardId: string;
  /** Up to two, after a merge. */
  readonly parents: readonly string[];
}

export interface StreamConsumerOptions {
  readonly listShards: () => Promise<readonly Shard[]>;
  readonly openShard: (shardId: string, from: StartingPosition) => Promise<ShardReader>;
  readonly consumerOptions: (shardId: string) => Omit<ShardConsumerOptions, "reader">;
  readonly startingPosition: StartingPosition;
}

/**
 * Reads a stream's shards side by side: a child only when its parents are read to their ends, so that what
 * was sent first for a partition key comes first, however often the stream is resharded.
 */
export class StreamConsumer {
  readonly #options: StreamConsumerOptions;
  readonly #shards = new Map<string, ShardConsumer>();
  readonly #drained = new Set<string>();
  /** The shards of the first look: only these are read from where the mapping is to begin. */
  #first: ReadonlySet<string> | undefined;
  /** What the last look saw. It stands until a shard is drained: a new shard always takes the place of one that closes. */
  #listed: readonly Shard[] | undefined;

  constructor(options: StreamConsumerOptions) {
    this.#options = options;
  }

  /** The shard was closed, and all of it is dealt with. */
  isDrained(shardId: string): boolean {
    return this.#drained.has(shardId);
  }

  /** Everything that was read of the stream is dealt with. */
  isIdle(): boolean {
    return this.#listed !== undefined && [...this.#shards.values()].every((shard) => shard.isIdle());
  }

  /** One step in each shard that may be read. */
  async step(): Promise<void> {
    this.#listed ??= await this.#options.listShards();
    const shards = this.#listed;
    const known = new Set(shards.map(({ shardId }) => shardId));
    this.#first ??= known;
    const readable = shards.filter(
      ({ shardId, parents }) =>
        !this.#drained.has(shardId) &&
        parents.every((parent) => this.#drained.has(parent) || !known.has(parent)),
    );
    await Promise.all(readable.map(({ shardId }) => this.#stepShard(shardId)));
  }

  async #stepShard(shardId: string): Promise<void> {
    const consumer = this.#shards.get(shardId) ?? (await this.#open(shardId));
    await consumer.step();
    if (!consumer.isDrained()) return;
    this.#shards.delete(shardId);
    this.#drained.add(shardId);
    this.#listed = undefined;
  }

  async #open(shardId: string): Promise<ShardConsumer> {
    const { openShard, consumerOptions, startingPosition } = this.#options;
    const reader = await openShard(shardId, this.#first?.has(shardId) ? startingPosition : "TRIM_HORIZON");
    const consumer = new ShardConsumer({ ...consumerOptions(shardId), reader });
    this.#shards.set(shardId, consumer);
    return consumer;
  }
}
