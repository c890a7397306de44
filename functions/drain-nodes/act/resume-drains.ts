import { asFailure } from "../../../shared/aws/failure.ts";
import { inParallel } from "../../../shared/aws/in-parallel.ts";
import type { KubernetesApi } from "../../../shared/kubernetes/api.ts";
import { type DrainMark, isDraining, readDrainMark } from "../../../shared/kubernetes/drain-mark.ts";
import { listNodes, type Node } from "../../../shared/kubernetes/node.ts";
import type { Run } from "../../../shared/lambda/run.ts";
import { clusterOf, namedPools } from "../../../shared/node-pools/policy.ts";
import {
  type DrainStart,
  drainStart,
  mergeStarts,
  type NodeReasonCode,
  type NodeResult,
  nodeResult,
} from "../model/drain.ts";
import { memberships } from "../observe/auto-scaling-groups.ts";
import { type Dependencies, mayAct } from "../run/dependencies.ts";
import { uncordon } from "./drain-mark.ts";

const CLUSTERS_AT_ONCE = 5;

/** This long after its end a node that is still ready has come back: from the warm pool, or from a stop. */
const BACK_AFTER_MS = 10 * 60_000;

/** Finds every marked node in the clusters of the config, of one pool only when `pool` names it. */
export async function resumeDrains(run: Run, deps: Dependencies, pool?: string): Promise<DrainStart> {
  const pools = namedPools(deps.pools).filter(({ name }) => pool === undefined || name === pool);
  const clusters = [...new Set(pools.flatMap(({ policy }) => clusterOf(policy) ?? []))];
  const found = await inParallel(clusters, CLUSTERS_AT_ONCE, async (cluster): Promise<DrainStart> => {
    try {
      return await resumeInCluster(cluster, run, deps, pool);
    } catch (error) {
      return drainStart({ failures: [asFailure(error, "resume drains", `cluster/${cluster}`)] });
    }
  });
  return mergeStarts(found);
}

async function resumeInCluster(
  cluster: string,
  run: Run,
  deps: Dependencies,
  pool: string | undefined,
): Promise<DrainStart> {
  const api = await deps.clusters(cluster, run.signal);
  // A marked node is always cordoned, and the server picks those out: one small page, whatever the cluster.
  const cordoned = await listNodes(api, { fieldSelector: "spec.unschedulable=true", signal: run.signal });
  const starts: DrainStart[] = [];
  for (const node of cordoned.filter(isDraining)) {
    const mark = readDrainMark(node);
    if (pool !== undefined && mark && mark.nodePool !== pool) continue;
    try {
      starts.push(await resume(node, mark, api, run, deps));
    } catch (error) {
      starts.push(drainStart({ failures: [asFailure(error, "resume drain", `node/${node.name}`)] }));
    }
  }
  return mergeStarts(starts);
}

/** What a marked node is to this run: a drain to go on with, a node to release, or nothing. */
async function resume(
  node: Node,
  mark: DrainMark | undefined,
  api: KubernetesApi,
  run: Run,
  deps: Dependencies,
): Promise<DrainStart> {
  const released = async (code: NodeReasonCode, why: string) =>
    drainStart({ results: [await release(node, api, mark, code, why, run)] });
  if (deps.mode === "observe") return drainStart({});
  if (!mark) return released("mark-unreadable", "its mark cannot be read");
  const policy = deps.pools[mark.nodePool];
  if (!policy) return released("pool-removed", `node pool ${mark.nodePool} is no longer in the config`);
  const pool = { name: mark.nodePool, policy };
  if (!mayAct(deps, pool)) return drainStart({});
  if (mark.endedAt === undefined) {
    // An alarm fires when this goes on after the last deadline (deploy/monitoring.ts).
    const ageSeconds = Math.max(0, run.clock.now() - mark.startedAt) / 1000;
    run.metrics.record("DrainAge", "Seconds", ageSeconds, { NodePool: pool.name });
    return drainStart({ drains: [{ pool, api, node: node.name, cause: mark.cause }] });
  }
  const isBack = await isBackInService(node, mark.instanceId, mark.endedAt, run, deps);
  return isBack ? released("back-in-service", "its instance is back in service") : drainStart({});
}

async function isBackInService(
  { ready }: Node,
  instanceId: string,
  endedAt: number,
  run: Run,
  { autoScaling }: Pick<Dependencies, "autoScaling">,
): Promise<boolean> {
  if (!ready || run.clock.now() < endedAt + BACK_AFTER_MS) return false;
  const membership = (await memberships(autoScaling, [instanceId], run.signal)).get(instanceId);
  return !membership || membership.lifecycleState === "InService";
}

/** Nothing will come of this mark: the node takes pods again. */
async function release(
  node: Node,
  api: KubernetesApi,
  mark: DrainMark | undefined,
  code: NodeReasonCode,
  why: string,
  run: Run,
): Promise<NodeResult> {
  await uncordon(api, node, run.signal);
  const about = {
    pool: { name: mark?.nodePool ?? "" },
    node: node.name,
    cause: mark?.cause ?? ("scale-in" as const),
  };
  const result = nodeResult(about, "cancelled", code, `drain cancelled, node uncordoned: ${why}`);
  run.log.warn(result.reason.text, { node: node.name });
  return result;
}
