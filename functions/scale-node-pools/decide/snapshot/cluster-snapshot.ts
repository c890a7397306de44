import type { Taint } from "../../../../shared/kubernetes/node.ts";
import type { Cluster, ClusterNode, Pod, PodsByNode } from "../../model/cluster.ts";
import type { NodeTemplate } from "../capacity/node-template.ts";
import { startingNode, upcomingNode } from "../capacity/upcoming-node.ts";
import { addPod, type Bin, createBin, UNTRIED_NODE_LABEL } from "../packing/bin.ts";
import { Packing } from "../packing/packing.ts";
import type { Member } from "../pool/members.ts";
import { type PoolState, zonesOf } from "../pool/pool-state.ts";
import { isTransientTaint, type Startup } from "../pool/startup.ts";
import { groupByShape, type PodGroup } from "./pod-groups.ts";

/** The pods of each node. */
export const podsByNode = (pods: readonly Pod[]): PodsByNode =>
  Map.groupBy(
    pods.filter(({ node }) => node !== undefined),
    ({ node = "" }) => node,
  );

/** The cluster's nodes as bins. Each decision that moves pods has a snapshot of its own. */
export class ClusterSnapshot {
  readonly packing: Packing;
  readonly #bins: ReadonlyMap<ClusterNode, Bin>;
  readonly #binByName: ReadonlyMap<string | undefined, Bin>;
  readonly #reservations = new Map<Bin, Pod[]>();

  constructor(bins: ReadonlyMap<ClusterNode, Bin>, upcoming: readonly Bin[]) {
    this.#bins = bins;
    this.#binByName = new Map([...bins.values()].map((bin) => [bin.name, bin]));
    this.packing = new Packing([...[...bins.values()].sort(fullestFirst), ...upcoming]);
  }

  binOf(node: ClusterNode): Bin {
    const bin = this.#bins.get(node);
    if (!bin) throw new Error(`node ${node.name} is not of this cluster`);
    return bin;
  }

  /** Notes that the pod, which is not there yet, has a place on the bin. */
  reserve(bin: Bin, pod: Pod): void {
    const others = this.#reservations.get(bin);
    if (others) others.push(pod);
    else this.#reservations.set(bin, [pod]);
  }

  /** The pods that have a place on the bin and are not there yet. */
  reservationsOn(bin: Bin): readonly Pod[] {
    return this.#reservations.get(bin) ?? [];
  }

  /** Pending pods that have a place on a node that the scheduler knows. */
  pendingOnKnownNodes(): Pod[] {
    return [...this.#reservations].flatMap(([{ labels }, pods]) =>
      labels[UNTRIED_NODE_LABEL] === undefined ? pods.filter(({ node }) => node === undefined) : [],
    );
  }

  /** Pending pods that have a place, by the node's group. A pod that is evicted counts in its own pool already. */
  pendingByGroup(): Map<string, Pod[]> {
    const placed = [...this.#reservations].flatMap(([{ group }, pods]) =>
      pods.flatMap((pod) => (group !== undefined && pod.node === undefined ? [{ group, pod }] : [])),
    );
    const byGroup = Map.groupBy(placed, ({ group }) => group);
    return new Map([...byGroup].map(([group, all]) => [group, all.map(({ pod }) => pod)]));
  }

  /** Gives pods a place where there is one. Returns those for which there is none. */
  placeOnNodes(pods: readonly Pod[]): PodGroup[] {
    const others = pods.filter((pod) => !this.#keepNominated(pod));
    return groupByShape(others).flatMap(({ shape, pods }) => {
      const left = pods.slice(this.#placeAll(shape, pods));
      return left.length > 0 ? [{ shape, pods: left }] : [];
    });
  }

  /** A node on which the scheduler makes room for a pod is kept for it, as long as it takes pods. */
  #keepNominated(pod: Pod): boolean {
    const bin = this.#binByName.get(pod.nominatedNode);
    if (bin?.state !== "open") return false;
    this.packing.put(pod.shape, bin);
    this.reserve(bin, pod);
    return true;
  }

  /** @returns how many of these pods, from the first on, have a place now */
  #placeAll(shape: PodGroup["shape"], pods: readonly Pod[]): number {
    for (const [index, pod] of pods.entries()) {
      const bin = this.packing.place(shape);
      if (!bin) return index;
      this.reserve(bin, pod);
    }
    return pods.length;
  }
}

