import type { ClusterNode, Group, Pool, ReservedCapacity } from "../model/cluster.ts";
import type { Decision } from "../model/decision.ts";
import { type Reason, reason, type ShortageCode } from "../model/reason.ts";
import { count, percent } from "../model/wording.ts";
import { NOTHING as NO_REQUESTS } from "./capacity/totals.ts";
import { Packing } from "./packing/packing.ts";
import { maxChangeReason } from "./pool/max-change.ts";
import { otherScaler } from "./pool/other-scalers.ts";
import { groupStatuses, type PoolState, poolState, targetSize } from "./pool/pool-state.ts";
import { CapacityPlan } from "./scale-out/capacity-plan.ts";
import { whyNoMoreNodes } from "./scale-out/shortage.ts";
import { releaseUnfilled } from "./scale-out/unfilled.ts";
import { shortageWarnings, warningsOf } from "./warnings.ts";

const NOTHING = { milliCpu: 0, memory: 0, pods: 0 };

/**
 * Decides about a pool whose Kubernetes API is not asked, by the share of its nodes' capacity that is reserved
 * according to Container Insights. Such a pool only grows: without the API no node can be drained, and none is
 * terminated undrained.
 */
export function decideByMetrics(pool: Pool, reserved: ReservedCapacity | undefined, now: number): Decision {
  const state = stateOf(pool, now);
  const from = targetSize(state);
  const nodesNeeded = reserved && nodesFor(pool, reserved);
  const other = otherScaler(pool.groups, state.members, undefined);
  // Of pods, drains and repairs nothing is known without the cluster's API.
  const warnings = warningsOf(state, { other, own: undefined, pods: undefined });
  const hold = holdOf(state, { from, nodesNeeded, warnings, evidence: evidenceOf(state, reserved) });
  if (other !== undefined) {
    return { ...hold, verdict: "managed-elsewhere", reasons: [reason("managed-elsewhere", other)] };
  }
  const needed = Math.max(nodesNeeded ?? 0, state.bounds.min);
  const plan = new CapacityPlan(state, new Packing([]), NO_REQUESTS, neverDraining);
  plan.growToSize(needed);
  const why = whyThisSize(pool, reserved);
  const refused = maxChangeReason(plan.added, state);
  if (refused) {
    const warning = { ...refused, about: pool.name };
    return { ...hold, verdict: "refused", reasons: [refused, why], warnings: [warning] };
  }
  const shortages = shortagesOf(state, plan, needed);
  const withShortages = {
    ...hold,
    warnings: [...warnings, ...shortageWarnings(state, { added: plan.added, shortages })],
  };
  if (plan.added === 0) {
    return {
      ...withShortages,
      reasons: [...shortages, why, ...whyNotFewer(plan.expectedSize, needed, reserved)],
    };
  }
  return {
    ...withShortages,
    verdict: "scale-out",
    to: from + plan.added,
    capacityChanges: [...plan.capacityChanges(), ...releaseUnfilled(state, plan)],
    reasons: [...shortages, why],
  };
}

/** A decision that changes nothing, but for its reasons. */
const holdOf = (
  state: PoolState,
  seen: Pick<Decision, "from" | "nodesNeeded" | "warnings" | "evidence">,
): Omit<Decision, "reasons"> => ({
  ...seen,
  pool: state.pool.name,
  verdict: "hold",
  to: seen.from,
  uncordon: [],
  capacityChanges: [],
  drain: [],
  terminate: [],
  unremovable: [],
  status: { ...state.pool.status, groups: groupStatuses(state) },
});

/** The pool with a node for each of its instances in service, and a shape that needs not be known. */
function stateOf(pool: Pool, now: number): PoolState {
  const { policy } = pool;
  const nodeShape = policy.nodeShape ?? { allocatable: NOTHING, units: 1 };
  const nodes = pool.groups.flatMap(runningNodes);
  const byInstance = new Map(nodes.map((node) => [node.name, node]));
  return poolState({ ...pool, policy: { ...policy, nodeShape } }, byInstance, [], now);
}

const evidenceOf = (
  { bounds, members }: PoolState,
  reserved: ReservedCapacity | undefined,
): Decision["evidence"] => ({
  nodes: members.filter(({ node }) => node).length,
  min: bounds.min,
  max: bounds.max,
  reservedCpuPercent: reserved ? reserved.cpu / 100 : null,
  reservedMemoryPercent: reserved ? reserved.memory / 100 : null,
});

/**
 * The smallest number of nodes on which the larger of the two reservations is at most the target. The nodes that
 * came after the datapoint are not in it.
 */
function nodesFor({ groups, policy }: Pool, { cpu, memory, at }: ReservedCapacity): number {
  const measured = groups
    .flatMap(({ instances }) => instances)
    .filter(
      ({ state, launchedAt }) => state === "running" && (launchedAt === undefined || launchedAt < at),
    ).length;
  const hundredths = BigInt(measured) * BigInt(Math.max(cpu, memory));
  const target = BigInt(policy.targetUtilisation) * 100n;
  return Number((hundredths + target - 1n) / target);
}

function whyThisSize({ policy }: Pool, reserved: ReservedCapacity | undefined): Reason {
  if (!reserved) return reason("no-datapoint", "Container Insights has no datapoint of the last minutes");
  const share = percent(Math.max(reserved.cpu, reserved.memory) / 10);
  const target = `the target is ${policy.targetUtilisation} %`;
  return reason(
    "reserved-capacity",
    `${share} of the nodes' capacity is reserved (Container Insights); ${target}`,
  );
}

function shortagesOf(state: PoolState, plan: CapacityPlan, needed: number): Reason<ShortageCode>[] {
  if (plan.expectedSize >= needed) return [];
  const text = `${count(needed, "node")} are needed: ${whyNoMoreNodes(state, plan.added)}`;
  return [reason("no-capacity-for-target", text)];
}

function whyNotFewer(size: number, needed: number, reserved: ReservedCapacity | undefined): Reason[] {
  if (!reserved || needed >= size) return [];
  const text = `${count(needed, "node")} would do; none goes, because without the cluster's API none can be drained`;
  return [reason("cannot-drain", text)];
}

/** An instance in service stands for a node, of which nothing else is known. */
const runningNodes = ({ instances }: Group): ClusterNode[] =>
  instances
    .filter(({ state }) => state === "running")
    .map(({ id, zone, launchedAt = 0 }) => ({
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
      drainCancelledAt: undefined,
    }));

const neverDraining = (node: ClusterNode): never => {
  throw new Error(`node ${node.name} of a pool without Kubernetes API cannot be draining`);
};
