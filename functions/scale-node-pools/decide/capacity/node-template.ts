import type { Taint } from "../../../../shared/kubernetes/node.ts";
import type { Resources } from "../../../../shared/kubernetes/resources.ts";
import type { NodePool } from "../../../../shared/node-pools/policy.ts";
import type { ClusterNode, DaemonSet, Group, Labels } from "../../model/cluster.ts";
import type { NodeShape, PoolStatus } from "../../model/pool-status.ts";
import { createBin } from "../packing/bin.ts";
import type { Member } from "../pool/members.ts";
import { isTransientTaint, type Startup } from "../pool/startup.ts";
import { daemonSetRequestsOn } from "./daemon-pods.ts";
import { shapeOfTypes, smallestOf, smallestType } from "./launch-shape.ts";
import { taggedAllocatable, templateTags } from "./template-tags.ts";

/** What the next node of a group would be. */
export interface NodeTemplate extends NodeShape {
  /** The cluster's DaemonSets; not all of them need run a pod on it. */
  readonly daemonSets: readonly DaemonSet[];
  /** What the pods of those that do request together, in the zone where that is most. */
  readonly daemonSetRequests: Resources;
}

/** The third is set by the EBS CSI driver, whose volumes require it. */
const ZONE_LABELS = [
  "topology.kubernetes.io/zone",
  "failure-domain.beta.kubernetes.io/zone",
  "topology.ebs.csi.aws.com/zone",
];
const REGION_LABELS = ["topology.kubernetes.io/region", "failure-domain.beta.kubernetes.io/region"];
const HOSTNAME_LABEL = "kubernetes.io/hostname";

/** Labels that no two nodes, or no two zones, have the same. */
const OWN_LABELS = [...ZONE_LABELS, HOSTNAME_LABEL, "topology.k8s.aws/zone-id"];

/**
 * The next node of `group`, from the newest node of the group, else of another group of the pool, else from
 * the config, the group's tags, the recorded shape of the pool's last node, its instance types; undefined when none of
 * these is there.
 */
export function templateOf(
  group: Group,
  { policy, status }: { readonly policy: NodePool; readonly status: PoolStatus },
  members: readonly Member[],
  startup: Startup,
  daemonSets: readonly DaemonSet[],
): NodeTemplate | undefined {
  const shape = shapeOf(group, policy, status, members, startup);
  if (!shape) return undefined;
  const labels = { ...shape.labels, ...policy.labels, ...group.nodeLabels };
  const declared = [...policy.taints, ...group.nodeTaints].filter((taint) => startup.isLasting(taint));
  const taints = firstOfEach([...shape.taints, ...declared]);
  const zones = group.zones.length > 0 ? group.zones : [""];
  const empty = zones.map((zone) =>
    createBin({
      ...shape,
      name: group.name,
      labels: labelsIn({ labels }, group.name, zone),
      taints,
      group: group.name,
    }),
  );
  return {
    ...shape,
    labels,
    taints,
    daemonSets,
    daemonSetRequests: daemonSetRequestsOn(empty, daemonSets),
  };
}

function shapeOf(
  group: Group,
  policy: NodePool,
  status: PoolStatus,
  members: readonly Member[],
  startup: Startup,
): NodeShape | undefined {
  const own = members.filter((member) => member.group === group);
  const ofNode = newestShape(own, startup) ?? newestShape(members, startup);
  if (ofNode) return withSmallestType(ofNode, group);
  const ofEmpty = shapeOfEmptyPool(group, policy, status, startup);
  if (ofEmpty) return ofEmpty;
  // None is ready: the kubelet of one has died, but its node still says what it had.
  const lost = newest(withNode(members).filter(({ node }) => !startup.isYoung(node)));
  return lost && withSmallestType(shapeOfNode(lost, startup), group);
}

const TYPE_LABELS = ["node.kubernetes.io/instance-type", "beta.kubernetes.io/instance-type"];

/**
 * Of a group with several instance types AWS chooses the next one: it may be the smallest, whatever the last node was.
 * That one may have more for its pods than the types say, and is believed where it is of the smallest type.
 */
