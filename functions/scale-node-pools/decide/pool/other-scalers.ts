import type { Cluster, ClusterNode, Group } from "../../model/cluster.ts";
import type { Member } from "./members.ts";

/** Taints that cluster-autoscaler and Karpenter set on nodes that they remove. */
const TAINTS: Readonly<Record<string, string>> = {
  ToBeDeletedByClusterAutoscaler: "cluster-autoscaler",
  DeletionCandidateOfClusterAutoscaler: "cluster-autoscaler",
  "karpenter.sh/disrupted": "Karpenter",
  "karpenter.sh/disruption": "Karpenter",
};

/** Labels of nodes that Karpenter has made; the second is from before its version 0.32. */
const KARPENTER_LABELS = ["karpenter.sh/nodepool", "karpenter.sh/provisioner-name"];

const CLUSTER_AUTOSCALER_TAG = "k8s.io/cluster-autoscaler/";

/**
 * Which other scaler manages this pool, as a sentence; undefined when none does. Two scalers on one group undo each
 * other's work, so such a pool is left alone.
 *
 * EKS tags every managed node group for cluster-autoscaler by itself: there the tags say something only when
 * a cluster-autoscaler runs in the cluster.
 */
export function otherScaler(
  groups: readonly Group[],
  members: readonly Member[],
  cluster: Pick<Cluster, "clusterAutoscaler"> | undefined,
): string | undefined {
  const nodes = members.flatMap(({ node }) => node ?? []);
  return tagged(groups, cluster?.clusterAutoscaler) ?? tainted(nodes) ?? labelled(nodes);
}

/** Labels of nodes that something else in the cluster makes for pending pods: Karpenter, EKS Auto Mode. */
const isOfOtherProvisioner = ({ labels }: ClusterNode): boolean =>
  labels["eks.amazonaws.com/compute-type"] === "auto" ||
  KARPENTER_LABELS.some((key) => labels[key] !== undefined);

/** Whether something else launches nodes for the cluster's pods, of which nothing is known here. */
export const hasOtherProvisioner = ({ nodes, clusterAutoscaler }: Cluster): boolean =>
  clusterAutoscaler !== undefined || nodes.some(isOfOtherProvisioner);

function tagged(groups: readonly Group[], runs: string | undefined): string | undefined {
  for (const { name, kind, tags } of groups) {
    const tag = Object.keys(tags).find(
      (key) =>
        key === `${CLUSTER_AUTOSCALER_TAG}enabled` ||
        (tags[key] === "owned" && key.startsWith(CLUSTER_AUTOSCALER_TAG)),
    );
    if (tag === undefined || tags[tag] === "false") continue;
    if (kind !== "managedNodeGroup") return `cluster-autoscaler manages ${name}: it has the tag ${tag}`;
    if (runs !== undefined)
      return `cluster-autoscaler manages ${name}: it has the tag ${tag}, and the pod ${runs} runs`;
  }
  return undefined;
}

function tainted(nodes: readonly ClusterNode[]): string | undefined {
  for (const { name, taints } of nodes) {
    for (const { key } of taints) {
      const who = TAINTS[key];
      if (who !== undefined) return `${who} manages this pool: node ${name} has its taint ${key}`;
    }
  }
  return undefined;
}

function labelled(nodes: readonly ClusterNode[]): string | undefined {
  for (const { name, labels } of nodes) {
    const label = KARPENTER_LABELS.find((key) => labels[key] !== undefined);
    if (label !== undefined) return `Karpenter manages this pool: node ${name} has its label ${label}`;
  }
  return undefined;
}
