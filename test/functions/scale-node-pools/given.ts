import * as z from "zod/mini";
import { zonalGroup } from "../../../bench/node-pools/zonal-group.ts";
import type {
  Cluster,
  ClusterNode,
  Group,
  Instance,
  Pod,
  PodRequirements,
  PodShape,
  Pool,
} from "../../../functions/scale-node-pools/model/cluster.ts";
import { type NodePool, nodePools } from "../../../shared/node-pools/policy.ts";

/** A Monday, 12:00 UTC. */
export const NOW = Date.UTC(2026, 5, 1, 12);
export const MINUTE = 60_000;
export const MIB = 2 ** 20;
export const GIB = 2 ** 30;

/** The parsed policy of one pool, as the config would give it. */
export function policy(raw: Record<string, unknown> = {}): NodePool {
  const what = "managedNodeGroup" in raw || "spotFleet" in raw ? {} : { autoScalingGroups: ["workers"] };
  const pool = z.parse(nodePools, { workers: { ...what, cluster: "main", ...raw } }).workers;
  if (!pool) throw new Error("no pool");
  return pool;
}

const requirements = new Map<string, PodRequirements>();
const shapes = new Map<string, PodShape>();

function kept<T>(all: Map<string, T>, made: T): T {
  const key = JSON.stringify(made);
  const known = all.get(key) ?? made;
  all.set(key, known);
  return known;
}

/** A pod's shape; equal ones are one object, as in an observation. */
export function shape(
  over: Partial<Omit<PodShape, "needs"> & PodRequirements> & { cpu?: number; mib?: number } = {},
): PodShape {
  const { cpu = 500, mib = 512, namespace = "default", labels = {}, topology = [], ...rest } = over;
  const own = kept(requirements, {
    requests: { milliCpu: cpu, memory: mib * MIB, pods: 1 },
    nodeSelector: {},
    nodeSelectors: [],
    tolerations: [],
    hostPorts: [],
    ...rest,
  });
  return kept(shapes, { namespace, labels, requirements: own, topology });
}

let pods = 0;

export function pod(over: Partial<Pod> & { shape?: PodShape } = {}): Pod {
  const id = `default/pod-${++pods}`;
  return {
    id,
    shape: shape(),
    role: "movable",
    node: undefined,
    unschedulable: over.node === undefined,
    terminating: false,
    createdAt: NOW - MINUTE,
    ...over,
  };
}

export const manyPods = (number: number, over: Parameters<typeof pod>[0] = {}): Pod[] =>
  Array.from({ length: number }, () => pod(over));

/** A node of 2 cores, 8 GiB and 29 pods, as an m5.large has it, with its instance in service. */
export function machine(
  name: string,
  over: { node?: Partial<ClusterNode>; instance?: Partial<Instance>; zone?: string } = {},
): { node: ClusterNode; instance: Instance } {
  const zone = over.zone ?? "us-east-1a";
  const id = `i-${name}`;
  return {
    node: {
      name,
      uid: `uid-${name}`,
      resourceVersion: "1",
      createdAt: NOW - 60 * MINUTE,
      labels: { "topology.kubernetes.io/zone": zone, "kubernetes.io/hostname": name },
      annotations: {},
      taints: [],
      allocatable: { milliCpu: 2000, memory: 8 * GIB, pods: 29 },
      instanceId: id,
      zone,
      ready: true,
      cordoned: false,
      draining: undefined,
      drainCancelledAt: undefined,
      ...over.node,
    },
    instance: {
      id,
      zone,
      state: "running",
      healthy: true,
      protectedFromScaleIn: false,
      launchedAt: NOW - 60 * MINUTE,
      units: 1,
      ...over.instance,
    },
  };
}

export function group(name: string, instances: readonly Instance[], over: Partial<Group> = {}): Group {
  return { ...zonalGroup(name, instances), max: 10, zones: ["us-east-1a"], ...over };
}

export function pool(
  groups: readonly Group[],
  raw: Record<string, unknown> = {},
  over: Partial<Pool> = {},
): Pool {
  return { name: "workers", policy: policy(raw), groups, status: {}, lastScaleOutAt: undefined, ...over };
}

export const cluster = (
  nodes: readonly ClusterNode[],
  pods: readonly Pod[],
  over: Partial<Cluster> = {},
): Cluster => ({
  name: "main",
  nodes,
  pods,
  budgets: [],
  daemonSets: [],
  unreadable: [],
  clusterAutoscaler: undefined,
  ...over,
});

/** Long enough below for nodes to go. */
export const LOW_FOR_LONG = { status: { lowSince: NOW - 60 * MINUTE } };

export const ZONES = ["us-east-1a", "us-east-1b", "us-east-1c"] as const;

/** A kube-aws-style pool: one group for each zone, with so many nodes in each, called `a1`, `a2`, `b1`, … */
export function zonal(
  sizes: readonly number[],
  over: { groups?: Partial<Group>; node?: Partial<ClusterNode> } = {},
): { nodes: ClusterNode[]; groups: Group[] } {
  const all = sizes.map((size, index) => {
    const zone = ZONES[index] ?? "us-east-1x";
    const machines = Array.from({ length: size }, (_, at) =>
      machine(`${zone.slice(-1)}${at + 1}`, { zone, ...over }),
    );
    const instances = machines.map(({ instance }) => instance);
    return {
      machines,
      group: group(`workers-${zone.slice(-1)}`, instances, { zones: [zone], ...over.groups }),
    };
  });
  return {
    nodes: all.flatMap(({ machines }) => machines.map(({ node }) => node)),
    groups: all.map(({ group }) => group),
  };
}
