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
          "`act` changes the pool. `ask` needs a person's approval for each change ([how](../../docs/approvals.md)). `observe` decides and notifies and changes nothing. Or one for each direction: `{ scaleOut: act, scaleIn: ask }`. Whatever is not a scale-out follows `scaleIn`.",
      },
      askFor: {
        meaning: "With `ask`: how long a person has to answer. Without an answer nothing is changed.",
      },
      autoScalingGroups: { meaning: "The names of the groups. Each group has its own zones." },
      managedNodeGroup: { meaning: "The managed node group: `{ cluster, name }`." },
      spotFleet: { meaning: "The ID of the Spot Fleet request. It needs `max`." },
      cluster: { meaning: "The EKS cluster whose pods the pool runs. A managed node group names its own." },
      containerInsights: {
        meaning:
          "Instead of `cluster`: the `ClusterName` of Container Insights. The pool then only scales out.",
      },
      min: { default: "the groups'", meaning: "The fewest nodes." },
      max: { default: "the groups'", meaning: "The most nodes." },
      nodeShape: {
        meaning:
          "The `allocatable` of one node: `{ cpu, memory, pods, extended?, units? }`. Needed only if nothing else shows it: no past or present node of the pool, no tag of its groups, and no instance type of its launch template or managed node group.",
      },
      labels: { meaning: "The labels of its nodes that an empty pool cannot show." },
      taints: { meaning: "The taints of its nodes that an empty pool cannot show." },
      startupTaints: {
        meaning:
          "The keys of taints that its nodes start with and that a controller removes. Reflex knows those of Kubernetes and of the cloud provider, and those that end in `/agent-not-ready` or `/not-ready` (Cilium, EBS CSI, Istio, …).",
      },
      priority: {
        meaning: "If two pools could take a pod, the one with the higher priority gets the node.",
      },
      pricePerHour: {
        meaning:
          "The price of one node, in one currency for all pools. A Spot pool without a price takes AWS's, in US dollars. If two pools have the same priority and waste, the cheaper one gets the node. A pool with a price goes before one without.",
      },
      headroom: {
        meaning:
          'Capacity to keep free for the next pods: nodes (`2`), a share of them (`"10%"`), or `{ cpu, memory }`.',
      },
      targetUtilisation: { meaning: "How many percent of the nodes' capacity the pods' requests may use." },
      removeSlowlyBelow: { meaning: "Below this utilisation, in percent, one node is removed at a time." },
      removeFastBelow: {
        meaning:
          "Below this utilisation, in percent, as many nodes are removed at once as the disruption budget allows.",
      },
      scaleInAfter: { meaning: "How long the utilisation must be below `removeSlowlyBelow` first." },
      scaleInDelay: { meaning: "How long after a scale-out no node is removed." },
      maxNotReady: {
        default: "`20%`",
        meaning: "While more nodes than this are not ready, none is removed.",
      },
      maxChange: {
        meaning:
          "The largest change at once, in percent of the pool's max (or of its size, if larger). A larger one is refused and notified.",
      },
      disruptionBudgets: {
        default: '`[{ nodes: "10%" }]`',
        meaning:
          "How many nodes may be unavailable at once: `{ nodes, during? }`. The strictest one that applies now counts.",
      },
      windows: {
        meaning: "`{ during, min?, max?, desired? }`. The first open window replaces `min` and `max`.",
      },
      joinWithin: {
        meaning:
          "How long an instance may take to become a ready node. After that Reflex no longer counts on it.",
      },
      terminateUnjoinedAfter: {
        meaning:
          "After so many times `joinWithin`, an instance that never became a node is terminated. `0` terminates none.",
      },
      repairNotReadyAfter: {
        meaning: "A node that is not ready for so long is drained and terminated. `0s` terminates none.",
      },
      launchBackoff: {
        meaning:
          "How long a group stays in back-off after a failed launch. The time doubles with each failure in a row, up to 4 hours.",
      },
      drain: { default: "see drain-nodes", meaning: "How its nodes are drained." },
    },
  },
];
