import {
  nodeCapacities,
  totalOf,
} from "../../../functions/scale-node-pools/decide/capacity/node-capacity.ts";
import { nodesNeeded } from "../../../functions/scale-node-pools/decide/capacity/nodes-needed.ts";
import { sum, type Totals, within } from "../../../functions/scale-node-pools/decide/capacity/totals.ts";
import { decideByMetrics } from "../../../functions/scale-node-pools/decide/decide-by-metrics.ts";
import { headroomOf } from "../../../functions/scale-node-pools/decide/pool/headroom.ts";
import { maxChangeReason } from "../../../functions/scale-node-pools/decide/pool/max-change.ts";
import { type PoolState, poolState } from "../../../functions/scale-node-pools/decide/pool/pool-state.ts";
import { planScaleIn } from "../../../functions/scale-node-pools/decide/scale-in/scale-in.ts";
import { CapacityPlan } from "../../../functions/scale-node-pools/decide/scale-out/capacity-plan.ts";
import type { ScaleOutPlan } from "../../../functions/scale-node-pools/decide/scale-out/scale-out.ts";
import {
  type ClusterSnapshot,
  presentNodes,
} from "../../../functions/scale-node-pools/decide/snapshot/cluster-snapshot.ts";
import type { Cluster, ClusterNode } from "../../../functions/scale-node-pools/model/cluster.ts";
import type { Resources } from "../../../shared/kubernetes/resources.ts";
import type { NodePool } from "../../../shared/node-pools/policy.ts";
import type { NodeMinute, NodeSize } from "./history.ts";
import { PoolModel } from "./pool-model.ts";

/** Container Insights' newest datapoint is of so many minutes ago. */
const METRICS_LATE_MINUTES = 2;

/** So many pods fit where their number is not known. */
const NOT_COUNTED = 1_000_000;

/** What the pods of the history requested, and what one node holds: what all ways to run the pool have in common. */
export interface PoolCase {
  readonly minutes: readonly NodeMinute[];
  readonly requests: readonly Totals[];
  readonly node: Resources;
}

export interface NodeChange {
  readonly at: number;
  readonly kind: string;
  readonly from: number;
  readonly to: number;
  readonly verdict: string;
  readonly reason: string;
}

/** One run of a policy over a history, minute by minute. */
export interface PoolRun {
  /** All nodes, also those that join or are drained. */
  readonly nodes: readonly number[];
  /** How many more nodes that take pods the requests would have filled. */
  readonly short: readonly number[];
  readonly changes: readonly NodeChange[];
}

/** @param pods what one node takes, where the config says it; else pods are not counted */
export function poolCase(minutes: readonly NodeMinute[], size: NodeSize, pods: number | undefined): PoolCase {
  const { milliCpu, memory } = size;
  const requests = minutes.map(({ nodes, cpuReserved, memoryReserved, pods: running = 0 }) => ({
    milliCpu: BigInt(Math.round((nodes * milliCpu * cpuReserved) / 100)),
    memory: BigInt(Math.round((nodes * memory * memoryReserved) / 100)),
    pods: pods === undefined ? 0n : BigInt(Math.round(running)),
  }));
  return { minutes, requests, node: { milliCpu, memory, pods: pods ?? NOT_COUNTED } };
}

/** How many nodes of that size keep the requests at or below `percent` percent. */
export function nodesFor({ node }: PoolCase, requests: Totals, percent: number): number {
  return nodesNeeded(requests, [], node, percent) ?? 0;
}

/** The policy's own rules, each minute, where every pod fits wherever there is room for its request. */
export function runPolicy(one: PoolCase, policy: NodePool): PoolRun {
  const isByMetrics = policy.containerInsights !== undefined;
  const first = one.minutes[0];
  const model = new PoolModel(policy, one.node, first?.nodes ?? 0, first?.at ?? 0);
  const [nodes, short]: [number[], number[]] = [[], []];
  const changes: NodeChange[] = [];
  for (const [index, { at }] of one.minutes.entries()) {
    const requests = one.requests[index] ?? { milliCpu: 0n, memory: 0n, pods: 0n };
    const change = isByMetrics ? byMetrics(model, one, index) : byRequests(model, requests, at);
    if (change) changes.push(change);
    nodes.push(model.size);
    const all = nodesFor(one, requests, 100);
    const capacity = model.capacityAt(at);
    short.push(within(requests, capacity, 100) ? 0 : all - nodesFor(one, capacity, 100));
  }
  return { nodes, short, changes };
}

