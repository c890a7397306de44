import { asFailure } from "../../../shared/aws/failure.ts";
import type { KubernetesApi } from "../../../shared/kubernetes/api.ts";
import { isDraining, readDrainMark, wasDrainCancelled } from "../../../shared/kubernetes/drain-mark.ts";
import { hasStatus } from "../../../shared/kubernetes/errors.ts";
import { listNodes, type Node, readNode } from "../../../shared/kubernetes/node.ts";
import { collect } from "../../../shared/kubernetes/pages.ts";
import { podsOnNode } from "../../../shared/kubernetes/pod.ts";
import { Misconfigured, type ReflexError } from "../../../shared/lambda/errors.ts";
import type { Run } from "../../../shared/lambda/run.ts";
import { type Candidate, type GroupState, refusal } from "../decide/guards/admission.ts";
import { nextStep } from "../decide/next-step.ts";
import type { DrainStart, NodeResult } from "../model/drain.ts";
import { notifyOutcome } from "../notify/notification.ts";
import { groupStates, memberships } from "../observe/auto-scaling-groups.ts";
import { clusterApi } from "../observe/find-pool.ts";
import { type Dependencies, mayAct, type NamedPool } from "../run/dependencies.ts";
import type { DrainOrder } from "../triggers/trigger.ts";
import { markInStage } from "./drain-mark.ts";
import type { NodeDrain } from "./drain-node.ts";

/**
 * Marks the nodes of the scaler's plan. Every guard is asked before the first cordon, so that no node stands
 * there cordoned that its group would keep.
 */
export async function admitDrainOrder(order: DrainOrder, run: Run, deps: Dependencies): Promise<DrainStart> {
  const policy = deps.pools[order.nodePool];
  if (!policy) {
    const known = Object.keys(deps.pools).join(", ") || "none";
    throw new Misconfigured(
      `the order names node pool "${order.nodePool}", the config has ${known}: nothing was begun`,
    );
  }
  const pool: NamedPool = { name: order.nodePool, policy };
  const api = await clusterApi(deps, pool, run.signal);
  if (!api) {
    throw new Misconfigured(
      `node pool ${pool.name} has no \`cluster\`: its nodes cannot be emptied; nothing was begun`,
    );
  }

  const ids = order.nodes.map(({ instanceId }) => instanceId);
  const [guardsOf, leaving] = await Promise.all([groupsOf(pool, ids, run, deps), leavingNow(api, run)]);
  const drains: NodeDrain[] = [];
  const results: NodeResult[] = [];
  const failures: ReflexError[] = [];
  for (const { node, instanceId } of order.nodes) {
    const drain: NodeDrain = { pool, api, node, reason: "scale-in" };
    const group = guardsOf.get(instanceId);
    const alreadyLeaving = countLeaving(leaving, group, instanceId);
    try {
      const begun = await beginNode(drain, { instanceId, group, alreadyLeaving }, order.plan, run, deps);
      if ("outcome" in begun) results.push(begun);
      else {
        drains.push(begun);
        leaving.add(instanceId);
      }
    } catch (error) {
      failures.push(asFailure(error, "drain", `node/${node}`));
    }
  }
  return { drains, results, failures };
}

/** Marks one node, or says why it is not. */
async function beginNode(
  drain: NodeDrain,
  candidate: Candidate,
  plan: string,
  run: Run,
  deps: Dependencies,
): Promise<NodeDrain | NodeResult> {
  const { api, pool } = drain;
  const { instanceId } = candidate;
  const node = await nodeOrNone(api, drain.node, run.signal);
  const running = node && readDrainMark(node);
  if (running && running.ended === undefined) return { ...drain, reason: running.reason };
  const guarded = pool.policy.spotFleet === undefined;
  const why =
    whyNotThisNode(node, drain.node, instanceId, pool, run.clock.now()) ??
    (guarded ? refusal(candidate) : undefined) ??
    (await whyNotItsPods(drain, node, instanceId, run));
  if (why !== undefined || !node) {
    const refused = notBegun(drain, "refused", `nothing was begun: ${why}`);
    run.metrics.count("Blocked");
    run.log.warn(refused.did, { node: drain.node, nodePool: pool.name });
    // A node that is no more needs nobody's attention.
    if (node) await notifyOutcome(refused, run, deps);
    return refused;
  }
  if (!mayAct(deps, pool)) return notBegun(drain, "observed", "would be emptied; mode is observe");
  const since = Math.floor(run.clock.now() / 1000);
  const mark = { since, nodePool: pool.name, reason: "scale-in" as const, instanceId, plan };
  await markInStage(api, node, mark, run);
  return drain;
}

async function groupsOf(
  { policy }: NamedPool,
  instanceIds: readonly string[],
  run: Run,
  deps: Dependencies,
): Promise<Map<string, GroupState>> {
  if (policy.spotFleet !== undefined) return new Map();
  const members = await memberships(deps.autoScaling, instanceIds, run.signal);
  const names = [...new Set([...members.values()].map(({ group }) => group))];
  const states = await groupStates(deps.autoScaling, names, run.signal);
  return new Map(
    [...members.values()].flatMap(({ instanceId, group }) => {
      const state = states.get(group);
      return state ? [[instanceId, state] as const] : [];
    }),
  );
}

/** The instances that are on their way out by our own plans: their place in the group is counted as gone. */
async function leavingNow(api: KubernetesApi, run: Run): Promise<Set<string>> {
  const cordoned = await listNodes(api, { fieldSelector: "spec.unschedulable=true", signal: run.signal });
  return new Set(
    cordoned.flatMap((node) =>
      readDrainMark(node)?.reason === "scale-in" ? (node.machine?.instanceId ?? []) : [],
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

async function nodeOrNone(api: KubernetesApi, name: string, signal: AbortSignal): Promise<Node | undefined> {
  try {
    return await readNode(api, name, signal);
  } catch (error) {
    if (hasStatus(error, 404)) return undefined;
    throw error;
  }
}

function whyNotThisNode(
  node: Node | undefined,
  name: string,
  instanceId: string,
  { policy }: NamedPool,
  now: number,
): string | undefined {
  if (!node) return `there is no node ${name} any more`;
  if (node.machine?.instanceId !== instanceId) {
    return `node ${name} is on ${node.machine?.instanceId ?? "no EC2 instance"}, the plan says ${instanceId}`;
  }
  if (isDraining(node)) return "an earlier drain of it has ended, and its instance is about to go";
  if (wasDrainCancelled(node, policy.drain.softDeadline, now))
    return "it could not be emptied a short while ago";
  return undefined;
}

/** Looks at the pods as the drain would: a pod that must not be moved is found before the cordon. */
async function whyNotItsPods(
  { api, pool }: NodeDrain,
  node: Node | undefined,
  instanceId: string,
  run: Run,
): Promise<string | undefined> {
  if (!node) return undefined;
  const now = run.clock.now();
  const mark = { since: Math.ceil(now / 1000), nodePool: pool.name, reason: "scale-in" as const, instanceId };
  const pods = await collect(podsOnNode(api, node.name, run.signal));
  const step = nextStep({ mark, ready: node.ready, pods, policy: pool.policy.drain, now });
  return step.kind === "give-back" ? step.why : undefined;
}

const notBegun = (
  { pool, node, reason }: NodeDrain,
  outcome: "refused" | "observed",
  did: string,
): NodeResult => ({
  nodePool: pool.name,
  node,
  reason,
  outcome,
  did,
  evicted: 0,
  blockers: [],
});
