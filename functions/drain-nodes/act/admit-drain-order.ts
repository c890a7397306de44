import { asFailure } from "../../../shared/aws/failure.ts";
import type { KubernetesApi } from "../../../shared/kubernetes/api/api.ts";
import { hasStatus } from "../../../shared/kubernetes/api/errors.ts";
import { collect } from "../../../shared/kubernetes/api/pages.ts";
import {
  type DrainMark,
  isDraining,
  readDrainMark,
  wasDrainCancelled,
} from "../../../shared/kubernetes/drain-mark.ts";
import { listNodes, type Node, readNode } from "../../../shared/kubernetes/node.ts";
import { podsOnNode } from "../../../shared/kubernetes/pod.ts";
import { Misconfigured, type ReflexError } from "../../../shared/lambda/errors.ts";
import type { Run } from "../../../shared/lambda/run.ts";
import type { NamedPool } from "../../../shared/node-pools/policy.ts";
import type { Reason } from "../../../shared/node-pools/reason.ts";
import { type Candidate, refusal } from "../decide/admission.ts";
import { nextStep } from "../decide/next-step.ts";
import {
  type DrainStart,
  drainStart,
  type NodeDrain,
  type NodeReasonCode,
  type NodeResult,
  nodeResult,
} from "../model/drain.ts";
import type { GroupState } from "../model/group.ts";
import { notifyResult } from "../notify/notification.ts";
import { groupStates, memberships } from "../observe/auto-scaling-groups.ts";
import { clusterApi, ownerOf } from "../observe/find-pool.ts";
import { newerPlan } from "../observe/newer-plan.ts";
import { type Dependencies, mayAct, type RunDependencies } from "../run/dependencies.ts";
import type { DrainOrder } from "../triggers/trigger.ts";
import { startMark } from "./drain-mark.ts";

/** Why a node of an order is not drained. */
type Refusal = Reason<NodeReasonCode>;

/**
 * Marks the nodes of the scaler's plan. Every rule is asked before the first cordon, so that no node stands
 * there cordoned that its group would keep.
 */
export async function admitDrainOrder(
  order: DrainOrder,
  run: Run,
  deps: RunDependencies,
): Promise<DrainStart> {
  const pool = poolOfOrder(order, deps);
  const api = await clusterApi(deps, pool, run.signal);
  if (!api) {
    throw new Misconfigured(
      `node pool ${pool.name} has no \`cluster\`: its nodes cannot be drained; nothing was started`,
    );
  }
  const newer = await newerPlan(order, run, deps);
  if (newer !== undefined) return drainStart({ results: supersededBy(newer, order, pool) });
  const ids = order.nodes.map(({ instanceId }) => instanceId);
  const [groups, leaving] = await Promise.all([groupsOf(pool, ids, run, deps), leavingNow(api, run)]);
  const drains: NodeDrain[] = [];
  const results: NodeResult[] = [];
  const failures: ReflexError[] = [];
  for (const { node, instanceId } of order.nodes) {
    const drain: NodeDrain = { pool, api, node, cause: "scale-in" };
    const group = groups.get(instanceId);
    const alreadyLeaving = countLeaving(leaving, group, instanceId);
    try {
      const admitted = await admitNode(drain, { instanceId, group, alreadyLeaving }, order.plan, run, deps);
      if ("outcome" in admitted) results.push(admitted);
      else {
        drains.push(admitted);
        leaving.add(instanceId);
      }
    } catch (error) {
      failures.push(asFailure(error, "drain", `node/${node}`));
    }
  }
  return drainStart({ drains, results, failures });
}

/** A later plan counted on other nodes: the disruption budget would be exceeded with those of this one. */
const supersededBy = (newer: string, { nodes, plan }: DrainOrder, pool: NamedPool) =>
  nodes.map(({ node }) =>
    nodeResult(
      { pool, node, cause: "scale-in" },
      "refused",
      "superseded-plan",
      `nothing was started: plan ${plan} is void, plan ${newer} came after it`,
    ),
  );

function poolOfOrder({ nodePool: name }: DrainOrder, { pools }: Pick<Dependencies, "pools">): NamedPool {
  const policy = pools[name];
  if (policy) return { name, policy };
  const known = Object.keys(pools).join(", ") || "none";
  throw new Misconfigured(
    `the order names node pool "${name}", the config has ${known}: nothing was started`,
  );
}