/** A pool whose Kubernetes API is not asked: `decideByMetrics`, as it is. */
function byMetrics(model: PoolModel, one: PoolCase, index: number): NodeChange | undefined {
  const { at: now } = one.minutes[index] ?? { at: 0 };
  const late = one.minutes[Math.max(0, index - METRICS_LATE_MINUTES)];
  const requests = one.requests[Math.max(0, index - METRICS_LATE_MINUTES)];
  const { pool } = model.at(now);
  const capacity = model.capacityAt(now);
  const share = (requested = 0n, of = 0n) =>
    of === 0n ? 10_000 : Math.min(10_000, Number((requested * 10_000n + of - 1n) / of));
  const decision = decideByMetrics(
    pool,
    {
      cpu: share(requests?.milliCpu, capacity.milliCpu),
      memory: share(requests?.memory, capacity.memory),
      at: late?.at ?? now,
    },
    now,
  );
  const { from, to, reasons } = decision;
  if (to <= from) return undefined;
  model.launch(to - from, now);
  return { at: now, kind: "launch", from, to, verdict: "scale-out", reason: reasons[0]?.text ?? "" };
}

/** A pool of a cluster whose API is asked: its plan of capacity, else its plan of scale-in. */
function byRequests(model: PoolModel, requested: Totals, now: number): NodeChange | undefined {
  const { pool, nodes } = model.at(now);
  const state = poolState(pool, new Map(nodes.map((node) => [node.name, node])), [], now);
  const requests = sum(requested, headroomOf(state));
  const snapshot = presentNodes(clusterOf(nodes), new Map(), [state]);
  return scaleOut(model, state, requests, snapshot) ?? scaleIn(model, state, requests, snapshot);
}

function scaleOut(
  model: PoolModel,
  state: PoolState,
  requests: Totals,
  snapshot: ClusterSnapshot,
): NodeChange | undefined {
  const { now, bounds, pool } = state;
  const { targetUtilisation } = pool.policy;
  const capacity = totalOf(nodeCapacities(state, new Map()));
  const plan = new CapacityPlan(state, snapshot.packing, capacity, (node) => ({
    bin: snapshot.binOf(node),
    capacity: node.allocatable,
  }));
  plan.growToTarget(requests, targetUtilisation);
  plan.growToSize(bounds.min);
  const kept = plan.uncordoned.map(({ node }) => node);
  if (plan.added + kept.length === 0 || maxChangeReason(plan.added, state)) return undefined;
  const from = plan.targetSize - plan.added - kept.length;
  model.uncordon(kept);
  if (plan.added > 0) model.launch(plan.added, now);
  model.status = {};
  const reason = `what is requested needs ${plan.targetSize} nodes at ${targetUtilisation} %, or min does`;
  return { at: now, kind: "launch", from, to: plan.targetSize, verdict: "scale-out", reason };
}

function scaleIn(
  model: PoolModel,
  state: PoolState,
  requests: Totals,
  snapshot: ClusterSnapshot,
): NodeChange | undefined {
  const { drain, reasons, lowSince } = planScaleIn(
    state,
    snapshot,
    new Map(),
    nothingToAdd(requests),
    () => [],
  );
  model.status = lowSince === undefined ? {} : { lowSince };
  if (drain.length === 0) return undefined;
  const from = model.size;
  model.drain(
    drain.map(({ node }) => node),
    state.now,
  );
  const reason = reasons[0]?.text ?? "";
  return { at: state.now, kind: "drain", from, to: from - drain.length, verdict: "scale-in", reason };
}

const nothingToAdd = (requests: Totals): ScaleOutPlan => ({
  ...{ uncordon: [], capacityChanges: [], added: 0, reasons: [], shortages: [], refused: undefined },
  ...{ requests, nodesNeeded: undefined, placed: 0, unplaced: 0, stuck: [] },
});

const clusterOf = (nodes: readonly ClusterNode[]): Cluster => ({
  ...{ name: "simulated", nodes, pods: [], budgets: [], daemonSets: [], unreadable: [] },
  clusterAutoscaler: undefined,
});
