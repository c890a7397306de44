import type { Taint } from "../../../../shared/kubernetes/node.ts";
import { add, type Resources } from "../../../../shared/kubernetes/resources.ts";
import type { NodePool } from "../../../../shared/node-pools/policy.ts";
import type {
  Cluster,
  ClusterNode,
  Group,
  Labels,
  NodeShape,
  PodNeeds,
  PoolStatus,
} from "../../model/cluster.ts";
import { createBin } from "../packing/bin.ts";
import { holdAll, STATIC_RULES } from "../packing/filters.ts";
import type { Member } from "./members.ts";

/** What the next node of a group would be. */
export interface Template {
  readonly labels: Labels;
  readonly taints: readonly Taint[];
  readonly allocatable: Resources;
  /** What the cluster's DaemonSets take of it. */
  readonly daemons: Resources;
  /** Capacity units. */
  readonly units: number;
  readonly from: "a node of the group" | "a node of the pool" | "the pool's last node" | "the config";
}

/** The third is set by the EBS CSI driver, whose volumes ask for it. */
const ZONE_LABELS = [
  "topology.kubernetes.io/zone",
  "failure-domain.beta.kubernetes.io/zone",
  "topology.ebs.csi.aws.com/zone",
];
const HOSTNAME_LABEL = "kubernetes.io/hostname";

/** Labels that no two nodes, or no two zones, have the same. */
const OWN_LABELS = [...ZONE_LABELS, HOSTNAME_LABEL, "topology.k8s.aws/zone-id"];

/** Taints of a moment: Kubernetes sets them by a node's state, or we and other scalers by their plans. */
const PASSING_TAINT = /^(node\.kubernetes\.io|node\.cloudprovider\.kubernetes\.io|reflex)\//;

export const isTransientTaint = ({ key }: Taint): boolean => PASSING_TAINT.test(key);

/**
 * The next node of `group`, from the newest node of the group, else of another group of the pool, else from
 * the config, else from what was kept of the pool's last node; undefined when none of these is there.
 */
export function templateOf(
  group: Group,
  { policy, memory }: { readonly policy: NodePool; readonly memory: PoolStatus },
  members: readonly Member[],
  daemonSets: readonly PodNeeds[],
): Template | undefined {
  const known = shapeOf(group, policy, memory, members);
  if (!known) return undefined;
  const { shape, from } = known;
  const { allocatable, units } = shape;
  const labels = { ...shape.labels, ...policy.labels, ...group.nodeLabels };
  const taints = [...shape.taints, ...[...policy.taints, ...group.nodeTaints].filter(isNewTo(shape.taints))];
  const bare = createBin({ name: "", labels, taints, group: group.name, allocatable }, "open");
  const daemons = daemonSets
    .filter((daemonSet) => holdAll(STATIC_RULES, daemonSet, bare))
    .reduce((sum, { requests }) => add(sum, requests), { milliCpu: 0, memory: 0, pods: 0 });
  return { labels, taints, allocatable, daemons, units, from };
}

function shapeOf(
  group: Group,
  policy: NodePool,
  memory: PoolStatus,
  members: readonly Member[],
): { shape: NodeShape; from: Template["from"] } | undefined {
  const own = newest(members.filter((member) => member.group === group));
  if (own) return { shape: own, from: "a node of the group" };
  const sibling = newest(members);
  if (sibling) return { shape: sibling, from: "a node of the pool" };
  const { labels = {}, taints = [] } = memory.shape ?? {};
  if (policy.nodeShape) return { shape: { ...policy.nodeShape, labels, taints }, from: "the config" };
  return memory.shape && { shape: memory.shape, from: "the pool's last node" };
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
  const lasting = Object.entries(labels).filter(([key]) => !OWN_LABELS.includes(key));
  return {
    allocatable,
    labels: Object.fromEntries(lasting),
    taints: taints.filter((taint) => !isTransientTaint(taint)),
    units: found.units,
  };
}

const isNewTo = (known: readonly Taint[]) => (taint: Taint) =>
  !known.some(({ key, effect }) => key === taint.key && effect === taint.effect);

/** The template's labels as a node called `name` in `zone` has them; no zone where it is not known. */
export const labelsIn = ({ labels }: Template, name: string, zone: string): Labels => ({
  ...labels,
  [HOSTNAME_LABEL]: name,
  ...(zone !== "" && Object.fromEntries(ZONE_LABELS.map((key) => [key, zone]))),
});

/** The needs of one pod of each DaemonSet of the cluster. */
export function daemonSetsOf({ pods }: Pick<Cluster, "pods">): PodNeeds[] {
  const needs = new Map<string, PodNeeds>();
  for (const { daemonSet, shape } of pods) if (daemonSet !== undefined) needs.set(daemonSet, shape.needs);
  return [...needs.values()];
}

/** What to keep of the pool's nodes for the time when it has none. */
export const shapeToKeep = (members: readonly Member[]): NodeShape | undefined => newest(members);
