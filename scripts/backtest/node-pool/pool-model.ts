import type { Totals } from "../../../functions/scale-node-pools/decide/capacity/totals.ts";
import type {
  ClusterNode,
  Group,
  Instance,
  Pool,
} from "../../../functions/scale-node-pools/model/cluster.ts";
import type { PoolStatus } from "../../../functions/scale-node-pools/model/pool-status.ts";
import type { Resources } from "../../../shared/kubernetes/resources.ts";
import type { NodePool } from "../../../shared/node-pools/policy.ts";
import { DAY_MINUTES, MINUTE_MS } from "../history/history.ts";

/** Assumptions: a node takes pods so long after its launch, and a drain takes so long. */
export const JOIN_MINUTES = 3;
export const DRAIN_MINUTES = 5;

/** More than any pool without a max of its own has. */
const MOST_NODES = 10_000;
const ZONE = "zone";

interface SimulatedNode {
  readonly name: string;
  readonly launchedAt: number;
  readonly drainingSince?: number;
}

/** One pool of nodes that are all alike, in one group and one zone. Names rise with the time of launch. */
export class PoolModel {
  readonly #policy: NodePool;
  readonly #allocatable: Resources;
  #nodes: readonly SimulatedNode[];
  #launched: number;
  #lastScaleOutAt: number | undefined;
  status: PoolStatus = {};

  constructor(policy: NodePool, allocatable: Resources, nodes: number, start: number) {
    this.#policy = { ...policy, nodeShape: { allocatable, units: 1 } };
    this.#allocatable = allocatable;
    this.#launched = nodes;
    // Those of the beginning have been there for a while.
    this.#nodes = Array.from({ length: nodes }, (_, index) => ({
      ...{ name: `node-${index}`, launchedAt: start - DAY_MINUTES * MINUTE_MS },
    }));
  }

  /** As it is at this moment: what was drained long enough is gone. */
  at(now: number): { readonly pool: Pool; readonly nodes: readonly ClusterNode[] } {
    this.#nodes = this.#nodes.filter(
      ({ drainingSince }) => drainingSince === undefined || now < drainingSince + DRAIN_MINUTES * MINUTE_MS,
    );
    const nodes = this.#nodes.filter((node) => hasJoined(node, now)).map((node) => this.#nodeOf(node));
    const groups = [groupOf(this.#nodes.map((node) => instanceOf(node, now)))];
    const { status } = this;
    const pool = { name: "pool", policy: this.#policy, groups, status, lastScaleOutAt: this.#lastScaleOutAt };
    return { pool, nodes };
  }

  /** All nodes, which are paid for. */
  get size(): number {
    return this.#nodes.length;
  }

  /** What the nodes that take pods can hold. */
  capacityAt(now: number): Totals {
    const taking = BigInt(
      this.#nodes.filter((node) => hasJoined(node, now) && node.drainingSince === undefined).length,
    );
    const { milliCpu, memory, pods } = this.#allocatable;
    return {
      milliCpu: taking * BigInt(milliCpu),
      memory: taking * BigInt(memory),
      pods: taking * BigInt(pods),
    };
  }

  launch(count: number, now: number): void {
    const added = Array.from({ length: count }, (_, index) => ({
      ...{ name: `node-${this.#launched + index}`, launchedAt: now },
    }));
    this.#launched += count;
    this.#nodes = [...this.#nodes, ...added];
    this.#lastScaleOutAt = now;
  }

  drain(names: readonly string[], now: number): void {
    this.#nodes = this.#nodes.map((node) =>
      names.includes(node.name) ? { ...node, drainingSince: now } : node,
    );
  }

  uncordon(names: readonly string[]): void {
    this.#nodes = this.#nodes.map(({ drainingSince, ...node }) =>
      names.includes(node.name) || drainingSince === undefined ? node : { ...node, drainingSince },
    );
  }

  #nodeOf({ name, launchedAt, drainingSince }: SimulatedNode): ClusterNode {
    const isDraining = drainingSince !== undefined;
    return {
      ...{ name, uid: name, resourceVersion: "1", createdAt: launchedAt, instanceId: name, zone: ZONE },
      ...{ labels: {}, annotations: {}, taints: [], allocatable: this.#allocatable, ready: true },
      cordoned: isDraining,
      draining: isDraining ? { since: drainingSince, byScaler: true, isEnding: false } : undefined,
      drainCancelledAt: undefined,
    };
  }
}

const hasJoined = ({ launchedAt }: SimulatedNode, now: number): boolean =>
  now >= launchedAt + JOIN_MINUTES * MINUTE_MS;

const instanceOf = (node: SimulatedNode, now: number): Instance => ({
  ...{ id: node.name, zone: ZONE, healthy: true, protectedFromScaleIn: false, units: 1 },
  state: hasJoined(node, now) ? "running" : "starting",
  launchedAt: node.launchedAt,
});

const groupOf = (instances: readonly Instance[]): Group => ({
  ...{ kind: "autoScalingGroup", name: "simulated", min: 0, max: MOST_NODES, desired: instances.length },
  ...{ zones: [ZONE], instances, suspended: [], refreshing: false, tags: {}, failedLaunch: undefined },
  ...{ busy: undefined, nodeLabels: {}, nodeTaints: [] },
});
