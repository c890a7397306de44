import type { OpenShard } from "../../functions/reshard-streams/model/observation.ts";

const DAY_MS = 24 * 3_600_000;
const HASH_KEYS = 2n ** 128n;

/** UpdateShardCount calls of one stream in any 24 hours. https://docs.aws.amazon.com/kinesis/latest/APIReference/API_UpdateShardCount.html */
const CALLS_PER_DAY = 10;

/** What Kinesis answers to a change. */
export type Answer = "accepted" | "in-use" | "daily-quota" | "illegal-step";

export interface ModelOptions {
  readonly shards: number;
  /** How long a split or a merge keeps the stream UPDATING, ms. */
  readonly singleUpdateMs: number;
  /** How long UpdateShardCount does: so much, and so much more for each shard of the difference, ms. */
  readonly updateMs: number;
  readonly updateMsPerShard: number;
}

export const MODEL_DEFAULTS: Omit<ModelOptions, "shards"> = {
  singleUpdateMs: 30_000,
  updateMs: 30_000,
  updateMsPerShard: 1_000,
};

/**
 * One provisioned stream as Kinesis keeps it: open shards that own parts of the hash keys, UPDATING after a change, at
 * most the double and at least the half in one call, 10 calls in any 24 hours. Keys are spread evenly, so a shard's
 * share of the traffic is its share of the hash keys.
 */
export class KinesisModel {
  #shards: readonly OpenShard[];
  #next: readonly OpenShard[] | undefined;
  #updatingUntil = 0;
  #created = 0;
  readonly #calls: number[] = [];
  readonly #options: ModelOptions;
  /** Changes that Kinesis refused. */
  refusedChanges = 0;

  constructor(options: ModelOptions) {
    this.#options = options;
    this.#shards = this.#evenly(options.shards);
  }

  /** The open shards at a moment (ms since the epoch); a change takes effect when its UPDATING ends. */
  shardsAt(now: number): readonly OpenShard[] {
    if (this.#next && now >= this.#updatingUntil) {
      this.#shards = this.#next;
      this.#next = undefined;
    }
    return this.#shards;
  }

  isUpdating(now: number): boolean {
    return now < this.#updatingUntil;
  }

  updateShardCount(target: number, now: number): Answer {
    const open = this.shardsAt(now).length;
    if (this.isUpdating(now)) return this.#refuse("in-use");
    if (target < 1 || target > 2 * open || target < Math.ceil(open / 2)) return this.#refuse("illegal-step");
    if (this.#calls.filter((at) => at > now - DAY_MS).length >= CALLS_PER_DAY)
      return this.#refuse("daily-quota");
    this.#calls.push(now);
    const { updateMs, updateMsPerShard } = this.#options;
    this.#begin(this.#evenly(target), now + updateMs + updateMsPerShard * Math.abs(target - open));
    return "accepted";
  }

  splitShard(shardId: string, newStart: bigint, now: number): Answer {
    const shards = this.shardsAt(now);
    const shard = shards.find(({ id }) => id === shardId);
    if (this.isUpdating(now)) return this.#refuse("in-use");
    if (!shard || newStart <= shard.from || newStart > shard.to) return this.#refuse("illegal-step");
    const children: OpenShard[] = [
      { id: this.#name(), parentId: shardId, from: shard.from, to: newStart - 1n },
      { id: this.#name(), parentId: shardId, from: newStart, to: shard.to },
    ];
    this.#begin(
      shards.flatMap((each) => (each === shard ? children : [each])),
      now + this.#options.singleUpdateMs,
    );
    return "accepted";
  }

  mergeShards(leftId: string, rightId: string, now: number): Answer {
    const shards = this.shardsAt(now);
    const index = shards.findIndex(({ id }) => id === leftId);
    const [left, right] = [shards[index], shards[index + 1]];
    if (this.isUpdating(now)) return this.#refuse("in-use");
    if (!left || right?.id !== rightId) return this.#refuse("illegal-step");
    const merged = { id: this.#name(), parentId: leftId, from: left.from, to: right.to };
    this.#begin(
      [...shards.slice(0, index), merged, ...shards.slice(index + 2)],
      now + this.#options.singleUpdateMs,
    );
    return "accepted";
  }

  #refuse(answer: Answer): Answer {
    this.refusedChanges += 1;
    return answer;
  }

  #begin(next: readonly OpenShard[], until: number): void {
    this.#next = next;
    this.#updatingUntil = until;
  }

  #evenly(count: number): OpenShard[] {
    const boundary = (index: number) => (HASH_KEYS * BigInt(index)) / BigInt(count);
    return Array.from({ length: count }, (_, index) => ({
      id: this.#name(),
      from: boundary(index),
      to: boundary(index + 1) - 1n,
    }));
  }

  #name(): string {
    this.#created += 1;
    return `shardId-${String(this.#created).padStart(12, "0")}`;
  }
}

/** The share of the hash keys that a shard owns, 0 to 1. */
export function shareOf({ from, to }: OpenShard): number {
  return Number(to - from + 1n) / Number(HASH_KEYS);
}
