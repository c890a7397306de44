import type { Resources } from "../../../../shared/kubernetes/resources.ts";
import { capacityOfTemplate } from "../capacity/node-capacity.ts";
import { upcomingNode } from "../capacity/upcoming-node.ts";
import type { Bin } from "../packing/bin.ts";
import { type GroupState, zonesOf } from "../pool/pool-state.ts";
import type { ZoneSizes } from "../pool/zone-counts.ts";

/** One node with its capacity. */
export interface NodeCapacity {
  readonly bin: Bin;
  /** The node's capacity beside its DaemonSets. */
  readonly capacity: Resources;
}

/** What one group can add: where its next nodes would be, and how many of them are planned. */
export class GroupCapacity {
  readonly state: GroupState;
  #zones: ZoneSizes;
  #planned = 0;

  constructor(state: GroupState) {
    this.state = state;
    this.#zones = zonesOf(state);
    for (let node = 0; node < state.unlaunched; node++) this.#zones.growSmallest();
  }

  get name(): string {
    return this.state.group.name;
  }

  /** Nodes planned beside those of the state. */
  get planned(): number {
    return this.#planned;
  }

  /** What each new node has beside its DaemonSets; undefined where that is not known. */
  get capacityOfEach(): Resources | undefined {
    const { template } = this.state;
    return template && capacityOfTemplate(template);
  }

  /** The size of its smallest zone. */
  get smallest(): number {
    return this.#zones.sizeOf(this.#zones.smallest());
  }

  /** Whether a node in one of its zones would do, now or at another time; it might where nobody knows its nodes. */
  hasNodeFor(fits: (bin: Bin) => boolean): boolean {
    const { group, template } = this.state;
    return (
      template === undefined ||
      this.#zones.names.some((zone) => fits(upcomingNode(group, template, group.name, zone)))
    );
  }

  /**
   * Plans the next nodes, up to the first that will do. AWS puts a group's next instance into its smallest zone: to
   * reach another zone, the ones before it have to be launched as well.
   *
   * @param most no more nodes than this
   * @returns the nodes; none when the group is in back-off, busy, full, or has no node that will do
   */
  planUntil(fits: (bin: Bin) => boolean, most: number): readonly NodeCapacity[] {
    const { group, limits, template, unitsPerNode, backoff, busy } = this.state;
    if (!template || backoff || busy) return [];
    const left = Math.floor((limits.max - group.desired) / unitsPerNode) - this.#planned;
    const node = (zone: string, ahead: number): Bin =>
      upcomingNode(group, template, `${group.name}+${this.#planned + ahead}`, zone);
    const suitable = new Set(this.#zones.names.filter((zone) => fits(node(zone, 1))));
    if (suitable.size === 0) return [];
    const zones = this.#zones.copy();
    const nodes: NodeCapacity[] = [];
    while (nodes.length < Math.min(left, most)) {
      const zone = zones.growSmallest();
      nodes.push({ bin: node(zone, nodes.length + 1), capacity: capacityOfTemplate(template) });
      if (!suitable.has(zone)) continue;
      this.#zones = zones;
      this.#planned += nodes.length;
      return nodes;
    }
    return [];
  }
}
