import type { Resources } from "../../../../shared/kubernetes/resources.ts";
import type { ClusterNode, Pod } from "../../model/cluster.ts";
import type { PodsByNode } from "../snapshot/cluster-snapshot.ts";
import type { Member } from "./members.ts";
import { capacityOf, type PoolState } from "./pool-state.ts";
import { add, NOTHING, type Totals } from "./totals.ts";

/**
 * What a node offers to pods that can run elsewhere: allocatable without what its DaemonSets and mirror pods take.
 */
export function offerOfNode(node: ClusterNode, pods: PodsByNode): Resources {
  const { allocatable } = node;
  let { milliCpu, memory, pods: places } = allocatable;
  for (const { role, shape } of pods.get(node.name) ?? []) {
    if (role !== "daemon") continue;
    milliCpu -= shape.needs.requests.milliCpu;
    memory -= shape.needs.requests.memory;
    places -= shape.needs.requests.pods;
  }
  return { milliCpu, memory, pods: places };
}

/** Whether a pod asks for a place somewhere in the cluster, now and after any drain. */
export const isLoad = ({ role, terminating }: Pod): boolean => role !== "daemon" && !terminating;

/**
 * What the pool's pods ask for, wherever in the pool they are: also on nodes that are being emptied or are not
 * ready, whose pods come back. Nodes that somebody else has cordoned are left out with their pods.
 */
export function loadOf(members: readonly Member[], pods: PodsByNode): Totals {
  let load = NOTHING;
  for (const { node, status } of members) {
    if (!node || status === "cordoned") continue;
    for (const pod of pods.get(node.name) ?? []) if (isLoad(pod)) load = add(load, pod.shape.needs.requests);
  }
  return load;
}

export const sumOf = (offers: readonly Resources[]): Totals => offers.reduce(add, NOTHING);

/** What the nodes that take pods, or soon will, offer. */
export function offersOf({ groups, members }: PoolState, pods: PodsByNode): Resources[] {
  const present = members.flatMap(({ node, status }) =>
    node && (status === "schedulable" || status === "joining") ? [offerOfNode(node, pods)] : [],
  );
  const coming = groups.flatMap(({ members, ordered, template, backoff }) => {
    if (!template) return [];
    const launched = members.filter(({ node, status }) => !node && status === "joining").length;
    return Array.from({ length: launched + (backoff === undefined ? ordered : 0) }, () =>
      capacityOf(template),
    );
  });
  return [...present, ...coming];
}
