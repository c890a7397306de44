import type { NodePools } from "../../../shared/node-pools/policy.ts";
import { blocked } from "../../../shared/monitoring/blocked.ts";
import { functionAlarms, runsOf, silent } from "../../../shared/monitoring/function-alarms.ts";
import { own } from "../../../shared/monitoring/metric.ts";
import { COLOURS, type Graph } from "../../../shared/monitoring/section.ts";
import type { Place, Watched } from "../../../shared/monitoring/monitored.ts";

const NAME = "scale-node-pools";

export function watch(pools: NodePools, place: Place): Watched {
  return {
    functions: [NAME],
    alarms: [
      ...functionAlarms(NAME, place),
      silent(NAME, runsOf(NAME, place)),
      blocked(NAME, "a node pool stays at a size that does not fit its pods"),
    ],
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
      { metric: own(NAME, "Nodes", "Maximum", ofPool), label: "nodes", color: COLOURS.capacity },
      { metric: own(NAME, "NodesNeeded", "Maximum", ofPool), label: "needed" },
      { metric: own(NAME, "NodesNotReady", "Maximum", ofPool), label: "not ready", color: COLOURS.bad },
      {
        metric: own("drain-nodes", "DrainAge", "Maximum", ofPool),
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
      { metric: own(NAME, "PendingPods", "Maximum", ofPool), label: "pending" },
      { metric: own(NAME, "UnplacedPods", "Maximum", ofPool), label: "without a place", color: COLOURS.bad },
      { metric: own(NAME, "Utilisation", "Maximum", ofPool), label: "utilisation", axis: "right" },
    ],
  };
}
