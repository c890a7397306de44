import type { ClusterNode, Group, Pool, Reserved } from "../model/cluster.ts";
import type { Decision } from "../model/decision.ts";
import { count, percent } from "../model/wording.ts";
import { createBin } from "./packing/bin.ts";
import { Packing } from "./packing/packing.ts";
import { maxChangeReason } from "./pool/max-change.ts";
import { otherScaler } from "./pool/other-scalers.ts";
import { poolState, targetSize } from "./pool/pool-state.ts";
import { CapacityPlan } from "./scale-out/capacity-plan.ts";
import { whyNoMore } from "./scale-out/why-no-more.ts";
import { warningsOf } from "./warnings.ts";

const NOTHING = { milliCpu: 0, memory: 0, pods: 0 };

/**
 * Decides about a pool whose Kubernetes API is not asked, by the share of the nodes that Container Insights
 * says is reserved. Such a pool only grows: without the API no node can be drained, and none is ended undrained.
 */
export function decideByMetrics(pool: Pool, reserved: Reserved | undefined, now: number): Decision {
  const { policy } = pool;
  const known = {
    ...pool,
    policy: { ...policy, nodeShape: policy.nodeShape ?? { allocatable: NOTHING, units: 1 } },
  };
  const nodes = new Map(pool.groups.flatMap(runningNodes).map((node) => [node.name, node]));
  const state = poolState(known, nodes, [], now);
  const other = otherScaler(pool.groups, state.members, undefined);
  const from = targetSize(state);
  const need = reserved && nodesFor(pool, reserved);
  const common = {
    pool: pool.name,
    uncordon: [],
    drain: [],
    from,
    need,
    memory: pool.memory,
    evidence: {
      nodes: nodes.size,
      min: state.bounds.min,
      max: state.bounds.max,
      reservedCpuPercent: reserved ? reserved.cpu / 100 : null,
      reservedMemoryPercent: reserved ? reserved.memory / 100 : null,
    },
  };
  const stay = (
    verdict: Decision["verdict"],
    reasons: readonly string[],
    limits: readonly string[] = [],
  ): Decision => ({
    ...common,
    verdict,
    orders: [],
    to: from,
    reasons: [...limits, ...reasons],
    warnings: [
      ...warningsOf(state, other, undefined, undefined),
      ...limits.map((text) => ({ code: "no-room" as const, about: pool.name, text })),
    ],
  });

  if (other !== undefined) return stay("hands-off", [other]);
  const needed = Math.max(need ?? 0, state.bounds.min);
  const growth = new CapacityPlan(state, new Packing([]), (node) => ({ bin: empty(node), offer: NOTHING }));
  while (growth.sizeToBe < needed && growth.makeRoom().length > 0);
  const limits =
    growth.sizeToBe < needed
      ? [`${count(needed, "node")} are needed: ${whyNoMore(state, growth.added)}`]
      : [];
  const why = reserved
    ? `Container Insights has ${percent(Math.max(reserved.cpu, reserved.memory) / 10)} of the nodes reserved; the target is ${policy.targetUtilisation} %`
    : "Container Insights has no datapoint of the last minutes";
  if (growth.added === 0) return stay("hold", [why, ...whyNotFewer(from, needed, reserved)], limits);
  const refused = maxChangeReason(growth.added, state);
  if (refused !== undefined) {
    return {
      ...stay("refused", [refused, why]),
      warnings: [{ code: "more-than-max-change", about: pool.name, text: refused }],
    };
  }
  return {
    ...stay("out", [why], limits),
    verdict: "out",
    to: from + growth.added,
    orders: growth.orders(),
  };
}

/**
 * The smallest number of nodes on which the larger of the two reservations is at most the target. The nodes that
 * came after the datapoint are not in it.
 */
function nodesFor({ groups, policy }: Pool, { cpu, memory, at }: Reserved): number {
  const measured = groups
    .flatMap(({ instances }) => instances)
    .filter(
      ({ state, launchedAt }) => state === "running" && (launchedAt === undefined || launchedAt < at),
    ).length;
  const hundredths = BigInt(measured) * BigInt(Math.max(cpu, memory));
  const target = BigInt(policy.targetUtilisation) * 100n;
  return Number((hundredths + target - 1n) / target);
}

const whyNotFewer = (from: number, needed: number, reserved: Reserved | undefined): string[] =>
  reserved && needed < from
    ? [`${count(needed, "node")} would do; none goes, because without the cluster's API none can be drained`]
    : [];

/** An instance in service stands for a node, of which nothing else is known. */
const runningNodes = ({ instances }: Group): ClusterNode[] =>
  instances.flatMap(({ id, state, zone, launchedAt = 0 }) =>
    state === "running"
      ? [
          {
            name: id,
            uid: id,
            resourceVersion: "",
            createdAt: launchedAt,
            labels: {},
            annotations: {},
            taints: [],
            allocatable: NOTHING,
            instanceId: id,
            zone,
            ready: true,
            cordoned: false,
            draining: undefined,
            givenBackAt: undefined,
          },
        ]
      : [],
  );

const empty = ({ name }: ClusterNode) =>
  createBin({ name, labels: {}, taints: [], group: undefined, allocatable: NOTHING }, "closed");
