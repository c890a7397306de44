import type { NodePool } from "../../../shared/node-pools/policy.ts";
import { ENOUGH_MINUTES } from "../history/history.ts";
import { type ClusterHistory, minutesIn, type NodeMinute, type NodeSize } from "./history.ts";
import type { FoundPool } from "./pool.ts";
import { DRAIN_MINUTES, JOIN_MINUTES } from "./pool-model.ts";

/** Requests of so much of the nodes' capacity leave no room for a pod of any size: more may have waited. */
const FULL_PERCENT = 95;

/** What Container Insights does not have, whatever the history. */
export const UNKNOWN = [
  "Container Insights has sums of requests, not pods. What each pod requests, where it may go (selectors, affinity, taints, topology, volumes) and what must not be evicted are not in it: here every pod fits wherever there is room for its request, so the nodes are a lower bound.",
  "Pods that waited for a node are not in it either: what they requested counts from when they ran.",
  "DaemonSets run on each node and are in the requests: fewer nodes would have fewer of them, so the nodes are an upper bound in that respect.",
  `A node is taken to join within ${JOIN_MINUTES} minutes and to be drained within ${DRAIN_MINUTES}, and all nodes to be alike.`,
] as const;

/** What limits the numbers of one backtest. */
export function warningsOf(
  history: ClusterHistory,
  minutes: readonly NodeMinute[],
  size: NodeSize,
  found: FoundPool,
): string[] {
  const policy = found.changed ?? found.deployed;
  return [...UNKNOWN, ...ofPool(found, policy, size), ...ofHistory(history, minutes)];
}

function ofPool({ others, deployed }: FoundPool, policy: NodePool, size: NodeSize): string[] {
  const { headroom, nodeShape } = policy;
  const inResources = headroom !== undefined && !("count" in headroom || "percent" in headroom);
  return [
    ...(others.length > 0
      ? [`The history is of the whole cluster: the nodes and requests of ${others.join(", ")} are in it too.`]
      : []),
    ...(policy.containerInsights !== undefined
      ? [
          "A pool that is known by its metrics only grows: without the cluster's API none of its nodes can be drained.",
        ]
      : []),
    ...(inResources && !size.isKnown
      ? [
          "The history has no node_cpu_limit and node_memory_limit: how many nodes the headroom is worth is not known, and here it is too large or too small.",
        ]
      : []),
    ...(nodeShape === undefined
      ? ["How many pods a node takes is not in it (nodeShape.pods says it): pods are not counted."]
      : []),
    ...(deployed.mode === "observe" ? ["The pool is in mode observe: this is what mode act would do."] : []),
  ];
}

function ofHistory(history: ClusterHistory, minutes: readonly NodeMinute[]): string[] {
  const missing = minutes.length - history.recorded.length;
  const full = minutes.filter(
    (minute) => Math.max(minute.cpuReserved, minute.memoryReserved) >= FULL_PERCENT,
  );
  const failed = minutes.filter(({ failedNodes = 0 }) => failedNodes > 0);
  const peak = minutes.reduce((most, { pods = 0 }) => Math.max(most, pods), 0);
  const days = minutesIn(history);
  return [
    ...(full.length > 0
      ? [
          `In ${full.length} minutes ${FULL_PERCENT} % or more of the nodes' capacity was requested: pods may have waited, and then more was needed than the history says.`,
        ]
      : []),
    ...(failed.length > 0 ? [`In ${failed.length} minutes nodes had failed; they count as nodes here.`] : []),
    ...(missing > 0
      ? [`${missing} minutes have no datapoint: they are taken to be like the last before them.`]
      : []),
    ...(days < ENOUGH_MINUTES
      ? [`The history has ${days} minutes, less than a day: a month is not like them.`]
      : []),
    ...(peak > 0 ? [`Up to ${Math.round(peak)} pods ran at once.`] : []),
  ];
}
