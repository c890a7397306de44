import type { Taint } from "../../../../shared/kubernetes/node.ts";
import type { Resources } from "../../../../shared/kubernetes/resources.ts";
import type { ClusterNode, Group, Pool } from "../../model/cluster.ts";
import type { PoolStatus } from "../../model/pool-status.ts";
import { shapeOfTypes } from "../capacity/launch-shape.ts";
import { templateTags } from "../capacity/template-tags.ts";

/**
 * Taints that a node starts with and that a controller removes when it has done its part: the kubelet's and the cloud
 * provider's, CNI and CSI plugins'. Karpenter calls them `startupTaints`, cluster-autoscaler `--startup-taint`.
 */
const STARTUP_TAINT =
  /^node\.kubernetes\.io\/(unreachable|network-unavailable)$|^node\.cloudprovider\.kubernetes\.io\/|\/(agent-)?not-ready$|^(startup|ignore|status)-taint\.cluster-autoscaler\.kubernetes\.io\/|^karpenter\.sh\/unregistered$/;

/** Taints that come and go: Kubernetes sets them by a node's state, we by our plans. */
const TRANSIENT_TAINT = /^(node\.kubernetes\.io|node\.cloudprovider\.kubernetes\.io|reflex)\//;

export const isTransientTaint = ({ key }: Taint): boolean => TRANSIENT_TAINT.test(key);

/** A node of the pool, with its group's name and when its instance was last launched. */
export interface StartedNode {
  readonly node: ClusterNode;
  readonly group: string;
  readonly launchedAt?: number | undefined;
}

/** How the nodes of one pool start. */
export class Startup {
  readonly #startupTaints: ReadonlySet<string>;
  readonly #lasting: ReadonlySet<string>;
  /** The extended resources of each group's nodes. */
  readonly #devices: ReadonlyMap<string, Readonly<Record<string, number>>>;
  /** When each node's instance was last launched, where that is known. */
  readonly #launchedAt: ReadonlyMap<string, number | undefined>;
  /** The extended resources that the config or a group's tags say its nodes have. */
  readonly #declared: ReadonlyMap<string, Readonly<Record<string, number>>>;
  readonly #joinWithin: number;
  readonly #now: number;