function withSmallestType(shape: NodeShape, { launchTypes = [], launches }: Group): NodeShape {
  const types = shapeOfTypes(launchTypes, launches?.units ?? 1);
  if (!types || launchTypes.length < 2) return shape;
  const isSmallest = TYPE_LABELS.some((key) => shape.labels[key] === smallestType(launchTypes)?.name);
  // The types name GPUs only, not of what other device plugins add.
  const named = new Set(launchTypes.flatMap(({ extended }) => Object.keys(extended)));
  const added = Object.entries(shape.allocatable.extended ?? {}).filter(([name]) => !named.has(name));
  const extended = { ...Object.fromEntries(added), ...types.allocatable.extended };
  const labels = Object.entries(shape.labels).filter(([key]) => !TYPE_LABELS.includes(key));
  return {
    ...shape,
    allocatable: isSmallest
      ? shape.allocatable
      : { ...smallestOf(shape.allocatable, types.allocatable), extended },
    labels: Object.fromEntries(labels),
    units: types.units,
  };
}

/** What is configured, tagged, recorded, or known of the instance types, in this order. */
function shapeOfEmptyPool(
  group: Group,
  policy: NodePool,
  status: PoolStatus,
  startup: Startup,
): NodeShape | undefined {
  const { tags, launches, launchTypes = [], nodeTaints } = group;
  const { nodeShape } = policy;
  const tagged = templateTags(tags);
  const shape = status.shape
    ? withSmallestType(status.shape, group)
    : shapeOfTypes(launchTypes, launches?.units ?? 1);
  const allocatable = nodeShape?.allocatable ?? taggedAllocatable(shape?.allocatable, tagged);
  if (!allocatable) return undefined;
  const declared = [...policy.taints, ...nodeTaints, ...tagged.taints].filter((taint) =>
    startup.isLasting(taint),
  );
  return {
    allocatable,
    volumeLimits: shape?.volumeLimits,
    labels: { ...shape?.labels, ...tagged.labels },
    taints: firstOfEach([...declared, ...(shape?.taints ?? [])]),
    units: nodeShape?.units ?? shape?.units ?? 1,
  };
}

/** The shape of the newest node that is ready; one that is still starting only where there is no other. */
export function newestShape(members: readonly Member[], startup: Startup): NodeShape | undefined {
  const ready = withNode(members).filter(({ node }) => node.ready);
  const found = newest(ready.filter(({ status }) => status !== "joining")) ?? newest(ready);
  return found && shapeOfNode(found, startup);
}

type MemberWithNode = Member & { readonly node: ClusterNode };

const withNode = (members: readonly Member[]): MemberWithNode[] =>
  members.flatMap((member) => (member.node ? [{ ...member, node: member.node }] : []));

const newest = (members: readonly MemberWithNode[]): MemberWithNode | undefined =>
  members.toSorted((a, b) => b.node.createdAt - a.node.createdAt)[0];

function shapeOfNode({ node, group, instance: { units } }: MemberWithNode, startup: Startup): NodeShape {
  const { volumeLimits, labels, taints } = node;
  const common = Object.entries(labels).filter(([key]) => !OWN_LABELS.includes(key));
  return {
    allocatable: startup.withDevices(node, group.name),
    ...(volumeLimits && { volumeLimits }),
    labels: Object.fromEntries(common),
    taints: taints.filter(
      (taint) =>
        !isTransientTaint(taint) &&
        !startup.isStartupTaint(taint) &&
        (!startup.isYoung(node) || startup.isLasting(taint)),
    ),
    units,
  };
}

/** A node has one taint of each key and effect: the first of these. */
const firstOfEach = (taints: readonly Taint[]): Taint[] =>
  taints.filter(
    (taint, at) => taints.findIndex(({ key, effect }) => key === taint.key && effect === taint.effect) === at,
  );

/** The labels of a kind of node as one called `name` in `zone` has them; no zone or region where it is not known. */
export const labelsIn = ({ labels }: Pick<NodeTemplate, "labels">, name: string, zone: string): Labels => {
  // A Local Zone's name begins with its region's, too.
  const [region] = /^[a-z]{2}(-[a-z]+)+-\d+/.exec(zone) ?? [];
  return {
    ...(region !== undefined && Object.fromEntries(REGION_LABELS.map((key) => [key, region]))),
    ...labels,
    [HOSTNAME_LABEL]: name,
    ...(zone !== "" && Object.fromEntries(ZONE_LABELS.map((key) => [key, zone]))),
  };
};
