import { allocatableOf } from "../../../sandbox/ec2/instance-types.ts";
import { EBS } from "../../../sandbox/fixtures/seeds.ts";
import { at, type KubeObject } from "../../../sandbox/kubernetes/object.ts";
import { amountsOf } from "../../../sandbox/kubernetes/scheduler/amounts.ts";
import { whyNot } from "../../../sandbox/kubernetes/scheduler/filters.ts";
import { type PodView, podView } from "../../../sandbox/kubernetes/scheduler/pod-view.ts";
import {
  assume,
  type NodeView,
  podViews,
  type Snapshot,
  takeSnapshot,
} from "../../../sandbox/kubernetes/scheduler/snapshot.ts";
import { unboundClaim } from "../../../sandbox/kubernetes/scheduler/volume-filters.ts";
import { isDraining, readDrainMark } from "../../../shared/kubernetes/drain-mark.ts";
import type { World } from "../world.ts";
import type { Outside } from "./live.ts";
import { AT_ONCE } from "./start-loop.ts";

/** The pools of the config with their groups. */
export const poolsIn = (world: World) =>
  Object.entries(world.pools).map(([name, { min = 0, max = 0, autoScalingGroups, managedNodeGroup }]) => {
    const groups = world.autoScaling.groups
      .all()
      .filter((group) =>
        managedNodeGroup
          ? group.tags.get("eks:nodegroup-name") === managedNodeGroup.name
          : autoScalingGroups?.includes(group.name),
      );
    return { name, min, max, groups, size: groups.reduce((sum, { desired }) => sum + desired, 0) };
  });

/** What must hold at the end of every minute. */
export function boundsBroken(world: World): string[] {
  return poolsIn(world).flatMap((pool) => {
    const going = world.nodes().filter((node) => {
      const mark = readDrainMark(node);
      const isVoluntary = mark?.cause === "scale-in" || mark?.cause === "rebalance-recommendation";
      const isGoing = mark?.endedAt === undefined && !mark?.awaitsReplacement;
      // Marks that somebody forged name another instance, and empty nothing.
      const isOurs = mark !== undefined && mark.instanceId === node.machine?.instanceId;
      return isOurs && mark.nodePool === pool.name && isVoluntary && isGoing;
    });
    return [
      ...pool.groups.flatMap(({ name, desired, min, max }) =>
        desired < min || desired > max ? [`desired of ${name} is ${desired}, not ${min} to ${max}`] : [],
      ),
      ...(pool.size > pool.max ? [`${pool.name} has ${pool.size} nodes, at most ${pool.max}`] : []),
      ...(pool.size < pool.min ? [`${pool.name} has ${pool.size} nodes, at least ${pool.min}`] : []),
      ...(going.length > AT_ONCE ? [`${going.length} nodes of ${pool.name} are being drained at once`] : []),
    ];
  });
}

/** What must hold when nothing has happened for long enough. */
export function restBroken(world: World, outside: Outside): string[] {
  const { lostNodes } = outside;
  const endings = world.cluster.endings().filter(({ how }) => how !== "preempted");
  return [
    ...waitingInVain(world).map((pod) => `pod ${pod} waits, and a pool could take it`),
    ...endings
      .filter(({ how }) => how === "deleted")
      .map(({ pod }) => `pod ${pod} was deleted past its budget`),
    ...endings
      .filter(({ how, node }) => how !== "evicted" && !lostNodes.has(node))
      .map(({ pod, how, node }) => `pod ${pod} was ${how} with node ${node}`),
    ...cordoned(world, outside).map((node) => `node ${node} is still cordoned or marked`),
    ...world.failures.map((failure) => `the sandbox failed: ${String(failure)}`),
  ];
}

/** Nodes that are cordoned or marked, and were not lost. */
export const cordoned = (world: World, { lostNodes }: Outside): string[] =>
  world
    .nodes()
    .filter((node) => (node.unschedulable || isDraining(node)) && !lostNodes.has(node.name))
    .map(({ name }) => name);

/** Pods that wait although a pool may still launch a node they fit on; by kube-scheduler's own filters. */
export function waitingInVain(world: World): string[] {
  const { state } = world.cluster;
  const pods = podViews(state);
  const snapshot = takeSnapshot(state, pods);
  const fresh = freshNodes(world, snapshot);
  return pods
    .filter(({ nodeName, isTerminating, gates }) => nodeName === "" && !isTerminating && gates.length === 0)
    .filter((pod) => !isDaemon(pod) && unboundClaim(pod, state) === undefined)
    .filter((pod) => fresh.some((node) => whyNot(pod, node, withNode(snapshot, node)) === undefined))
    .map(({ namespace, name }) => `${namespace}/${name}`);
}

const isDaemon = ({ object }: PodView): boolean =>
  object.metadata.ownerReferences?.some(({ kind }) => kind === "DaemonSet") ?? false;

export const withNode = (snapshot: Snapshot, node: NodeView): Snapshot => ({
  ...snapshot,
  nodes: new Map([...snapshot.nodes, [node.name, node]]),
});

/** One node of every group that may still grow, as it will be when it has started, with the DaemonSets' pods on it. */
export function freshNodes(world: World, snapshot: Snapshot): NodeView[] {
  return poolsIn(world)
    .filter(({ size, max }) => size < max)
    .flatMap(({ groups }) => groups.filter(({ desired, max }) => desired < max))
    .flatMap((group) => group.zones.map((zone) => freshNode(group, zone, snapshot)));
}

type Group = ReturnType<typeof poolsIn>[number]["groups"][number];

let made = 0;

export function freshNode({ launch }: Group, zone: string, { state }: Snapshot): NodeView {
  made += 1;
  const name = `fresh-${made}`;
  const { instanceType, labels = {}, taints = [], startup = {} } = launch;
  const allocatable = amountsOf({
    ...(launch.allocatable ?? allocatableOf(instanceType)),
    ...startup.devices?.allocatable,
  });
  const node: NodeView = {
    name,
    labels: {
      "kubernetes.io/hostname": name,
      "topology.kubernetes.io/zone": zone,
      "node.kubernetes.io/instance-type": instanceType,
      ...labels,
    },
    taints: taints.map(({ key, value, effect }) => ({
      key,
      effect: effect === "NoExecute" ? "NoExecute" : "NoSchedule",
      ...(value !== undefined && { value }),
    })),
    unschedulable: false,
    allocatable,
    volumeLimits: new Map(startup.volumes ? [[EBS, startup.volumes.count]] : []),
    pods: [],
    free: allocatable,
  };
  for (const set of state.store.list("daemonsets")) assume(node, daemonPod(set));
  return node;
}

const daemonPod = (set: KubeObject): PodView =>
  podView({
    apiVersion: "v1",
    kind: "Pod",
    metadata: { ...set.metadata, labels: Object(at(set, "spec.template.metadata.labels")) },
    spec: Object(at(set, "spec.template.spec")),
    status: {},
  });
