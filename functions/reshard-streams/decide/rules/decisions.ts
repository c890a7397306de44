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
  facts: Facts,
  verdict: Verdict,
  reason: string,
  { tell = false, requeue = false } = {},
): Hold {
  return { kind: "hold", verdict, reasons: [reason], evidence: facts.evidence, notify: tell, requeue };
}

/** UpdateShardCount towards `goal`, as far as one call can go. */
export function updateTo(facts: Facts, verdict: Verdict, goal: number, reason: string): UpdateShardCount {
  const { open } = facts;
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
    evidence: { ...facts.evidence, goal },
  };
}

export function split(facts: Facts, verdict: Verdict, shardId: string, reason: string): Decision {
  const { open, policy, observation } = facts;
  const middle = splitInTheMiddle(observation.shards, shardId);
  if (open >= policy.max || middle === undefined) {
    const why = middle === undefined ? `${shardId} owns a single hash key` : `max is ${policy.max}`;
    return hold(facts, "at-max", `${reason}; but ${why}, so it cannot be split`, { tell: true });
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
    evidence: { ...facts.evidence, shard: shardId },
  };
  return decision;
}

export function merge(facts: Facts, reason: string): MergeShards | undefined {
  const pair = narrowestPair(facts.observation.shards);
  if (!pair) return undefined;
  return {
    kind: "MergeShards",
    verdict: "merge-without-quota",
    direction: "in",
    from: facts.open,
    to: facts.open - 1,
    shardId: pair[0].id,
    adjacentShardId: pair[1].id,
    reasons: [reason],
    evidence: { ...facts.evidence, shard: pair[0].id, adjacentShard: pair[1].id },
  };
}
