import { functionAlarms, noInvocationsAlarm, runsOf } from "../../../shared/monitoring/function-alarms.ts";
import { reflexMetric } from "../../../shared/monitoring/metric.ts";
import type { Monitoring, StageInfo } from "../../../shared/monitoring/monitoring.ts";
import { COLOURS, type Graph } from "../../../shared/monitoring/section.ts";
import type { NodePools } from "../../../shared/node-pools/policy.ts";

const NAME = "scale-node-pools";

export function monitoring(pools: NodePools, info: StageInfo): Monitoring {
  return {
    alarms: [...functionAlarms(NAME, info), noInvocationsAlarm(NAME, runsOf(NAME, info))],
    section: {
      title: "Node pools",
      resources: Object.entries(pools).map(([name, { targetUtilisation }]) => ({
        name,
        graphs: [size(name), pressure(name, targetUtilisation)],
      })),
    },
  };
}

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
