import type { KubernetesApi } from "../../../../shared/kubernetes/api/api.ts";
import {
  type DrainCause,
  type DrainMark,
  type LifecycleHook,
  readDrainMark,
} from "../../../../shared/kubernetes/drain-mark.ts";
import { findNode, type Node, readNode } from "../../../../shared/kubernetes/node.ts";
import type { Run } from "../../../../shared/lambda/run.ts";
import type { NamedPool } from "../../../../shared/node-pools/policy.ts";
import { type DrainStart, drainStart, type NodeDrain, nodeResult } from "../../model/drain.ts";
import { notifyResult } from "../../notify/notification.ts";
import { clusterApi, poolOfGroup, poolOfInstance } from "../../observe/find-pool.ts";
import { type Dependencies, heldBy, type RunDependencies } from "../../run/dependencies.ts";
import type { HeldTermination, RebalanceRecommendation, SpotInterruption } from "../../triggers/trigger.ts";
import { NodeChanged, startMark } from "../drain-mark.ts";
import { completeLifecycleAction, heartbeatTimeoutMs, recordHeartbeat } from "../lifecycle-hook.ts";

/** AWS says that an instance goes, or may go. */
export type Interruption = HeldTermination | SpotInterruption | RebalanceRecommendation;

/** A later interruption takes a drain over from an earlier one only when it leaves less time. */
const URGENCY: Readonly<Record<DrainCause, number>> = {
  "scale-in": 0,
  "rebalance-recommendation": 1,
  "lifecycle-hook": 2,
  "spot-interruption": 3,
};

/** The lifecycle hook by which EKS drains the nodes of a managed node group before they terminate. */
const EKS_HOOK = "Terminate-LC-Hook";

/** Whether EKS completes the hook: a second drain would evict nothing more, and could end its hold early. */
const isOfEks = (hook: string, { policy }: NamedPool): boolean =>
  hook === EKS_HOOK && policy.managedNodeGroup !== undefined;

/** Marks the node of an instance that AWS is about to take. */
export async function admitInterruption(
  interruption: Interruption,
  run: Run,
  deps: RunDependencies,
): Promise<DrainStart> {
  const { instanceId, kind: cause } = interruption;
  const pool =
    interruption.kind === "lifecycle-hook"
      ? await poolOfGroup(deps, interruption.group, run.signal)
      : await poolOfInstance(deps, instanceId, run.signal);
  if (!pool) return ignored(`instance ${instanceId} is in no node pool of the config`);
  if (cause === "rebalance-recommendation" && pool.policy.drain.onRebalanceRecommendation === "ignore") {
    return ignored(`node pool ${pool.name} ignores rebalance recommendations`);
  }
  if (cause === "rebalance-recommendation" && pool.policy.managedNodeGroup)
    return ignored(`EKS replaces the Spot nodes of managed node group ${pool.name} itself`);
  if (interruption.kind === "lifecycle-hook" && isOfEks(interruption.hook, pool))
    return ignored(`EKS drains the nodes of managed node group ${pool.name} itself, by its hook ${EKS_HOOK}`);
  const api = await clusterApi(deps, pool, run.signal);
  if (!api)
    return ignored(`node pool ${pool.name} has no \`cluster\`: instance ${instanceId} goes undrained`);
  const node = await findNode(api, instanceId, run.signal);
  const held = await heldBy(deps, pool, run);
  if (held) {
    const about = { pool, node: node?.name ?? instanceId, cause };
    const result = nodeResult(about, "observed", held.code, `would be drained; ${held.text}`);
    // AWS takes the instance all the same, with its pods: whoever paused it has to know.
    if (held.code === "paused") await notifyResult(result, run, deps);
    return drainStart({ results: [result] });
  }
  if (!node) return admitWithoutNode(interruption, pool, run, deps);
  const hook = interruption.kind === "lifecycle-hook" ? await activeHook(interruption, run, deps) : undefined;
  if (interruption.kind === "lifecycle-hook" && !hook) {
    return ignored(`lifecycle hook ${interruption.hook} does not hold instance ${instanceId}, or no longer`);
  }
  return drainStart({ drains: [await markFreshly(interruption, hook, pool, api, node, run)] });
}

