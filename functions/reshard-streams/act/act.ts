import {
  type KinesisClient,
  MergeShardsCommand,
  SplitShardCommand,
  UpdateShardCountCommand,
} from "@aws-sdk/client-kinesis";
import type { History, Intent } from "../../../shared/ledger/entry.ts";
import type { Ledger, Outgoing } from "../../../shared/ledger/ledger.ts";
import type { ClaimedItem } from "../../../shared/ledger/outbox.ts";
import type { MergeShards, Reshard, SplitShard, UpdateShardCount } from "../model/decision.ts";
import { classifyError } from "./classify-error.ts";

export interface Actor {
  readonly kinesis: KinesisClient;
  readonly ledger: Ledger;
  /** ms since the epoch, for the outcome. */
  readonly now: () => number;
  /** Unique to this run: whose lease it is. */
  readonly holder: string;
  readonly signal: AbortSignal;
  /** What people are notified of when it is done: it is written with the outcome. */
  readonly outgoing: Outgoing;
}

/** What the intent says beside the decision. */
export interface Occasion {
  readonly id: string;
  readonly now: number;
  readonly trigger: string;
  readonly traceId?: string | undefined;
}

/**
 * Carries out one decision: lease and intent, the call, the outcome. The run may be killed after any of them: the
 * next run finds the intent, reads the outcome off the stream, and goes on from there.
 *
 * Throws `RetryLater` when another run acts or acted, or when it is not known whether AWS did it; `Blocked`
 * when AWS refused. Then nothing was changed, and the ledger says why.
 *
 * @returns the notification, for this run to send
 */
export async function act(
  stream: string,
  decision: Reshard,
  history: History,
  occasion: Occasion,
  { kinesis, ledger, now, holder, signal, outgoing }: Actor,
): Promise<ClaimedItem | undefined> {
  const lease = await ledger.begin(history, intentOf(decision, occasion), holder, signal);
  try {
    await callKinesis(stream, decision, kinesis, signal);
  } catch (error) {
    const { failure, outcome } = classifyError(error, stream, decision, now());
    if (outcome) await ledger.finish(lease, outcome, signal);
    throw failure;
  }
  return ledger.finish(lease, { result: "applied", at: now() }, signal, outgoing);
}

function intentOf(decision: Reshard, { id, now, trigger, traceId }: Occasion): Intent {
  const { kind, direction, from, to, reasons, evidence } = decision;
  return {
    id,
    at: now,
    automation: "reshard-streams",
    action: `kinesis:${kind}`,
    direction,
    from,
    to,
    reasons: [...reasons],
    evidence,
    trigger,
    ...(traceId !== undefined && { traceId }),
  };
}

/** What one call needs to know of a change. */
export type ShardCall =
  | Pick<UpdateShardCount, "kind" | "to">
  | Pick<SplitShard, "kind" | "shardId" | "newStartingHashKey">
  | Pick<MergeShards, "kind" | "shardId" | "adjacentShardId">;

export async function callKinesis(
  StreamName: string,
  decision: ShardCall,
  kinesis: KinesisClient,
  abortSignal: AbortSignal,
): Promise<void> {
  switch (decision.kind) {
    case "UpdateShardCount":
      await kinesis.send(
        new UpdateShardCountCommand({
          StreamName,
          TargetShardCount: decision.to,
          ScalingType: "UNIFORM_SCALING",
        }),
        { abortSignal },
      );
      return;
    case "SplitShard":
      await kinesis.send(
        new SplitShardCommand({
          StreamName,
          ShardToSplit: decision.shardId,
          NewStartingHashKey: decision.newStartingHashKey,
        }),
        { abortSignal },
      );
      return;
    case "MergeShards":
      await kinesis.send(
        new MergeShardsCommand({
          StreamName,
          ShardToMerge: decision.shardId,
          AdjacentShardToMerge: decision.adjacentShardId,
        }),
        { abortSignal },
      );
  }
}
