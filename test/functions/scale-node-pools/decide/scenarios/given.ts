import type {
  Cluster,
  ClusterNode,
  Group,
  Instance,
  Pod,
  PodShape,
  Pool,
} from "../../../../../functions/scale-node-pools/model/cluster.ts";
import type { PoolStatus } from "../../../../../functions/scale-node-pools/model/pool-status.ts";
import { cluster, GIB, MINUTE, NOW, pool, shape, zonal } from "../../given.ts";

/** A cluster with its pools, at the edge of a rule. */
export interface Scenario {
  readonly name: string;
  readonly cluster: Cluster;
  readonly pools: readonly Pool[];
}

/** Pods with names that stay what they are when a scenario comes before. */
export const pods = (number: number, over: Partial<Pod> = {}, prefix = "web"): Pod[] =>
  Array.from({ length: number }, (_, at) => ({
    id: `default/${prefix}-${at + 1}`,
    shape: shape(),
    role: "movable" as const,
    node: undefined,
    unschedulable: over.node === undefined,
    terminating: false,
    createdAt: NOW - MINUTE,
    ...over,
  }));
export const asking = (over: Parameters<typeof shape>[0], number = 1): Pod[] =>
  pods(number, { shape: shape(over) });
/** A pod of so many thousandths of a core on each node. */
export const filled = (nodes: readonly ClusterNode[], cpu: number): Pod[] =>
  nodes.flatMap(({ name }) => pods(1, { node: name, shape: shape({ cpu, mib: 10 }) }, `on-${name}`));

export const FREELY = { disruptionBudgets: [{ nodes: "100%" }] };
export const LONG = { lowSince: NOW - 60 * MINUTE };

export interface Given {
  readonly sizes?: readonly number[];
  readonly raw?: Record<string, unknown>;
  readonly groups?: Partial<Group>;
  /** By the name of the node. */
  readonly nodes?: Readonly<Record<string, Partial<ClusterNode>>>;
  /** By the name of its node. */
  readonly instances?: Readonly<Record<string, Partial<Instance>>>;
  readonly pods?: readonly Pod[] | ((nodes: readonly ClusterNode[]) => readonly Pod[]);
  readonly status?: PoolStatus;
  readonly pool?: Partial<Pool>;
  readonly cluster?: Partial<Cluster>;
}

/** One pool of zonal groups. */
export function one(name: string, given: Given = {}): Scenario {
  const made = zonal(given.sizes ?? [2], { ...(given.groups && { groups: given.groups }) });
  const nodes = made.nodes.map((node) => ({ ...node, ...given.nodes?.[node.name] }));
  const groups = made.groups.map((each) => ({
    ...each,
    instances: each.instances.map((instance) => ({
      ...instance,
      ...given.instances?.[instance.id.replace(/^i-/, "")],
    })),
  }));
  const running = typeof given.pods === "function" ? given.pods(nodes) : (given.pods ?? []);
  const status = given.status ?? LONG;
  return {
    name,
    cluster: cluster(nodes, running, given.cluster),
    pools: [pool(groups, { ...FREELY, ...given.raw }, { status, ...given.pool })],
  };
}

/** A pending pod that does not fit beside what is there, by what it asks for. */
export const unfit = (name: string, over: Parameters<typeof shape>[0], given: Given = {}): Scenario =>
  one(name, { sizes: [1], pods: asking(over), ...given });

export const daemon = (name: string, over: Parameters<typeof shape>[0]) => ({
  id: `kube-system/${name}`,
  shape: shape(over),
});
export const big = (
  name: string,
  over: Partial<ClusterNode["allocatable"]>,
): Record<string, Partial<ClusterNode>> => ({
  [name]: { allocatable: { milliCpu: 2000, memory: 8 * GIB, pods: 29, ...over } },
});
export const term = (key: string, ...values: string[]) => ({
  labels: [{ key, operator: "In" as const, values }],
  fields: [],
});
export const ZONE = "topology.kubernetes.io/zone";
export const HOST = "kubernetes.io/hostname";
export const topology = (kind: "apart" | "together" | "spread", key: string, more = {}) => ({
  ...{ kind, key, maxSkew: 1, namespaces: ["default"] },
  selector: { matchLabels: { app: "web" }, matchExpressions: [] },
  ...more,
});
export const web = (...rules: readonly object[]): PodShape =>
  shape({ labels: { app: "web" }, topology: rules as PodShape["topology"] });
export const gpu = { "nvidia.com/gpu": 1 };
