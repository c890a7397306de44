import type { Groups } from "../autoscaling/groups.ts";
import type { SandboxClock } from "../clock/clock.ts";
import { ApiError } from "../kubernetes/api-server/api-error.ts";
import type { Cluster } from "../kubernetes/cluster.ts";
import { evict } from "../kubernetes/eviction.ts";
import { controllerOf, textAt } from "../kubernetes/object.ts";
import { type NodeGroups, TERMINATE_HOOK } from "./node-groups.ts";

/** EKS looks at the nodes it drains so often. */
const LOOK_MS = 10_000;
/** EKS gives up a drain after a quarter of an hour, and lets the instance go. */
const LONGEST_DRAIN_MS = 15 * 60_000;

/** EKS drains the nodes of managed node groups itself, held by its own lifecycle hook. Returns a function that ends it. */
export function drainManagedNodes(
  clock: SandboxClock,
  groups: Groups,
  nodeGroups: NodeGroups,
  clusterNamed: (name: string) => Cluster | undefined,
): () => void {
  return clock.every(LOOK_MS, () => {
    for (const { cluster: name, group } of nodeGroups.all()) {
      const cluster = clusterNamed(name);
      for (const { machine, held } of group.members.values()) {
        if (!cluster || held?.hook.name !== TERMINATE_HOOK) continue;
        const isOver = clock.now() - held.since >= LONGEST_DRAIN_MS;
        if (!isOver && !drainOnce(cluster, machine.privateDnsName)) continue;
        groups.complete(group.name, TERMINATE_HOOK, { token: held.token }, "CONTINUE");
      }
    }
  });
}

/** Cordons the node and evicts what may go; true when nothing is left but DaemonSets' pods. */
function drainOnce(cluster: Cluster, name: string): boolean {
  const { store } = cluster.state;
  const node = store.find("nodes", "", name);
  if (!node) return true;
  store.replace("nodes", { ...node, spec: { ...node.spec, unschedulable: true } });
  const left = store
    .list("pods")
    .filter(
      (pod) =>
        textAt(pod, "spec.nodeName") === name &&
        controllerOf(pod)?.kind !== "DaemonSet" &&
        !["Succeeded", "Failed"].includes(textAt(pod, "status.phase")),
    );
  for (const pod of left.filter(({ metadata }) => metadata.deletionTimestamp === undefined)) {
    try {
      evict(cluster.state, pod, {}, "eks:node-manager");
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
    }
  }
  cluster.settle();
  return left.length === 0;
}
