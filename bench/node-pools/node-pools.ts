/**
 * `decide` of scale-node-pools on clusters of growing size: time, how it grows, and memory. Beside it the plain
 * way to place the pods that wait: first fit, each pod asking each node, nothing remembered. That one knows no
 * rules between pods (one shape in five has some) and decides nothing else.
 */
import { decide } from "../../functions/scale-node-pools/decide/decide.ts";
import { addPod, type Bin, createBin } from "../../functions/scale-node-pools/decide/packing/bin.ts";
import {
  CAPACITY_FILTERS,
  passesAll,
  STATIC_FILTERS,
} from "../../functions/scale-node-pools/decide/packing/filters.ts";
import type {
  Cluster,
  ClusterNode,
  Instance,
  Pod,
  PodShape,
  Pool,
} from "../../functions/scale-node-pools/model/cluster.ts";
import { nodePools } from "../../shared/node-pools/policy.ts";
import { collectGarbage } from "../collect-garbage.ts";
import { printTable } from "../table.ts";
import { zonalGroup } from "./zonal-group.ts";

const NOW = Date.UTC(2026, 5, 1, 12);
const HOUR = 3_600_000;
const MIB = 2 ** 20;
const ZONES = ["us-east-1a", "us-east-1b", "us-east-1c"];
const PODS_PER_NODE = 30;
const RUNS = 5;

/** Numbers that look random and are the same in every run. */
function sequence(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state % below;
  };
}

/** One deployment in three is bound to a zone, one in ten keeps its pods on different nodes, one spreads them. */
function shapes(count: number, random: (below: number) => number): PodShape[] {
  return Array.from({ length: count }, (_, index): PodShape => {
    const labels = { app: `app-${index}` };
    const rule = {
      key: "kubernetes.io/hostname",
      selector: { matchLabels: labels, matchExpressions: [] },
      namespaces: ["default"],
      maxSkew: 5,
    };
    return {
      namespace: "default",
      labels,
      requirements: {
        requests: { milliCpu: 50 + random(10) * 25, memory: (64 + random(12) * 32) * MIB, pods: 1 },
        nodeSelector:
          index % 3 === 0 ? { "topology.kubernetes.io/zone": ZONES[random(ZONES.length)] ?? "" } : {},
        nodeSelectors: [],
        tolerations: [],
        hostPorts: [],
      },
      topology:
        index % 10 === 1
          ? [{ ...rule, kind: "apart" }]
          : index % 10 === 2
            ? [{ ...rule, kind: "spread" }]
            : [],
    };
  });
}

interface Case {
  readonly name: string;
  /** Pods that wait, as a share of all. */
  readonly waiting: number;
  /** How full the nodes are; the requests of 30 average pods are about a third of the cores of a node of 16. */
  readonly milliCpu: number;
  /** Every pod blocks its node: all nodes are asked and none can go. */
  readonly blocked?: boolean;
}

const CASES: readonly Case[] = [
  { name: "steady", waiting: 0, milliCpu: 8_000 },
  { name: "burst: half of the pods wait", waiting: 0.5, milliCpu: 5_000 },
  { name: "nearly idle: nodes go", waiting: 0, milliCpu: 32_000 },
  { name: "nearly idle: none can go", waiting: 0, milliCpu: 32_000, blocked: true },
];

function given(
  nodes: number,
  { waiting, milliCpu, blocked = false }: Case,
): { cluster: Cluster; pools: Pool[] } {
  const random = sequence(nodes);
  const kinds = shapes(Math.max(10, Math.floor(nodes / 5)), random);
  const machines = Array.from({ length: nodes }, (_, index) => machine(index, milliCpu));
  const pods = Array.from({ length: nodes * PODS_PER_NODE }, (_, index): Pod => {
    // Pods of one deployment lie next to each other, on nodes of their zone.
    const shape = kinds[random(kinds.length)] as PodShape;
    const zone = ZONES.indexOf(shape.requirements.nodeSelector["topology.kubernetes.io/zone"] ?? "");
    const place = Math.floor(index / PODS_PER_NODE);
    const host = zone < 0 ? place : Math.min(nodes - 1, place - (place % ZONES.length) + zone);
    const waits = index % 100 < waiting * 100;
    return {
      id: `default/pod-${index}`,
      shape,
      role: "movable",
      node: waits ? undefined : machines[host]?.node.name,
      unschedulable: waits,
      terminating: false,
      createdAt: NOW - HOUR,
    };
  });
  const budgets = blocked
    ? [
        {
          namespace: "default",
          name: "all",
          selector: { matchLabels: {}, matchExpressions: [] },
          disruptionsAllowed: 0,
          currentHealthy: 0,
          desiredHealthy: 0,
        },
      ]
    : [];
  const groups = ZONES.map((zone) =>
    zonalGroup(
      zone,
      machines.flatMap(({ instance }) => (instance.zone === zone ? [instance] : [])),
    ),
  );
  const policy = nodePools.parse({ workers: { autoScalingGroups: ZONES, cluster: "main" } }).workers;
  if (!policy) throw new Error("the policy has no pool");
  return {
    cluster: {
      name: "main",
      nodes: machines.map(({ node }) => node),
      pods,
      budgets,
      daemonSets: [],
      unreadable: [],
      clusterAutoscaler: undefined,
    },
    pools: [{ name: "workers", policy, groups, status: { lowSince: NOW - HOUR }, lastScaleOutAt: undefined }],
  };
}

