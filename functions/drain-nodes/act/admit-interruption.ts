import type { KubernetesApi } from "../../../shared/kubernetes/api.ts";
import { type DrainMark, type DrainReason, readDrainMark } from "../../../shared/kubernetes/drain-mark.ts";
import type { Node } from "../../../shared/kubernetes/node.ts";
import type { Run } from "../../../shared/lambda/run.ts";
import type { DrainStart, NodeResult } from "../model/drain.ts";
import { clusterApi, nodeOnInstance, poolOfGroup, poolOfInstance } from "../observe/find-pool.ts";
import { type Dependencies, mayAct, type NamedPool } from "../run/dependencies.ts";
import type { HeldTermination, RebalanceRecommendation, SpotInterruption } from "../triggers/trigger.ts";
import { markInStage } from "./drain-mark.ts";
import type { NodeDrain } from "./drain-node.ts";
import { completeLifecycleAction, heartbeatSeconds, recordHeartbeat } from "./lifecycle-hook.ts";

/** AWS's word that an instance goes, or may go. */
export type Interruption = HeldTermination | SpotInterruption | RebalanceRecommendation;

/** A later notice takes a drain over from an earlier one only when it leaves less time. */
const URGENCY: Readonly<Record<DrainReason, number>> = {
  "scale-in": 0,
  "rebalance-recommendation": 1,
  "lifecycle-hook": 2,
  "spot-interruption": 3,
};

/** A notice about an instance of no pool of ours is none of our business; the answer says so. */
export type InterruptionDrainStart = DrainStart & { readonly nothing?: string };

/** Marks the node of an instance that AWS is about to take. */
export async function admitInterruption(
  notice: Interruption,
  run: Run,
  deps: Dependencies,
): Promise<InterruptionDrainStart> {
  const { instanceId } = notice;
  const pool =
    notice.kind === "lifecycle-hook"
      ? await poolOfGroup(deps, notice.group, run.signal)
      : await poolOfInstance(deps, instanceId, run.signal);
  if (!pool) return nothing(`instance ${instanceId} is in no node pool of the config`);
  if (
    notice.kind === "rebalance-recommendation" &&
    pool.policy.drain.onRebalanceRecommendation === "ignore"
  ) {
    return nothing(`node pool ${pool.name} ignores rebalance recommendations`);
  }
  const api = await clusterApi(deps, pool, run.signal);
  if (!api)
    return nothing(`node pool ${pool.name} has no \`cluster\`: instance ${instanceId} goes undrained`);
  const node = await nodeOnInstance(api, instanceId, run.signal);
  if (!mayAct(deps, pool)) {
    const result = resultOf(
      pool,
      node?.name ?? instanceId,
      notice,
      "observed",
      "would be emptied; mode is observe",
    );
    return { drains: [], results: [result], failures: [] };
  }
  if (!node) return withoutNode(notice, pool, run, deps);
  const hook = notice.kind === "lifecycle-hook" ? await heldBack(notice, run, deps) : undefined;
  if (notice.kind === "lifecycle-hook" && !hook) {
    return nothing(`lifecycle hook ${notice.hook} does not hold instance ${instanceId} back, or no more`);
  }
  return { drains: [await take(notice, hook, pool, api, node, run)], results: [], failures: [] };
}

/** Marks the node by this notice, unless it is being emptied for a more urgent reason. */
async function take(
  notice: Interruption,
  hook: DrainMark["hook"],
  pool: NamedPool,
  api: KubernetesApi,
  node: Node,
  run: Run,
): Promise<NodeDrain> {
  const drain = (reason: DrainReason): NodeDrain => ({ pool, api, node: node.name, reason });
  const before = readDrainMark(node);
  const known = before?.ended === undefined ? before : undefined;
  const isRepeated = known?.reason === notice.kind && known.hook?.token === hook?.token;
  if (known && (isRepeated || URGENCY[known.reason] > URGENCY[notice.kind])) {
    // The instance's own hook goes with whatever empties it: it is completed when the node is empty.
    if (hook && !known.hook) await markInStage(api, node, { ...known, hook }, run);
    return drain(known.reason);
  }
  const taken: DrainMark = {
    since: Math.floor(notice.at / 1000),
    nodePool: pool.name,
    reason: notice.kind,
    instanceId: notice.instanceId,
    ...(hook && { hook }),
  };
  await markInStage(api, node, taken, run);
  return drain(notice.kind);
}

/**
 * The hook, kept from running out; undefined when it holds nothing back. AWS is asked because the event proves
 * nothing: it may be late, or about an instance that goes on serving.
 */
async function heldBack(notice: HeldTermination, run: Run, deps: Dependencies): Promise<DrainMark["hook"]> {
  const { group, hook: name, token, instanceId, toWarmPool } = notice;
  const seconds = await heartbeatSeconds(deps.autoScaling, group, name, run.signal);
  // Lambda may have been late: a first heartbeat gives the drain the hook's whole time.
  if (!(await recordHeartbeat(deps.autoScaling, { group, name, token }, instanceId, run.signal)))
    return undefined;
  return {
    group,
    name,
    token,
    heartbeatSeconds: seconds,
    beatAt: Math.floor(run.clock.now() / 1000),
    ...(toWarmPool && { toWarmPool }),
  };
}

/** The instance has no node: it never joined, or its node has gone before it. A hook need not hold it back. */
async function withoutNode(
  notice: Interruption,
  pool: NamedPool,
  run: Run,
  deps: Dependencies,
): Promise<InterruptionDrainStart> {
  const { instanceId } = notice;
  const did = `instance ${instanceId} has no node in the cluster`;
  if (notice.kind !== "lifecycle-hook")
    return { drains: [], results: [resultOf(pool, instanceId, notice, "gone", did)], failures: [] };
  const hook = { group: notice.group, name: notice.hook, token: notice.token };
  const held = await completeLifecycleAction(deps.autoScaling, hook, instanceId, run.signal);
  const followed = `lifecycle hook ${hook.name} ${held ? "completed" : "was over already"}`;
  const result = resultOf(pool, instanceId, notice, "ended", `${did}: ${followed}`);
  return { drains: [], results: [result], failures: [] };
}

const nothing = (why: string): InterruptionDrainStart => ({
  drains: [],
  results: [],
  failures: [],
  nothing: why,
});

const resultOf = (
  pool: NamedPool,
  node: string,
  { kind }: Interruption,
  outcome: NodeResult["outcome"],
  did: string,
): NodeResult => ({ nodePool: pool.name, node, reason: kind, outcome, did, evicted: 0, blockers: [] });