/** Marks one node, or says why it is not drained. */
async function admitNode(
  drain: NodeDrain,
  candidate: Candidate,
  plan: string,
  run: Run,
  deps: RunDependencies,
): Promise<NodeDrain | NodeResult> {
  const { api, pool } = drain;
  const { instanceId } = candidate;
  const node = await nodeIfExists(api, drain.node, run.signal);
  const current = node && readDrainMark(node);
  if (current && current.endedAt === undefined && current.instanceId === node.machine?.instanceId)
    return { ...drain, cause: current.cause };
  if (!node) return refuse(drain, { code: "node-gone", text: `node ${drain.node} no longer exists` }, run);

  const now = run.clock.now();
  const mark: DrainMark = {
    startedAt: now,
    cordonedAt: now,
    nodePool: pool.name,
    cause: "scale-in",
    instanceId,
    plan,
  };
  const why =
    nodeRefusal(node, instanceId, pool, now) ??
    (await ownerRefusal(instanceId, pool, run, deps)) ??
    groupRefusal(candidate, pool) ??
    (await podsRefusal(drain, node, mark, run));
  if (why) {
    const refused = refuse(drain, why, run);
    await notifyResult(refused, run, deps);
    return refused;
  }
  if (!mayAct(deps, pool))
    return nodeResult(drain, "observed", "mode-observe", "would be drained; mode is observe");
  await startMark(api, node, mark, run);
  return drain;
}

function refuse(drain: NodeDrain, { code, text }: Refusal, run: Run): NodeResult {
  const refused = nodeResult(drain, "refused", code, `nothing was started: ${text}`);
  run.metrics.count("Blocked");
  run.log.warn(refused.reason.text, { node: drain.node, nodePool: drain.pool.name });
  return refused;
}

/** The groups of these instances, by instance; a pool of a Spot Fleet has none. */
async function groupsOf(
  { policy }: NamedPool,
  instanceIds: readonly string[],
  run: Run,
  { autoScaling }: Pick<Dependencies, "autoScaling">,
): Promise<Map<string, GroupState>> {
  if (policy.spotFleet !== undefined) return new Map();
  const members = await memberships(autoScaling, instanceIds, run.signal);
  const names = [...new Set([...members.values()].map(({ group }) => group))];
  const states = await groupStates(autoScaling, names, run.signal);
  return new Map(
    [...members.values()].flatMap(({ instanceId, group }) => {
      const state = states.get(group);
      return state ? [[instanceId, state] as const] : [];
    }),
  );
}

/** The instances that are leaving by our own plans: their place in the group counts as gone. */
async function leavingNow(api: KubernetesApi, { signal }: Run): Promise<Set<string>> {
  const cordoned = await listNodes(api, { fieldSelector: "spec.unschedulable=true", signal });
  return new Set(
    cordoned.flatMap((node) =>
      readDrainMark(node)?.cause === "scale-in" ? (node.machine?.instanceId ?? []) : [],
    ),
  );
}

/** Of these, the ones whose place the group's desired size still counts. */
const countLeaving = (
  leaving: ReadonlySet<string>,
  group: GroupState | undefined,
  instanceId: string,
): number =>
  group?.instances.filter(
    ({ id, lifecycleState }) => id !== instanceId && lifecycleState === "InService" && leaving.has(id),
  ).length ?? 0;

async function nodeIfExists(
  api: KubernetesApi,
  name: string,
  signal: AbortSignal,
): Promise<Node | undefined> {
  try {
    return await readNode(api, name, signal);
  } catch (error) {
    if (hasStatus(error, 404)) return undefined;
    throw error;
  }
}

function nodeRefusal(
  node: Node,
  instanceId: string,
  { policy }: NamedPool,
  now: number,
): Refusal | undefined {
  if (node.machine?.instanceId !== instanceId) {
    const text = `node ${node.name} is on ${node.machine?.instanceId ?? "no EC2 instance"}, the plan says ${instanceId}`;
    return { code: "instance-mismatch", text };
  }
  if (isDraining(node))
    return { code: "already-drained", text: "it was drained already, and its instance is about to go" };
  if (wasDrainCancelled(node, policy.drain.softDeadline, now))
    return { code: "recently-cancelled", text: "its last drain was cancelled a short while ago" };
  return undefined;
}

/** What an order names is not believed: the instance has to be the pool's own. */
async function ownerRefusal(
  instanceId: string,
  pool: NamedPool,
  { signal }: Run,
  deps: Dependencies,
): Promise<Refusal | undefined> {
  if ((await ownerOf(instanceId, pool, deps, signal)) !== "foreign") return undefined;
  return { code: "foreign-pool", text: `instance ${instanceId} is not in node pool ${pool.name}` };
}

/** A Spot Fleet has no rules of its own: its target is what we set. */
function groupRefusal(candidate: Candidate, { policy }: NamedPool): Refusal | undefined {
  return policy.spotFleet === undefined ? refusal(candidate) : undefined;
}

/** Reads the pods as the drain would: a pod that must not be moved is found before the cordon. */
async function podsRefusal(
  { api, pool }: NodeDrain,
  node: Node,
  mark: DrainMark,
  run: Run,
): Promise<Refusal | undefined> {
  const pods = await collect(podsOnNode(api, node.name, run.signal));
  const view = { mark, ready: node.ready, pods, policy: pool.policy.drain, now: mark.startedAt };
  const step = nextStep(view);
  return step.kind === "cancel" ? step.reason : undefined;
}