  /** @param nodes all nodes of the pool, with the name of each one's group */
  constructor(
    { policy, groups, status }: Pick<Pool, "policy" | "groups" | "status">,
    nodes: readonly StartedNode[],
    now: number,
  ) {
    this.#now = now;
    this.#joinWithin = policy.joinWithin;
    this.#launchedAt = new Map(nodes.map(({ node, launchedAt }) => [node.name, launchedAt]));
    this.#startupTaints = new Set(policy.startupTaints);
    this.#declared = new Map(
      groups.map(({ name, tags }) => [
        name,
        { ...(policy.nodeShape && devicesOf(policy.nodeShape.allocatable)), ...templateTags(tags).extended },
      ]),
    );
    const established = nodes.filter(({ node }) => node.ready && !this.isYoung(node));
    const seen = established.flatMap(({ node }) => node.taints);
    const declared = groups.flatMap((group) => declaredTaints(group, established));
    const recorded = status.shape?.taints ?? [];
    this.#lasting = new Set(
      [...policy.taints, ...declared, ...recorded, ...seen]
        .filter((taint) => !this.isStartupTaint(taint) && !isTransientTaint(taint))
        .map(identity),
    );
    this.#devices = new Map(
      groups.map((group) => {
        const own = established.filter((each) => each.group === group.name);
        if (own.length > 0)
          return [group.name, { ...this.#declared.get(group.name), ...devicesOfAll(own, group) }];
        const { nodeShape } = policy;
        return [group.name, nodeShape ? devicesOf(nodeShape.allocatable) : promisedDevices(group, status)];
      }),
    );
  }

  /** Whether the node joined, or came back from a warm pool, so lately that it may still be starting. */
  isYoung({ name, createdAt }: Pick<ClusterNode, "name" | "createdAt">): boolean {
    return this.#now - Math.max(createdAt, this.#launchedAt.get(name) ?? 0) < this.#joinWithin;
  }

  /** Whether a controller removes the taint from every node of the pool that starts. */
  isStartupTaint({ key }: Taint): boolean {
    return STARTUP_TAINT.test(key) || this.#startupTaints.has(key);
  }

  /** Whether the taint stays on nodes of the pool. One that only young nodes have is taken for a startup taint. */
  isLasting(taint: Taint): boolean {
    return this.#lasting.has(identity(taint));
  }

  /** Whether the node, which is ready, still lacks something: a taint is to go, or a device plugin to come. */
  isStarting(node: ClusterNode, group: string): boolean {
    if (!this.isYoung(node)) return false;
    const waits = node.taints.some(
      (taint) =>
        taint.effect !== "PreferNoSchedule" &&
        !this.isLasting(taint) &&
        (this.isStartupTaint(taint) || !isTransientTaint(taint)),
    );
    const { extended = {} } = node.allocatable;
    return waits || Object.keys(this.#devices.get(group) ?? {}).some((name) => !(extended[name] ?? 0));
  }

  /**
   * The device that others of its group have, or that the config or the group's tags say it has, and that it still lacks when
   * it is no longer young: its device plugin does not run, or is broken. What only the instance type has is not asked for:
   * nobody need want it.
   */
  missingDevice(node: ClusterNode, group: string): string | undefined {
    if (!node.ready || this.isYoung(node)) return undefined;
    const { extended = {} } = node.allocatable;
    return Object.keys(this.#devices.get(group) ?? {}).find((name) => !(extended[name] ?? 0));
  }

  /** The extended resources that each group's nodes have or will have, for the next run; groups without any are left out. */
  get devices(): NonNullable<PoolStatus["devices"]> {
    return Object.fromEntries([...this.#devices].filter(([, all]) => Object.keys(all).length > 0));
  }

  /** What the node has when its device plugins run, as a new node of its group will have it when it has started. */
  withDevices({ allocatable }: ClusterNode, group: string): Resources {
    const devices = this.#devices.get(group) ?? {};
    if (Object.keys(devices).length === 0) return allocatable;
    return { ...allocatable, extended: { ...allocatable.extended, ...devices, ...devicesOf(allocatable) } };
  }

  /** Whether the node should long have lost a startup taint. */
  isStuckStarting(node: ClusterNode): boolean {
    const stuck = (taint: Taint) => this.isStartupTaint(taint) && !isTransientTaint(taint);
    return (
      !this.isYoung(node) && node.taints.some((taint) => taint.effect !== "PreferNoSchedule" && stuck(taint))
    );
  }
}

/** The extended resources that are there: a device plugin that has gone leaves 0. */
const devicesOf = ({ extended = {} }: Resources): Readonly<Record<string, number>> =>
  Object.fromEntries(Object.entries(extended).filter(([, amount]) => amount > 0));

/**
 * Of each device the fewest that a node with it has: of some nodes the device plugin may be broken. Of a group with several
 * instance types only those that all of them have.
 */
function devicesOfAll(
  nodes: readonly StartedNode[],
  { launchTypes = [] }: Group,
): Readonly<Record<string, number>> {
  const common =
    launchTypes.length > 1 ? (shapeOfTypes(launchTypes, 1)?.allocatable.extended ?? {}) : undefined;
  const all = nodes.flatMap(({ node }) => Object.entries(devicesOf(node.allocatable)));
  return Object.fromEntries(
    all.filter(([name]) => !common || name in common).toSorted(([, a], [, b]) => b - a),
  );
}

/** Those of an empty group, in the order in which its next node is known: by its tags, the pool's last node, its types. */
const promisedDevices = (
  { name, tags, launchTypes = [] }: Group,
  { shape, devices }: PoolStatus,
): Readonly<Record<string, number>> => ({
  ...(shape
    ? devicesOf(shape.allocatable)
    : { ...devices?.[name], ...shapeOfTypes(launchTypes, 1)?.allocatable.extended }),
  ...templateTags(tags).extended,
});

/** The taints that a managed node group or a group's tags declare, while no established node shows which of them stay. */
const declaredTaints = ({ name, nodeTaints, tags }: Group, established: readonly StartedNode[]): Taint[] =>
  established.some(({ group }) => group === name) ? [] : [...nodeTaints, ...templateTags(tags).taints];

const identity = ({ key, value = "", effect }: Taint): string => `${key}=${value}:${effect}`;