/** The nodes that take pods now, and those that take pods when all that is under way has come. */
export const presentNodes = (
  cluster: Cluster,
  pods: PodsByNode,
  states: readonly PoolState[],
): ClusterSnapshot => new ClusterSnapshot(binsOf(cluster, pods, states, asPresent), []);

/** The nodes that take pods now and those that will: instances that are joining, nodes that AWS still launches. */
export const presentAndUpcomingNodes = (
  cluster: Cluster,
  pods: PodsByNode,
  states: readonly PoolState[],
): ClusterSnapshot =>
  new ClusterSnapshot(binsOf(cluster, pods, states, asUpcoming), states.flatMap(upcomingNodes));

/** Full nodes come first, so that what is to be removed stays empty. */
const fullestFirst = (a: Bin, b: Bin): number =>
  a.free.milliCpu - b.free.milliCpu || a.free.memory - b.free.memory || (a.name < b.name ? -1 : 1);

/** How a node stands in the simulation, with its pods. */
type AsBin = (node: ClusterNode, pods: readonly Pod[], member: PoolMember | undefined) => Bin;

interface PoolMember extends Member {
  readonly startup: Startup;
  readonly template: NodeTemplate | undefined;
}

function binsOf(
  { nodes }: Cluster,
  pods: PodsByNode,
  states: readonly PoolState[],
  asBin: AsBin,
): Map<ClusterNode, Bin> {
  const memberByNode = new Map(
    states.flatMap(({ startup, groups }) =>
      groups.flatMap(({ members, template }) =>
        members.map((member) => [member.node?.name, { ...member, startup, template }] as const),
      ),
    ),
  );
  return new Map(
    nodes.map((node) => [node, asBin(node, pods.get(node.name) ?? [], memberByNode.get(node.name))]),
  );
}

const asPresent: AsBin = (node, pods, member) => {
  const status = member?.status;
  const leaves = status === "terminating" || status === "standbyOrWarm" || node.draining !== undefined;
  // When a drain is cancelled, so are the taints that came with it. A ready node is about to lose those of its state.
  const taints = node.taints.filter((taint) => !(node.draining ? isTransientTaint(taint) : isStale(taint)));
  const group = member?.group.name;
  const bin = createBin(
    { ...node, taints, group },
    node.ready && !node.cordoned && !leaves ? "open" : "closed",
  );
  for (const { shape } of pods) addPod(bin, shape);
  return bin;
};

/** Kubernetes takes these from a node some seconds after it is ready. */
const isStale = ({ key }: Taint): boolean =>
  key === "node.kubernetes.io/not-ready" || key === "node.kubernetes.io/unreachable";

const asUpcoming: AsBin = (node, pods, member) => {
  if (member?.status !== "joining") return asPresent(node, pods, member);
  const { group, template, startup } = member;
  return startingNode(group, template, node, startup, pods);
};

/** Nodes that have no node object yet. Of a group in back-off only what is launched already is expected. */
function upcomingNodes({ groups }: PoolState): Bin[] {
  return groups.flatMap((state) => {
    const { group, members, template, unlaunched, backoff } = state;
    if (!template) return [];
    const launched = members
      .filter(({ node, status }) => !node && status === "joining")
      .map(({ instance, zone }) => upcomingNode(group, template, instance.id, zone ?? ""));
    const zones = zonesOf(state);
    const expected = Array.from({ length: backoff === undefined ? unlaunched : 0 }, (_, index) =>
      upcomingNode(group, template, `${group.name}~${index}`, zones.growSmallest()),
    );
    return [...launched, ...expected];
  });
}
