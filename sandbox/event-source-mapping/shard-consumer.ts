import { createHash } from "node:crypto";
import { Delivery, type DeliveryOptions } from "./delivery.ts";
import { eventBytes, type StreamRecord } from "./record.ts";
import type { MappingSettings } from "./settings.ts";

/** The records of one shard, from where the last read ended. */
export interface ShardReader {
  /** `closed`: the shard was split or merged, and this is its end. */
  read(limit: number): Promise<{ readonly records: readonly StreamRecord[]; readonly closed: boolean }>;
}

export interface ShardConsumerOptions extends DeliveryOptions {
  readonly settings: MappingSettings;
  readonly reader: ShardReader;
}

/** An invocation takes 6 MB. */
const MAX_EVENT_BYTES = 6_000_000;
const MAX_READ = 10_000;

/**
 * Reads one shard in order and brings it to the function batch by batch; nothing more is begun before a batch
 * is done or given up. With a parallelisation factor a batch is dealt out by partition key, so that the order
 * of each key is kept.
 */
export class ShardConsumer {
  readonly #options: ShardConsumerOptions;
  readonly #lanes: readonly Delivery[];
  #buffer: StreamRecord[] = [];
  #waitingSince: number | undefined;
  #closed = false;

  constructor(options: ShardConsumerOptions) {
    this.#options = options;
    this.#lanes = Array.from({ length: options.settings.parallelizationFactor }, () => new Delivery(options));
  }

  /** The shard is closed and everything in it is dealt with: its children may be read. */
  isDrained(): boolean {
    return this.#closed && this.isIdle();
  }

  /** Everything that was read is dealt with. */
  isIdle(): boolean {
    return this.#buffer.length === 0 && this.#lanes.every((lane) => lane.isIdle());
  }

  /** Goes on as far as it can: to the end of the shard, or to a batch that must wait. */
  async step(): Promise<void> {
    for (;;) {
      await Promise.all(this.#lanes.map((lane) => lane.step()));
      if (!this.#lanes.every((lane) => lane.isIdle())) return;
      await this.#fill();
      if (!this.#isReady()) return;
      this.#deal(this.#take());
    }
  }

  async #fill(): Promise<void> {
    const { reader, settings, now } = this.#options;
    const wanted = settings.batchSize * settings.parallelizationFactor;
    while (!this.#closed && this.#buffer.length < wanted) {
      const { records, closed } = await reader.read(Math.min(MAX_READ, wanted - this.#buffer.length));
      this.#buffer.push(...records.filter(settings.filter));
      this.#closed = closed;
      if (records.length === 0) break;
    }
    if (this.#buffer.length > 0) this.#waitingSince ??= now();
  }

  /** A batch goes when it is full, when the window is over, or when nothing will come any more. */
  #isReady(): boolean {
    const { settings, now } = this.#options;
    if (this.#buffer.length === 0) return false;
    if (this.#closed || this.#buffer.length >= settings.batchSize) return true;
    return now() - (this.#waitingSince ?? now()) >= settings.windowMs;
  }

  #take(): StreamRecord[] {
    const { batchSize, parallelizationFactor } = this.#options.settings;
    this.#waitingSince = undefined;
    return this.#buffer.splice(0, batchSize * parallelizationFactor);
  }

  #deal(records: readonly StreamRecord[]): void {
    const byLane = this.#lanes.map((): StreamRecord[] => []);
    for (const record of records) byLane[laneOf(record.partitionKey, byLane.length)]?.push(record);
    for (const [index, lane] of this.#lanes.entries()) {
      for (const batch of batchesOf(byLane[index] ?? [], this.#options.settings.batchSize)) lane.add(batch);
    }
  }
}

function laneOf(partitionKey: string, lanes: number): number {
  return lanes === 1 ? 0 : createHash("md5").update(partitionKey).digest().readUInt32BE(0) % lanes;
}

/** By count and by the bytes of the event. */
function batchesOf(records: readonly StreamRecord[], batchSize: number): StreamRecord[][] {
  const batches: StreamRecord[][] = [];
  let batch: StreamRecord[] = [];
  let bytes = 0;
  for (const record of records) {
    const size = eventBytes(record);
    if (batch.length === batchSize || (batch.length > 0 && bytes + size > MAX_EVENT_BYTES)) {
      batches.push(batch);
      batch = [];
      bytes = 0;
    }
    batch.push(record);
    bytes += size;
  }
  if (batch.length > 0) batches.push(batch);
  return batches;
}
