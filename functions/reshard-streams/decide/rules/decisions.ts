import type {
  Decision,
  Hold,
  MergeShards,
  NotifiedVerdict,
  SplitShard,
  UpdateShardCount,
  Verdict,
} from "../../model/decision.ts";
import { narrowestPair, splitInTheMiddle } from "../measure/shares.ts";
import { largestStep, smallestStep } from "../measure/sizing.ts";
import type { Facts } from "./facts.ts";

export function hold(facts: Facts, verdict: Verdict, reason: string, { requeue = false } = {}): Hold {
  return { kind: "hold", verdict, reasons: [reason], evidence: facts.evidence, notify: false, requeue };
}

/** A hold that a person has to see to. */
export const notifiedHold = (facts: Facts, verdict: NotifiedVerdict, reason: string): Hold => ({
  ...hold(facts, verdict, reason),
  notify: true,
});

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

/** Splits one shard in the middle; `goal` is where the splits after it lead. */
export function split(
  facts: Facts,
  verdict: Verdict,
  shardId: string,
  reason: string,
  goal = facts.open + 1,
): Decision {
  const { open, policy, observation } = facts;
  const middle = splitInTheMiddle(observation.shards, shardId);
  if (open >= policy.max || middle === undefined) {
    const why = middle === undefined ? `${shardId} owns a single hash key` : `max is ${policy.max}`;
    return notifiedHold(facts, "at-max", `${reason}; but ${why}, so it cannot be split`);
  }
  const decision: SplitShard = {
    kind: "SplitShard",
    verdict,
    direction: "out",
    from: open,
    to: open + 1,
    goal,
    shardId,
    newStartingHashKey: middle.toString(),
    reasons: [reason],
    evidence: { ...facts.evidence, shard: shardId },
  };
  return decision;
}

/** Merges the two narrowest neighbours, if together they own at most `share` of the hash keys. */
export function merge(
  facts: Facts,
  share: number,
  reason: string,
  goal: number,
  verdict: "scale-in" | "lower-to-max" | "rebalance" = "scale-in",
): MergeShards | undefined {
  const pair = narrowestPair(facts.observation.shards, share);
  if (!pair) return undefined;
  const [left, right] = pair;
  return {
    kind: "MergeShards",
    verdict,
    direction: "in",
    from: facts.open,
    to: facts.open - 1,
    goal,
    shardId: left.id,
    adjacentShardId: right.id,
    adjacentStartingHashKey: right.from.toString(),
    reasons: [reason],
    evidence: { ...facts.evidence, shard: left.id, adjacentShard: right.id, border: right.from.toString() },
  };
}
