import { type Resources, subtract } from "../../../../shared/kubernetes/resources.ts";
import type { ClusterNode, PodsByNode } from "../../model/cluster.ts";
import type { PoolState } from "../pool/pool-state.ts";
import type { NodeTemplate } from "./node-template.ts";
import { add, NOTHING, type Totals } from "./totals.ts";

/** A node's capacity for pods that can run elsewhere: allocatable without its DaemonSet and mirror pods. */
export function capacityOfNode(node: ClusterNode, pods: PodsByNode): Resources {
  const { allocatable } = node;
  let { milliCpu, memory, pods: places } = allocatable;
  for (const { role, shape } of pods.get(node.name) ?? []) {
    if (role !== "daemon") continue;
    milliCpu -= shape.requirements.requests.milliCpu;
    memory -= shape.requirements.requests.memory;
    places -= shape.requirements.requests.pods;
  }
  return { milliCpu, memory, pods: places };
}

/** A new node's capacity beside its DaemonSets. */
export const capacityOfTemplate = ({ allocatable, daemonSetRequests }: NodeTemplate): Resources =>
  subtract(allocatable, daemonSetRequests);

export const totalOf = (capacities: readonly Resources[]): Totals => capacities.reduce(add, NOTHING);

/** The capacity of each node that takes pods, or soon will. */
export function nodeCapacities({ groups, members }: PoolState, pods: PodsByNode): Resources[] {
  const present = members.flatMap(({ node, status }) =>
    node && (status === "schedulable" || status === "joining") ? [capacityOfNode(node, pods)] : [],
  );
  const upcoming = groups.flatMap(({ members, unlaunched, template, backoff }) => {
    if (!template) return [];
    const launched = members.filter(({ node, status }) => !node && status === "joining").length;
    const nodes = launched + (backoff === undefined ? unlaunched : 0);
    return Array.from({ length: nodes }, () => capacityOfTemplate(template));
  });
  return [...present, ...upcoming];
}
