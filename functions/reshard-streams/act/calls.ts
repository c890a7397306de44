import {
  type KinesisClient,
  MergeShardsCommand,
  SplitShardCommand,
  UpdateShardCountCommand,
  UpdateStreamModeCommand,
  UpdateStreamRecordDistributionStrategyCommand,
  UpdateStreamWarmThroughputCommand,
} from "@aws-sdk/client-kinesis";
import { Misconfigured } from "../../../shared/lambda/errors.ts";
import type { MergeShards, SplitShard, UpdateShardCount } from "../model/decision.ts";
import { resourceOf } from "../observe/configured-stream.ts";

/** The stream of a call. */
export interface Target {
  readonly stream: string;
  /** Two of the calls take it in place of the name. */
  readonly arn?: string | undefined;
}

/** What one call needs to know of a change. */
export type StreamCall =
  | Pick<UpdateShardCount, "kind" | "to">
  | Pick<SplitShard, "kind" | "shardId" | "newStartingHashKey">
  | Pick<MergeShards, "kind" | "shardId" | "adjacentShardId">
  | { readonly kind: "UpdateStreamWarmThroughput"; readonly to: number }
  | {
      readonly kind: "UpdateStreamRecordDistributionStrategy";
      readonly strategy: "AUTO" | "USER_PARTITION_KEY";
    }
  | { readonly kind: "UpdateStreamMode"; readonly mode: "PROVISIONED" | "ON_DEMAND" };

/** Makes the one call. It is asynchronous at AWS: the stream is UPDATING afterwards, except for the distribution strategy. */
export async function callKinesis(
  target: Target,
  call: StreamCall,
  kinesis: KinesisClient,
  abortSignal: AbortSignal,
): Promise<void> {
  await send(target, call, kinesis, { abortSignal });
}

function send(
  target: Target,
  call: StreamCall,
  kinesis: KinesisClient,
  options: { readonly abortSignal: AbortSignal },
): Promise<unknown> {
  const StreamName = target.stream;
  switch (call.kind) {
    case "UpdateShardCount": {
      const input = { StreamName, TargetShardCount: call.to, ScalingType: "UNIFORM_SCALING" } as const;
      return kinesis.send(new UpdateShardCountCommand(input), options);
    }
    case "SplitShard": {
      const { shardId: ShardToSplit, newStartingHashKey: NewStartingHashKey } = call;
      return kinesis.send(new SplitShardCommand({ StreamName, ShardToSplit, NewStartingHashKey }), options);
    }
    case "MergeShards": {
      const { shardId: ShardToMerge, adjacentShardId: AdjacentShardToMerge } = call;
      return kinesis.send(
        new MergeShardsCommand({ StreamName, ShardToMerge, AdjacentShardToMerge }),
        options,
      );
    }
    case "UpdateStreamWarmThroughput": {
      const input = { StreamName, WarmThroughputMiBps: call.to };
      return kinesis.send(new UpdateStreamWarmThroughputCommand(input), options);
    }
    case "UpdateStreamRecordDistributionStrategy": {
      const input = { StreamARN: arnOf(target), RecordDistributionStrategy: call.strategy };
      return kinesis.send(new UpdateStreamRecordDistributionStrategyCommand(input), options);
    }
    case "UpdateStreamMode": {
      const input = { StreamARN: arnOf(target), StreamModeDetails: { StreamMode: call.mode } };
      return kinesis.send(new UpdateStreamModeCommand(input), options);
    }
  }
}

function arnOf({ stream, arn }: Target): string {
  if (arn !== undefined) return arn;
  throw new Misconfigured(
    `AWS did not say the ARN of ${stream}, which this call needs: nothing was changed`,
    {
      resource: resourceOf(stream),
    },
  );
}