/** AWS sends an interruption once, so a node that changed since it was read is read again and marked as it is then. */
async function markFreshly(
  interruption: Interruption,
  hook: LifecycleHook | undefined,
  pool: NamedPool,
  api: KubernetesApi,
  node: Node,
  run: Run,
): Promise<NodeDrain> {
  for (let attempt = 1; ; attempt += 1) {
    const now = attempt === 1 ? node : await readNode(api, node.name, run.signal);
    try {
      return await markNode(interruption, hook, pool, api, now, run);
    } catch (error) {
      if (!(error instanceof NodeChanged) || attempt === MARK_ATTEMPTS) throw error;
    }
  }
}

const MARK_ATTEMPTS = 4;

/** Marks the node for this interruption, unless it is being drained for a more urgent cause. */
async function markNode(
  { kind: cause, at, instanceId }: Interruption,
  hook: LifecycleHook | undefined,
  pool: NamedPool,
  api: KubernetesApi,
  node: Node,
  run: Run,
): Promise<NodeDrain> {
  const drain = { pool, api, node: node.name };
  const last = readDrainMark(node);
  const isOurs = last !== undefined && last.endedAt === undefined && last.instanceId === instanceId;
  const current = isOurs ? last : undefined;
  const isRepeated = current?.cause === cause && current.hook?.name === hook?.name;
  if (current && (isRepeated || URGENCY[current.cause] > URGENCY[cause])) {
    // The instance's own hook goes with whatever drains it: it is completed when the node is empty.
    if (hook && !current.hook) await startMark(api, node, { ...current, hook }, run);
    return { ...drain, cause: current.cause };
  }
  const mark: DrainMark = {
    startedAt: at,
    cordonedAt: current?.cordonedAt ?? run.clock.now(),
    nodePool: pool.name,
    cause,
    instanceId,
    ...(hook && { hook }),
    // Whoever asks for all nodes at once gets them one after the other (replace-nodes.ts).
    ...(cause === "rebalance-recommendation" && { awaitsReplacement: true }),
  };
  await startMark(api, node, mark, run);
  return { ...drain, cause };
}

/**
 * The hook, kept from timing out; undefined when it holds nothing. AWS is asked because the event proves
 * nothing: it may be late, or about an instance that goes on serving.
 */
async function activeHook(
  { group, hook: name, instanceId, toWarmPool }: HeldTermination,
  run: Run,
  { autoScaling }: Pick<Dependencies, "autoScaling">,
): Promise<LifecycleHook | undefined> {
  const timeoutMs = await heartbeatTimeoutMs(autoScaling, group, name, run.signal);
  // Lambda may have been late: a first heartbeat gives the drain the hook's whole time.
  if (!(await recordHeartbeat(autoScaling, { group, hook: name, instanceId }, run.signal))) return undefined;
  return {
    name,
    heartbeatTimeoutMs: timeoutMs,
    lastHeartbeatAt: run.clock.now(),
    ...(toWarmPool && { toWarmPool }),
  };
}

/** The instance has no node: it never joined, or its node has gone before it. A hook need not hold it. */
async function admitWithoutNode(
  interruption: Interruption,
  pool: NamedPool,
  run: Run,
  { autoScaling }: Pick<Dependencies, "autoScaling">,
): Promise<DrainStart> {
  const { instanceId, kind: cause } = interruption;
  const about = { pool, node: instanceId, cause };
  const text = `instance ${instanceId} has no node in the cluster`;
  if (interruption.kind !== "lifecycle-hook")
    return drainStart({ results: [nodeResult(about, "gone", "no-node", text)] });
  const { group, hook } = interruption;
  const held = await completeLifecycleAction(autoScaling, { group, hook, instanceId }, run.signal);
  const done = `${text}: lifecycle hook ${hook} ${held ? "completed" : "had ended already"}`;
  return drainStart({ results: [nodeResult(about, "finished", "no-node", done)] });
}

const ignored = (why: string): DrainStart => drainStart({ ignored: [why] });
