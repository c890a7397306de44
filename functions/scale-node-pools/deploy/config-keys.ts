import type { KeyTable } from "../../../shared/automation/key-table.ts";

/** What each key of the section means. The README's tables and the JSON Schema are made from it. */
export const configKeys: readonly KeyTable[] = [
  {
    marker: "policy",
    at: "*",
    keys: {
      mode: {
        default: "the file's `mode`",
        meaning:
          "`ask`: a person approves each change first ([how](../../docs/approvals.md)); `observe`: decide and notify, change nothing. Or one for each direction: `{ scaleOut: act, scaleIn: ask }`; what is no scale-out follows `scaleIn`",
      },
      askFor: { meaning: "with `ask`: how long a person has to answer; after that nothing is changed" },
      autoScalingGroups: { meaning: "names; each group has zones of its own" },
      managedNodeGroup: { meaning: "`{ cluster, name }`" },
      spotFleet: { meaning: "the request's ID; needs `max`" },
      cluster: { meaning: "the EKS cluster whose pods it runs; a managed node group names its own" },
      containerInsights: {
        meaning: "instead of `cluster`: the `ClusterName` of Container Insights. The pool then only grows",
      },
      min: { default: "the groups'", meaning: "fewest nodes" },
      max: { default: "the groups'", meaning: "most nodes" },
      nodeShape: {
        meaning:
          "`{ cpu, memory, pods, extended?, units? }` of one node's `allocatable`. Needed only where nothing else shows it: not a node of the pool, past or present, nor its groups' tags, nor the instance types of its launch template or managed node group",
      },
      labels: { meaning: "labels of its nodes, as far as an empty pool cannot show them" },
      taints: { meaning: "taints of its nodes, likewise" },
      startupTaints: {
        meaning:
          "keys of taints that its nodes start with and that a controller removes. Those of Kubernetes, of the cloud provider and those that end in `/agent-not-ready` or `/not-ready` (Cilium, EBS CSI, Istio, …) are known",
      },
      priority: {
        meaning: "of two pools that could take a pod, the one with the higher priority gets the node",
      },
      pricePerHour: {
        meaning:
          "of one node, all pools in one currency (US dollars where a Spot pool has none: AWS's price is taken): of two pools with the same priority and waste, the cheaper one gets the node, and one with a price before one without",
      },
      headroom: {
        meaning:
          'capacity kept free for the next pods: nodes (`2`), a share of them (`"10%"`), or `{ cpu, memory }`',
      },
      targetUtilisation: { meaning: "percent of the nodes' capacity that requests may use" },
      removeSlowlyBelow: { meaning: "percent: below it one node goes at a time" },
      removeFastBelow: { meaning: "percent: below it as many go at once as the disruption budget allows" },
      scaleInAfter: { meaning: "how long it has to be below `removeSlowlyBelow` first" },
      scaleInDelay: { meaning: "how long after a scale-out no node goes" },
      maxNotReady: { default: "`20%`", meaning: "while more nodes than that are not ready, none goes" },
      maxChange: {
        meaning:
          "percent of the pool's max (or its size, if larger): a larger change at once is refused and notified",
      },
      disruptionBudgets: {
        default: '`[{ nodes: "10%" }]`',
        meaning:
          "how many nodes may be unavailable at once; `{ nodes, during? }`, the strictest that holds now",
      },
      windows: {
        meaning: "`{ during, min?, max?, desired? }`; the first that is open goes before `min` and `max`",
      },
      joinWithin: { meaning: "an instance that is no ready node by then is not expected any more" },
      terminateUnjoinedAfter: {
        meaning: "times `joinWithin`: an instance that is no node by then is terminated; `0`: never",
      },
      repairNotReadyAfter: {
        meaning: "a node that is not ready for so long is drained and terminated; `0s`: never",
      },
      launchBackoff: {
        meaning:
          "how long a group stays in back-off after a failed launch; it doubles with each failure in a row, up to 4 hours",
      },
      drain: { default: "see drain-nodes", meaning: "how its nodes are drained" },
    },
  },
];
