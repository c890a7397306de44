import { sweepAlarm } from "../../../shared/monitoring/function-alarms.ts";
import { reflexMetric } from "../../../shared/monitoring/metric.ts";
import type { Monitoring, StageInfo } from "../../../shared/monitoring/monitoring.ts";
import { type Objective, objectiveAlarm } from "../../../shared/monitoring/objective.ts";
import { COLOURS, type Graph } from "../../../shared/monitoring/section.ts";
import type { NodePools } from "../../../shared/node-pools/policy.ts";

const NAME = "scale-node-pools";

export function monitoring(pools: NodePools, info: StageInfo): Monitoring {
  return {
    alarms: [sweepAlarm(NAME, info), ...Object.keys(pools).map((pool) => objectiveAlarm(podsPending(pool)))],
    section: {
      title: "Node pools",
      resources: Object.entries(pools).map(([name, { targetUtilisation }]) => ({
        name,
        graphs: [size(name), pressure(name, targetUtilisation)],
      })),
    },
  };
}

/** Pods that no group of the pool has room for, or for which AWS has no capacity: nodes that are on their way are none. */
const podsPending = (pool: string): Objective => ({
  name: `pods-${pool}`,
  title: "Pods without a node",
  description: `Pods of ${pool} go without a node, and none is on its way, too often.`,
  target: 0.995,
  metrics: { unplaced: reflexMetric(NAME, "UnplacedPods", "Maximum", { NodePool: pool }) },
  isBad: "FILL(unplaced, 0)",
  nestedIn: { name: "PodAlarms", count: 1 },
});

function size(pool: string): Graph {
  const ofPool = { NodePool: pool };
  return {
    title: `${pool}: nodes`,
    left: { label: "nodes", min: 0 },
    right: { label: "s", min: 0 },
    lines: [
      { metric: reflexMetric(NAME, "Nodes", "Maximum", ofPool), label: "nodes", color: COLOURS.capacity },
      { metric: reflexMetric(NAME, "NodesNeeded", "Maximum", ofPool), label: "needed" },
      {
        metric: reflexMetric(NAME, "NodesNotReady", "Maximum", ofPool),
        label: "not ready",
        color: COLOURS.bad,
      },
      {
        metric: reflexMetric("drain-nodes", "DrainAge", "Maximum", ofPool),
        label: "oldest drain",
        axis: "right",
        color: COLOURS.change,
      },
    ],
  };
}

function pressure(pool: string, target: number): Graph {
  const ofPool = { NodePool: pool };
  return {
    title: `${pool}: what its pods ask for`,
    left: { label: "pods", min: 0 },
    right: { label: "%", min: 0 },
    levels: [{ label: "target", value: target, axis: "right" }],
    lines: [
      { metric: reflexMetric(NAME, "PendingPods", "Maximum", ofPool), label: "pending" },
      {
        metric: reflexMetric(NAME, "UnplacedPods", "Maximum", ofPool),
        label: "without a node",
        color: COLOURS.bad,
      },
      {
        metric: reflexMetric(NAME, "UnschedulablePods", "Maximum", ofPool),
        label: "fit no pool",
        color: COLOURS.bad,
      },
      { metric: reflexMetric(NAME, "Utilisation", "Maximum", ofPool), label: "utilisation", axis: "right" },
    ],
  };
}