function machine(index: number, milliCpu: number): { node: ClusterNode; instance: Instance } {
  const zone = ZONES[index % ZONES.length] ?? "";
  const name = `node-${index}`;
  const id = `i-${index}`;
  return {
    node: {
      name,
      uid: name,
      resourceVersion: "1",
      createdAt: NOW - HOUR - index,
      labels: { "topology.kubernetes.io/zone": zone, "kubernetes.io/hostname": name },
      annotations: {},
      taints: [],
      allocatable: { milliCpu, memory: 64 * 1024 * MIB, pods: 110 },
      instanceId: id,
      zone,
      ready: true,
      cordoned: false,
      draining: undefined,
      drainCancelledAt: undefined,
    },
    instance: {
      id,
      zone,
      state: "running",
      healthy: true,
      protectedFromScaleIn: false,
      launchedAt: NOW - HOUR,
      units: 1,
    },
  };
}

/** The peer: places every waiting pod by asking every node, and opens a new node when none will do. */
function plainFirstFit({ nodes, pods }: Cluster): number {
  const bins = nodes.map((node): Bin => createBin({ ...node, group: undefined }));
  const byName = new Map(bins.map((bin) => [bin.name, bin]));
  for (const pod of pods) {
    const bin = pod.node === undefined ? undefined : byName.get(pod.node);
    if (bin) addPod(bin, pod.shape);
  }
  const [model] = nodes;
  for (const { node, shape } of pods) {
    if (node !== undefined || !model) continue;
    let bin = bins.find(
      (each) =>
        passesAll(STATIC_FILTERS, shape.requirements, each) &&
        passesAll(CAPACITY_FILTERS, shape.requirements, each),
    );
    if (!bin) {
      const zone =
        shape.requirements.nodeSelector["topology.kubernetes.io/zone"] ??
        ZONES[bins.length % ZONES.length] ??
        "";
      bin = createBin(
        {
          ...model,
          name: `new-${bins.length}`,
          labels: { "topology.kubernetes.io/zone": zone },
          group: undefined,
        },
        "open",
      );
      bins.push(bin);
    }
    addPod(bin, shape);
  }
  return bins.length;
}

/** The median of some runs, in milliseconds, and the most heap the answer held on to. */
function measure(run: () => unknown): { ms: number; mib: number } {
  run();
  const times = [];
  let mib = 0;
  for (let round = 0; round < RUNS; round++) {
    collectGarbage();
    const before = process.memoryUsage().heapUsed;
    const start = process.hrtime.bigint();
    run();
    times.push(Number(process.hrtime.bigint() - start) / 1e6);
    mib = Math.max(mib, (process.memoryUsage().heapUsed - before) / MIB);
  }
  return { ms: times.sort((a, b) => a - b)[Math.floor(RUNS / 2)] ?? 0, mib };
}

const SIZES = [250, 500, 1000, 2000];

export async function nodePoolDecisions(): Promise<void> {
  const rows = CASES.flatMap((each) => {
    let last: number | undefined;
    return SIZES.map((size) => {
      const { cluster, pools } = given(size, each);
      const [decision] = decide(cluster, pools, NOW);
      const ours = measure(() => decide(cluster, pools, NOW));
      const plain = each.waiting > 0 ? measure(() => plainFirstFit(cluster)) : undefined;
      const row = [
        each.name,
        size.toLocaleString("en"),
        cluster.pods.length.toLocaleString("en"),
        ours.ms.toFixed(1),
        last === undefined ? "" : `x ${(ours.ms / last).toFixed(2)}`,
        ours.mib.toFixed(1),
        `${decision?.verdict} ${decision?.from} -> ${decision?.to}`,
        plain ? `x ${(plain.ms / ours.ms).toFixed(2)}` : "",
      ];
      last = ours.ms;
      return row;
    });
  });
  printTable(
    "decide of scale-node-pools",
    ["case", "nodes", "pods", "ms", "of half the size", "MiB", "decision", "plain first fit takes"],
    rows,
  );
}
