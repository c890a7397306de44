import * as z from "zod/mini";
import type { CallKinesis } from "./call.ts";

/** What is remembered of a stream, so that not every call asks `kinesis-local` again. */
export interface StreamFacts {
  readonly name: string;
  readonly arn: string;
  readonly mode: string;
  /** Seconds since the epoch, as Kinesis's JSON has times. */
  readonly createdAt: number;
}

const Summary = z.object({
  StreamDescriptionSummary: z.object({
    StreamName: z.string(),
    StreamARN: z.string(),
    StreamModeDetails: z.object({ StreamMode: z.string() }),
    StreamCreationTimestamp: z.number(),
  }),
});

const Shards = z.object({
  NextToken: z.nullish(z.string()),
  Shards: z.array(
    z.object({
      ShardId: z.string(),
      HashKeyRange: z.object({ StartingHashKey: z.string(), EndingHashKey: z.string() }),
    }),
  ),
});

/** An open shard and the hash keys that go to it. */
export interface ShardRange {
  readonly shardId: string;
  readonly from: bigint;
  readonly to: bigint;
}

export interface Streams {
  /** Undefined for a stream that does not exist. */
  factsOf(stream: string): Promise<StreamFacts | undefined>;
  openShards(stream: string): Promise<readonly ShardRange[]>;
  /** To be called when the stream was changed. */
  forget(stream: string): void;
}

export function createStreams(call: CallKinesis): Streams {
  const facts = new Map<string, StreamFacts>();
  const shards = new Map<string, readonly ShardRange[]>();
  return {
    async factsOf(stream) {
      const known = facts.get(stream);
      if (known) return known;
      const answer = await call("DescribeStreamSummary", { StreamName: stream });
      if (!answer) return undefined;
      const summary = z.parse(Summary, answer).StreamDescriptionSummary;
      const found: StreamFacts = {
        name: summary.StreamName,
        arn: summary.StreamARN,
        mode: summary.StreamModeDetails.StreamMode,
        createdAt: summary.StreamCreationTimestamp,
      };
      facts.set(stream, found);
      return found;
    },
    async openShards(stream) {
      const known = shards.get(stream);
      if (known) return known;
      const ranges: ShardRange[] = [];
      let page: object | undefined = { StreamName: stream, ShardFilter: { Type: "AT_LATEST" } };
      while (page) {
        const answer = await call("ListShards", page);
        if (!answer) break;
        const { Shards: listed, NextToken } = z.parse(Shards, answer);
        for (const { ShardId, HashKeyRange } of listed) {
          ranges.push({
            shardId: ShardId,
            from: BigInt(HashKeyRange.StartingHashKey),
            to: BigInt(HashKeyRange.EndingHashKey),
          });
        }
        page = NextToken ? { NextToken } : undefined;
      }
      shards.set(stream, ranges);
      return ranges;
    },
    forget(stream) {
      facts.delete(stream);
      shards.delete(stream);
    },
  };
}
