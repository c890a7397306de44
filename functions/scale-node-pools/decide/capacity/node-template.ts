import type { Taint } from "../../../../shared/kubernetes/node.ts";
import { add, type Resources } from "../../../../shared/kubernetes/resources.ts";
import type { NodePool } from "../../../../shared/node-pools/policy.ts";
import type {
  Cluster,
  ClusterNode,
  Group,
  Labels,
  NodeShape,
  PodRequirements,
  PoolStatus,
} from "../../model/cluster.ts";
import { createBin } from "../packing/bin.ts";
import { passesAll, STATIC_FILTERS } from "../packing/filters.ts";
import type { Member } from "../pool/members.ts";

/** What the next node of a group would be. */
export interface NodeTemplate {
  readonly labels: Labels;
  readonly taints: readonly Taint[];
  readonly allocatable: Resources;
  /** What the cluster's DaemonSets request on it. */
  readonly daemonSetRequests: Resources;
  /** Capacity units. */
  readonly units: number;
  readonly from: "a node of the group" | "a node of the pool" | "the pool's last node" | "the config";
}

/** The third is set by the EBS CSI driver, whose volumes require it. */
const ZONE_LABELS = [
  "topology.kubernetes.io/zone",
  "failure-domain.beta.kubernetes.io/zone",
  "topology.ebs.csi.aws.com/zone",
];
const HOSTNAME_LABEL = "kubernetes.io/hostname";

/** Labels that no two nodes, or no two zones, have the same. */
const OWN_LABELS = [...ZONE_LABELS, HOSTNAME_LABEL, "topology.k8s.aws/zone-id"];

/** Transient taints: Kubernetes sets them by a node's state, we by our plans. */
const TRANSIENT_TAINT = /^(node\.kubernetes\.io|node\.cloudprovider\.kubernetes\.io|reflex)\//;

export const isTransientTaint = ({ key }: Taint): boolean => TRANSIENT_TAINT.test(key);

/**
 * The next node of `group`, from the newest node of the group, else of another group of the pool, else from
 * the config, else from the recorded shape of the pool's last node; undefined when none of these is there.
 */
export function templateOf(
  group: Group,
  { policy, status }: { readonly policy: NodePool; readonly status: PoolStatus },
  members: readonly Member[],
  daemonSets: readonly PodRequirements[],
): NodeTemplate | undefined {
  const known = shapeOf(group, policy, status, members);
  if (!known) return undefined;
  const { shape, from } = known;
  const { allocatable, units } = shape;
  const labels = { ...shape.labels, ...policy.labels, ...group.nodeLabels };
  const taints = [...shape.taints, ...[...policy.taints, ...group.nodeTaints].filter(isNewTo(shape.taints))];
  const bare = createBin({ name: "", labels, taints, group: group.name, allocatable }, "open");
  const daemonSetRequests = daemonSets
    .filter((daemonSet) => passesAll(STATIC_FILTERS, daemonSet, bare))
    .reduce((sum, { requests }) => add(sum, requests), { milliCpu: 0, memory: 0, pods: 0 });
  return { labels, taints, allocatable, daemonSetRequests, units, from };
}

function shapeOf(
  group: Group,
  policy: NodePool,
  status: PoolStatus,
  members: readonly Member[],
): { shape: NodeShape; from: NodeTemplate["from"] } | undefined {
  const own = newest(members.filter((member) => member.group === group));
  if (own) return { shape: own, from: "a node of the group" };
  const sibling = newest(members);
  if (sibling) return { shape: sibling, from: "a node of the pool" };
  const { labels = {}, taints = [] } = status.shape ?? {};
  if (policy.nodeShape) return { shape: { ...policy.nodeShape, labels, taints }, from: "the config" };
  return status.shape && { shape: status.shape, from: "the pool's last node" };
}

/** The shape of the newest node that has ever been ready. */
function newest(members: readonly Member[]): NodeShape | undefined {
  let found: { node: ClusterNode; units: number } | undefined;
  for (const { node, instance } of members) {
    if (node?.ready && (!found || node.createdAt > found.node.createdAt))
      found = { node, units: instance.units };
  }
  if (!found) return undefined;
  const { allocatable, labels, taints } = found.node;
  const common = Object.entries(labels).filter(([key]) => !OWN_LABELS.includes(key));
  return {
    allocatable,
    labels: Object.fromEntries(common),
    taints: taints.filter((taint) => !isTransientTaint(taint)),
    units: found.units,
  };
}

const isNewTo = (known: readonly Taint[]) => (taint: Taint) =>
  !known.some(({ key, effect }) => key === taint.key && effect === taint.effect);

/** The template's labels as a node called `name` in `zone` has them; no zone where it is not known. */
export const labelsIn = ({ labels }: NodeTemplate, name: string, zone: string): Labels => ({
  ...labels,
  [HOSTNAME_LABEL]: name,
  ...(zone !== "" && Object.fromEntries(ZONE_LABELS.map((key) => [key, zone]))),
});

/** The requirements of one pod of each DaemonSet of the cluster. */
export function daemonSetsOf({ pods }: Pick<Cluster, "pods">): PodRequirements[] {
  const requirements = new Map<string, PodRequirements>();
  for (const { daemonSet, shape } of pods)
    if (daemonSet !== undefined) requirements.set(daemonSet, shape.requirements);
  return [...requirements.values()];
}

/** What to record of the pool's nodes for the time when it has none. */
export const shapeToRecord = (members: readonly Member[]): NodeShape | undefined => newest(members);
