import type {
  Decision,
  Hold,
  MergeShards,
  SplitShard,
  UpdateShardCount,
  Verdict,
} from "../../model/decision.ts";
import { narrowestPair, splitInTheMiddle } from "../measure/shard-choice.ts";
import { largestStep, smallestStep } from "../measure/sizing.ts";
import type { Facts } from "./facts.ts";

export function hold(
  look: Facts,
  verdict: Verdict,
  reason: string,
  { tell = false, requeue = false } = {},
): Hold {
  return { kind: "hold", verdict, reasons: [reason], evidence: look.evidence, tell, requeue };
}

/** UpdateShardCount towards `goal`, as far as one call can go. */
export function updateTo(look: Facts, verdict: Verdict, goal: number, reason: string): UpdateShardCount {
  const { open } = look;
  const to = goal > open ? Math.min(goal, largestStep(open)) : Math.max(goal, smallestStep(open));
  const steps =
    to === goal ? [] : [`one call goes from ${open} to ${to} at most: the next one goes on towards ${goal}`];
  return {
    kind: "UpdateShardCount",
    verdict,
    direction: goal > open ? "out" : "in",
    from: open,
    to,
    goal,
    reasons: [reason, ...steps],
    evidence: { ...look.evidence, goal },
  };
}

export function split(look: Facts, verdict: Verdict, shardId: string, reason: string): Decision {
  const { open, policy, seen } = look;
  const middle = splitInTheMiddle(seen.shards, shardId);
  if (open >= policy.max || middle === undefined) {
    const why = middle === undefined ? `${shardId} owns a single hash key` : `max is ${policy.max}`;
    return hold(look, "at-max", `${reason}; but ${why}, so it cannot be split`, { tell: true });
  }
  const decision: SplitShard = {
    kind: "SplitShard",
    verdict,
    direction: "out",
    from: open,
    to: open + 1,
    shardId,
    newStartingHashKey: middle.toString(),
    reasons: [reason],
    evidence: { ...look.evidence, shard: shardId },
  };
  return decision;
}

export function merge(look: Facts, reason: string): MergeShards | undefined {
  const pair = narrowestPair(look.seen.shards);
  if (!pair) return undefined;
  return {
    kind: "MergeShards",
    verdict: "merge-without-quota",
    direction: "in",
    from: look.open,
    to: look.open - 1,
    shardId: pair[0].id,
    adjacentShardId: pair[1].id,
    reasons: [reason],
    evidence: { ...look.evidence, shard: pair[0].id, adjacentShard: pair[1].id },
  };
}
