import {
  InvalidArgumentException,
  type KinesisClient,
  KinesisServiceException,
  LimitExceededException,
  MergeShardsCommand,
  ResourceInUseException,
  SplitShardCommand,
  UpdateShardCountCommand,
} from "@aws-sdk/client-kinesis";
import { asFailure } from "../../../shared/aws/failure.ts";
import { Blocked, type ReflexError, RetryLater } from "../../../shared/lambda/errors.ts";
import type { History, Intent, Outcome } from "../../../shared/ledger/entry.ts";
import type { Ledger } from "../../../shared/ledger/ledger.ts";
import { CALL_RATE, DAILY_QUOTA } from "../decide/measure/quota.ts";
import type { Reshard } from "../model/decision.ts";
import { resourceOf } from "../observe/observe.ts";

export interface Actor {
  readonly kinesis: KinesisClient;
  readonly ledger: Ledger;
  /** ms since the epoch, for the outcome. */
  readonly now: () => number;
  /** Unique to this run: the lease is its, and no one else's. */
  readonly holder: string;
  readonly signal: AbortSignal;
}

/** What the intent says beside the decision. */
export interface Occasion {
  readonly id: string;
  readonly now: number;
  readonly trigger: string;
  readonly traceId?: string | undefined;
}

/**
 * Carries out one decision: lease and intent, the call, the outcome. It may be killed after any of them: the
 * next run finds the intent and what the stream shows, and goes on from there.
 *
 * Throws `RetryLater` when another run acts or acted, or when it is not known whether AWS did it; `Blocked`
 * when AWS refused. Then nothing was changed, and the ledger says why.
 */
export async function act(
  stream: string,
  decision: Reshard,
  history: History,
  occasion: Occasion,
  { kinesis, ledger, now, holder, signal }: Actor,
): Promise<void> {
  const lease = await ledger.begin(history, intentOf(decision, occasion), holder, signal);
  try {
    await callKinesis(stream, decision, kinesis, signal);
  } catch (error) {
    const { failure, outcome } = classifyError(error, stream, decision, now());
    if (outcome) await ledger.finish(lease, outcome, signal);
    throw failure;
  }
  await ledger.finish(lease, { result: "applied", at: now() }, signal);
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

async function callKinesis(
  StreamName: string,
  decision: Reshard,
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

/**
 * What an error of the call means. With an outcome AWS certainly changed nothing. Without one it is not known
 * (a lost answer; and "in use" is also what the SDK's own second attempt hears when the first one did it):
 * the intent stays pending and the next run reads the outcome off the stream.
 */
function classifyError(
  error: unknown,
  stream: string,
  { kind, from, to }: Reshard,
  at: number,
): { failure: ReflexError; outcome?: Outcome } {
  const resource = resourceOf(stream);
  const name = `kinesis:${kind}`;
  const context = { resource, callKinesis: name, cause: error };
  const message = error instanceof Error ? error.message : String(error);

  if (error instanceof ResourceInUseException) {
    return {
      failure: new RetryLater(
        `${stream} is being changed already: the next run looks what it shows`,
        context,
      ),
    };
  }
  if (error instanceof LimitExceededException || error instanceof InvalidArgumentException) {
    const limit = whichLimit(message);
    const change = `${name} ${from} -> ${to} for ${resource}`;
    const outcome: Outcome = { result: "refused", at, code: limit, detail: message };
    switch (limit) {
      case CALL_RATE:
        return {
          failure: new RetryLater(`${change} was throttled (${message}): the next run tries again`, context),
          outcome,
        };
      case DAILY_QUOTA:
        return {
          failure: new Blocked(
            `${change} was refused: the 10 calls in 24 hours are used, some of them not by Reflex (${message}). Nothing was changed; it is tried again in an hour`,
            context,
          ),
          outcome,
        };
      default:
        return {
          failure: new Blocked(`${change} was refused (${message}): nothing was changed`, context),
          outcome,
        };
    }
  }
  const failure = asFailure(error, name, resource);
  // Only an answer that says no is certain: what is no answer may have come after the change was made.
  const refused = error instanceof KinesisServiceException && error.$fault === "client";
  if (failure instanceof RetryLater || !refused) return { failure };
  return { failure, outcome: { result: "refused", at, code: "refused", detail: message } };
}

/**
 * Which limit an answer means. AWS uses LimitExceededException and InvalidArgumentException both for "more
 * than double", and the former also for its own call rate, the account's shards and the daily quota, so the
 * words have to tell.
 */
function whichLimit(message: string): typeof CALL_RATE | typeof DAILY_QUOTA | "step" | "account" | "refused" {
  if (/rate exceeded/i.test(message)) return CALL_RATE;
  // Before the words that count: these name account ids and shard counts, which may hold any digits.
  if (/shard limit|limit for the account|shards? (?:per|in) (?:the )?account|exceed the shard/i.test(message))
    return "account";
  if (/\b24[- ]?h|per day|daily|rolling|\b(?:\d+|ten) times/i.test(message)) return DAILY_QUOTA;
  if (/double|half|twice|\b2x|50 ?%/i.test(message)) return "step";
  return "refused";
}
