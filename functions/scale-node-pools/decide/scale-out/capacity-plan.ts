import type { Resources } from "../../../../shared/kubernetes/resources.ts";
import type { ClusterNode, PodShape } from "../../model/cluster.ts";
import type { CapacityChange } from "../../model/decision.ts";
import type { Bin } from "../packing/bin.ts";
import type { Packing } from "../packing/packing.ts";
import { limitsToSet } from "../pool/group-limits.ts";
import type { Member } from "../pool/members.ts";
import { capacityOf, type GroupState, type PoolState, targetSize, zonesOf } from "../pool/pool-state.ts";
import { upcomingNode } from "../pool/upcoming-node.ts";
import type { ZoneSizes } from "../pool/zone-counts.ts";

/** Room for pods on one node. */
export interface NodeCapacity {
  readonly bin: Bin;
  /** What the node offers beside its DaemonSets. */
  readonly offer: Resources;
}

/** Makes room in one pool, node by node: un-cordons what is still draining, then orders, smallest zone first. */
export class CapacityPlan {
  readonly uncordoned: Member[] = [];
  readonly #state: PoolState;
  readonly #packing: Packing;
  readonly #drained: Drained[];
  readonly #grounds: GroupCapacity[];
  #added = 0;

  constructor(state: PoolState, packing: Packing, roomOn: (node: ClusterNode) => NodeCapacity) {
    this.#state = state;
    this.#packing = packing;
    this.#drained = state.members
      .flatMap((member) => {
        const { node, instance } = member;
        const mayStay =
          node?.draining?.byScaler &&
          !node.draining.isEnding &&
          node.ready &&
          instance.state === "running" &&
          instance.healthy;
        return mayStay ? [{ member, node, room: roomOn(node) }] : [];
      })
      // The drain that began last has moved the fewest pods.
      .sort(
        (a, b) =>
          (b.node.draining?.since ?? 0) - (a.node.draining?.since ?? 0) ||
          (a.node.name < b.node.name ? -1 : 1),
      );
    this.#grounds = state.groups.map((group) => new GroupCapacity(group));
  }

  /** Nodes added by orders. */
  get added(): number {
    return this.#added;
  }

  /** The size when this and all that is under way is done. */
  get sizeToBe(): number {
    return targetSize(this.#state) + this.uncordoned.length + this.#added;
  }

  /** What each group gets. */
  orders(): CapacityChange[] {
    return this.#grounds.flatMap(({ group: { group, limits, unitsPerNode }, added: nodes }) => {
      if (nodes === 0) return [];
      const to = group.desired + nodes * unitsPerNode;
      const toSet = limitsToSet(group, limits, to);
      return [{ group: group.name, from: group.desired, to, nodes, ...(toSet && { limits: toSet }) }];
    });
  }

  isKept(node: ClusterNode): boolean {
    return this.uncordoned.some((member) => member.node === node);
  }

  /** Stops the drain of a node whose pods have no other place; undefined when it is not ours to stop. */
  keep(node: ClusterNode): NodeCapacity | undefined {
    return this.#uncordon((drained) => drained.node === node);
  }

  /**
   * Makes room for one node's worth of pods, or for such a pod if a shape is given. Returns the new room, empty
   * when there can be none: the pool or its groups are at their max, are passed over, or have no node that would do.
   */
  makeRoom(shape?: PodShape): readonly NodeCapacity[] {
    const fits = (bin: Bin) => shape === undefined || this.#packing.couldTake(bin, shape);
    const kept = this.#uncordon(({ room }) => fits(room.bin));
    return kept ? [kept] : this.#order(fits);
  }

  /** Whether such a pod would fit a node of this pool, leaving aside whether the pool may have one more. */
  wouldTake(shape: PodShape): boolean {
    return this.#grounds.some((ground) => ground.wouldBe((bin) => this.#packing.couldTake(bin, shape)));
  }

  #uncordon(fits: (drained: Drained) => boolean): NodeCapacity | undefined {
    const index = this.#drained.findIndex(fits);
    const [found] = index < 0 ? [] : this.#drained.splice(index, 1);
    if (!found) return undefined;
    this.uncordoned.push(found.member);
    this.#packing.open(found.room.bin);
    return found.room;
  }

  #order(fits: (bin: Bin) => boolean): readonly NodeCapacity[] {
    const left = this.#state.bounds.max - this.#state.size - this.#added;
    const bySize = [...this.#grounds].sort((a, b) => a.smallest - b.smallest || (a.name < b.name ? -1 : 1));
    for (const ground of bySize) {
      const rooms = ground.nextFor(left, fits);
      if (rooms.length === 0) continue;
      this.#added += rooms.length;
      for (const { bin } of rooms) this.#packing.add(bin);
      return rooms;
    }
    return [];
  }
}

interface Drained {
  readonly member: Member;
  readonly node: ClusterNode;
  readonly room: NodeCapacity;
}

/** One group's part of the growth: where its next nodes would be. */
class GroupCapacity {
  readonly group: GroupState;
  #zones: ZoneSizes;
  added = 0;

  constructor(group: GroupState) {
    this.group = group;
    this.#zones = zonesOf(group);
    for (let node = 0; node < group.ordered; node++) this.#zones.grow(this.#zones.smallest());
  }

  get name(): string {
    return this.group.group.name;
  }

  /** The size of its smallest zone. */
  get smallest(): number {
    return this.#zones.sizeOf(this.#zones.smallest());
  }

  /** Whether a node in one of its zones would do, now or at another time. */
  wouldBe(fits: (bin: Bin) => boolean): boolean {
    const { group, template } = this.group;
    return (
      template !== undefined &&
      this.#zones.names.some((zone) => fits(upcomingNode(group, template, group.name, zone)))
    );
  }

  /**
   * The next nodes, up to the first that will do. AWS puts a group's next instance into its smallest zone: to
   * reach another zone, the ones before it have to be ordered as well.
   */
  nextFor(most: number, fits: (bin: Bin) => boolean): readonly NodeCapacity[] {
    const { group, limits, template, unitsPerNode, backoff, busy } = this.group;
    if (!template || backoff !== undefined || busy !== undefined) return [];
    const room = Math.floor((limits.max - group.desired) / unitsPerNode) - this.added;
    const node = (zone: string, ahead: number): Bin =>
      upcomingNode(group, template, `${group.name}+${this.added + ahead}`, zone);
    const wantedZones = new Set(this.#zones.names.filter((zone) => fits(node(zone, 1))));
    if (wantedZones.size === 0) return [];
    const zones = this.#zones.copy();
    const rooms: NodeCapacity[] = [];
    while (rooms.length < Math.min(room, most)) {
      const zone = zones.smallest();
      zones.grow(zone);
      rooms.push({ bin: node(zone, rooms.length + 1), offer: capacityOf(template) });
      if (!wantedZones.has(zone)) continue;
      this.#zones = zones;
      this.added += rooms.length;
      return rooms;
    }
    return [];
  }
}
