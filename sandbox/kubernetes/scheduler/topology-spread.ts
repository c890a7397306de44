import { selects } from "../../../shared/kubernetes/scheduling/selector.ts";
import type { Filter } from "./filter.ts";
import { matchesNode } from "./node-filters.ts";
import type { PodView, SpreadConstraint } from "./pod-view.ts";
import type { NodeView, Snapshot } from "./snapshot.ts";
import { untolerated } from "./taints.ts";

/** `PodTopologySpread` with `DoNotSchedule`. */
export const podTopologySpread: Filter = (pod, node, snapshot) => {
  for (const constraint of pod.spread) {
    const domain = node.labels[constraint.topologyKey];
    if (domain === undefined)
      return "node(s) didn't match pod topology spread constraints (missing required label)";
    const counts = countByDomain(constraint, pod, node, snapshot);
    const fewest = counts.size < constraint.minDomains ? 0 : Math.min(...counts.values());
    const own = selects(constraint.selector, pod.labels) ? 1 : 0;
    if ((counts.get(domain) ?? 0) + own - fewest > constraint.maxSkew)
      return "node(s) didn't match pod topology spread constraints";
  }
  return undefined;
};

/** The pods the constraint counts, by domain, in the domains that are open to the pod. */
function countByDomain(
  constraint: SpreadConstraint,
  pod: PodView,
  node: NodeView,
  { nodes }: Snapshot,
): Map<string, number> {
  const counts = new Map<string, number>();
  for (const other of nodes.values()) {
    const here = other.name === node.name ? node : other;
    if (!isCounted(constraint, pod, here)) continue;
    const domain = here.labels[constraint.topologyKey] ?? "";
    const matching = here.pods.filter(
      ({ namespace, labels, isTerminating }) =>
        namespace === pod.namespace && !isTerminating && selects(constraint.selector, labels),
    );
    counts.set(domain, (counts.get(domain) ?? 0) + matching.length);
  }
  return counts;
}

/** Whether the node's domain counts: it has the labels, and the policies leave it in. */
const isCounted = (
  { honorsAffinity, honorsTaints }: SpreadConstraint,
  pod: PodView,
  node: NodeView,
): boolean =>
  pod.spread.every(({ topologyKey }) => node.labels[topologyKey] !== undefined) &&
  (!honorsAffinity || matchesNode(pod, node)) &&
  (!honorsTaints || !untolerated(pod.tolerations, node.taints, ["NoSchedule", "NoExecute"]));
