import type { ClusterNode, Pod, PodShape } from "../../model/cluster.ts";
import type { CapacityChange, NodeRef } from "../../model/decision.ts";
import { add, addsWhereMissing, type Totals, within } from "../capacity/totals.ts";
import type { Bin } from "../packing/bin.ts";
import type { Packing } from "../packing/packing.ts";
import { limitsToSet } from "../pool/group-limits.ts";
import { expectedSize, type PoolState, targetSize } from "../pool/pool-state.ts";
import { GroupCapacity, type NodeCapacity } from "./group-capacity.ts";

interface DrainingNode extends NodeRef {
  /** Since when it is draining, ms since the epoch. */
  readonly since: number;
  readonly space: NodeCapacity;
}

/** Adds capacity to one pool, node by node: uncordons draining nodes first, then launches in the smallest zone. */
export class CapacityPlan {
  readonly #state: PoolState;
  readonly #packing: Packing;
  readonly #draining: DrainingNode[];
  readonly #groups: readonly GroupCapacity[];
  readonly #uncordoned: NodeRef[] = [];
  #added = 0;
  #capacity: Totals;

  /**
   * @param capacity of the nodes that take pods, or soon will
   * @param spaceOn the space on a node that is draining
   */
  constructor(
    state: PoolState,
    packing: Packing,
    capacity: Totals,
    spaceOn: (node: ClusterNode) => NodeCapacity,
  ) {
    this.#state = state;
    this.#packing = packing;
    this.#capacity = capacity;
    this.#draining = drainsToCancel(state, spaceOn);
    this.#groups = state.groups.map((group) => new GroupCapacity(group));
  }

  /** Nodes to be launched. */
  get added(): number {
    return this.#added;
  }

  /** Nodes whose drain is to be cancelled. */
  get uncordoned(): readonly NodeRef[] {
    return this.#uncordoned;
  }

  /** The size when this and all that is under way is done. */
  get targetSize(): number {
    return targetSize(this.#state) + this.#uncordoned.length + this.#added;
  }

  /** The same without what groups in back-off were asked for. */
  get expectedSize(): number {
    return expectedSize(this.#state) + this.#uncordoned.length + this.#added;
  }

  /** Of all nodes that take pods when this is done. */
  get capacity(): Totals {
    return this.#capacity;
  }

  /** What each group gets. */
  capacityChanges(): CapacityChange[] {
    return this.#groups.flatMap(({ state: { group, limits, unitsPerNode }, planned: nodes }) => {
      if (nodes === 0) return [];
      const to = group.desired + nodes * unitsPerNode;
      const toSet = limitsToSet(group, limits, to);
      return [{ group: group.name, from: group.desired, to, nodes, ...(toSet && { limits: toSet }) }];
    });
  }

  /** Cancels the drain of the pod's node. @returns whether it stays there; false where that drain is not ours to cancel */
  uncordonFor(pod: Pod): boolean {
    const isUncordoned = this.#uncordoned.some(({ node }) => node === pod.node);
    return isUncordoned || this.#uncordonFirst(({ node }) => node === pod.node);
  }

  /**
   * Adds one node, or the nodes up to one that takes such a pod.
   *
   * @returns false when there can be none: the pool or its groups are at their max, in back-off, or have no such node
   */
  addNode(shape?: PodShape): boolean {
    const fits = (bin: Bin) => shape === undefined || this.#packing.wouldFit(bin, shape);
    return this.#uncordonFirst(({ space }) => fits(space.bin)) || this.#launch(fits);
  }

  /**
   * Adds nodes until `requests` are at most `percent` percent of the capacity, or there can be none. Nodes that DaemonSets fill
   * would be launched up to max, and none would help.
   */
  growToTarget(requests: Totals, percent: number): void {
    const helps = ({ capacityOfEach: each }: GroupCapacity) =>
      each !== undefined && addsWhereMissing(requests, this.#capacity, each, percent);
    while (!within(requests, this.#capacity, percent)) {
      if (!this.#uncordonFirst(() => true) && !this.#launch(() => true, helps)) return;
    }
  }

  /** Adds nodes until this many are expected, or there can be none. */
  growToSize(size: number): void {
    while (this.expectedSize < size) if (!this.addNode()) return;
  }

  /** Whether such a pod would fit a node of this pool, or might, whether or not the pool may have one more. */
  hasNodeFor(shape: PodShape): boolean {
    return this.#groups.some((group) => group.hasNodeFor((bin) => this.#packing.wouldFit(bin, shape)));
  }

  #uncordonFirst(suits: (draining: DrainingNode) => boolean): boolean {
    const index = this.#draining.findIndex(suits);
    const [found] = index < 0 ? [] : this.#draining.splice(index, 1);
    if (!found) return false;
    const { node, instanceId, space } = found;
    this.#uncordoned.push({ node, instanceId });
    this.#packing.open(space.bin);
    this.#capacity = add(this.#capacity, space.capacity);
    return true;
  }

  #launch(fits: (bin: Bin) => boolean, helps: (group: GroupCapacity) => boolean = () => true): boolean {
    const left = this.#state.bounds.max - this.#state.size - this.#added;
    const smallestFirst = this.#groups
      .filter(helps)
      .toSorted((a, b) => a.smallest - b.smallest || (a.name < b.name ? -1 : 1));
    for (const group of smallestFirst) {
      const nodes = group.planUntil(fits, left);
      if (nodes.length === 0) continue;
      this.#added += nodes.length;
      for (const { bin, capacity } of nodes) {
        this.#packing.add(bin);
        this.#capacity = add(this.#capacity, capacity);
      }
      return true;
    }
    return false;
  }
}

/** The drains of our own plans that can be cancelled; the one that began last, which moved the fewest pods, first. */
const drainsToCancel = (
  { members }: PoolState,
  spaceOn: (node: ClusterNode) => NodeCapacity,
): DrainingNode[] =>
  members
    .flatMap(({ node, instance }) => {
      if (!node?.draining?.byScaler || node.draining.isEnding || !node.ready) return [];
      if (instance.state !== "running" || !instance.healthy) return [];
      return [{ node: node.name, instanceId: instance.id, since: node.draining.since, space: spaceOn(node) }];
    })
    .sort((a, b) => b.since - a.since || (a.node < b.node ? -1 : 1));
