import { asFailure } from "../../../../shared/aws/failure.ts";
import type { KubernetesApi } from "../../../../shared/kubernetes/api/api.ts";
import { hasStatus } from "../../../../shared/kubernetes/api/errors.ts";
import { collect } from "../../../../shared/kubernetes/api/list/pages.ts";
import {
  type DrainMark,
  isDraining,
  readDrainMark,
  wasDrainCancelled,
} from "../../../../shared/kubernetes/drain-mark.ts";
import { type Node, readNode } from "../../../../shared/kubernetes/node.ts";
import { podsOnNode } from "../../../../shared/kubernetes/pod.ts";
import { Misconfigured, type ReflexError } from "../../../../shared/lambda/errors.ts";
import type { Run } from "../../../../shared/lambda/run.ts";
import type { NamedPool } from "../../../../shared/node-pools/policy.ts";
import type { Reason } from "../../../../shared/node-pools/reason.ts";
import { refusal } from "../../decide/admission.ts";
import { nextStep } from "../../decide/next-step.ts";
import { type PoolDrains, poolLimitReason } from "../../decide/pool-limits.ts";
import {
  type DrainStart,
  drainStart,
  type NodeDrain,
  type NodeReasonCode,
  type NodeResult,
  nodeResult,
} from "../../model/drain.ts";
import { type NotifiedResult, notifyResult } from "../../notify/notification.ts";
import { clusterApi, ownerOf } from "../../observe/find-pool.ts";
import { isBeingDrained, markedNodes } from "../../observe/marked-nodes.ts";
import { newerPlan } from "../../observe/newer-plan.ts";
import { type PoolInstances, poolInstances } from "../../observe/pool-instances.ts";
import { type Dependencies, heldBy, type RunDependencies } from "../../run/dependencies.ts";
import type { DrainOrder } from "../../triggers/trigger.ts";
import { admitDrains, type PlannedMark } from "./admit-drains.ts";

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
  const drains: NodeDrain[] = [];
  const results: NodeResult[] = [];
  const failures: ReflexError[] = [];
  const admitted = await admitDrains(
    pool,
    async () => {
      const { instances, current } = await observePool(pool, api, order, run, deps);
      const marks: PlannedMark[] = [];
      for (const { node, instanceId } of order.nodes) {
        const drain: NodeDrain = { pool, api, node, cause: "scale-in" };
        try {
          const candidate = { instanceId, instances, drains: withPlanned(current, marks) };
          const judged = await judgeNode(drain, candidate, order.plan, run, deps);
          if ("outcome" in judged) results.push(judged);
          else if ("mark" in judged) marks.push(judged);
          else drains.push(judged);
        } catch (error) {
          failures.push(asFailure(error, "drain", `node/${node}`));
        }
      }
      return { marks, instances };
    },
    run,
    deps,
  );
  return drainStart({
    drains: [...drains, ...admitted.drains],
    results,
    failures: [...failures, ...admitted.failures],
  });
}

/** The pool's size, and the drains in it, whatever began them. */
async function observePool(
  pool: NamedPool,
  api: KubernetesApi,
  { nodes }: DrainOrder,
  run: Run,
  deps: Dependencies,
): Promise<{ instances: PoolInstances; current: PoolDrains }> {
  const ids = nodes.map(({ instanceId }) => instanceId);
  const [instances, marked] = await Promise.all([
    poolInstances(pool, ids, run.signal, deps),
    markedNodes(api, run.signal),
  ]);
  const draining = marked.filter(isBeingDrained).flatMap((node) => {
    const id = node.machine?.instanceId;
    return id !== undefined && instances.all.has(id) ? [{ id, cause: readDrainMark(node)?.cause }] : [];
  });
  const leaving = draining.filter(({ id, cause }) => cause === "scale-in" && instances.present.has(id));
  const current = {
    policy: pool.policy,
    size: instances.size,
    leaving: new Set(leaving.map(({ id }) => id)),
    draining: new Set(draining.map(({ id }) => id)),
    now: run.clock.now(),
  };
  return { instances, current };
}

/** The drains with those that this run is about to begin. */
function withPlanned(current: PoolDrains, marks: readonly PlannedMark[]): PoolDrains {
  const ids = marks.map(({ mark }) => mark.instanceId);
  return {
    ...current,
    leaving: new Set([...current.leaving, ...ids]),
    draining: new Set([...current.draining, ...ids]),
  };
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

/** An instance of an order, with its pool. */
interface OrderedInstance {
  readonly instanceId: string;
  readonly instances: PoolInstances;
  readonly drains: PoolDrains;
}

/** The mark of one node, a drain that is under way already, or why the node is not drained. */
async function judgeNode(
  drain: NodeDrain,
  { instanceId, instances, drains }: OrderedInstance,
  plan: string,
  run: Run,
  deps: RunDependencies,
): Promise<PlannedMark | NodeDrain | NodeResult> {
  const { api, pool } = drain;
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
    groupRefusal(instanceId, instances, drains, pool) ??
    (await podsRefusal(drain, node, mark, run));
  if (why) {
    const refused = refuse(drain, why, run);
    await notifyResult(refused, run, deps);
    return refused;
  }
  const full = poolLimitReason(drains);
  if (full) return refusedForNow(drain, full, run);
  const held = await heldBy(deps, pool, run);
  if (held) return nodeResult(drain, "observed", held.code, `would be drained; ${held.text}`);
  return { drain, node, mark };
}

/** Other drains were faster than the scaler's plan: its next one counts them, and nobody has to do anything. */
function refusedForNow(drain: NodeDrain, { code, text }: Refusal, run: Run): NodeResult {
  const refused = nodeResult(drain, "refused", code, `nothing was started: ${text}`);
  run.log.info(refused.reason.text, { node: drain.node, nodePool: drain.pool.name });
  return refused;
}

function refuse(drain: NodeDrain, { code, text }: Refusal, run: Run): NotifiedResult {
  const refused = nodeResult(drain, "refused", code, `nothing was started: ${text}`);
  run.metrics.count("Blocked");
  run.log.warn(refused.reason.text, { node: drain.node, nodePool: drain.pool.name });
  return refused;
}

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
  const { owner } = await ownerOf(instanceId, pool, deps, signal);
  if (owner !== "foreign") return undefined;
  return { code: "foreign-pool", text: `instance ${instanceId} is not in node pool ${pool.name}` };
}

/** A Spot Fleet has no rules of its own: its target is what we set. */
function groupRefusal(
  instanceId: string,
  { groups }: PoolInstances,
  { leaving }: PoolDrains,
  { policy }: NamedPool,
): Refusal | undefined {
  if (policy.spotFleet !== undefined) return undefined;
  const group = [...groups.values()].find(({ instances }) => instances.some(({ id }) => id === instanceId));
  const others = group?.instances.filter(
    ({ id, lifecycleState }) => id !== instanceId && lifecycleState === "InService" && leaving.has(id),
  );
  const unitsLeaving = others?.reduce((sum, { units }) => sum + units, 0) ?? 0;
  return refusal({ instanceId, group, unitsLeaving });
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
