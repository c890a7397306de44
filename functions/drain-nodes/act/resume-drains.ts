import { asFailure } from "../../../shared/aws/failure.ts";
import { inParallel } from "../../../shared/aws/in-parallel.ts";
import type { KubernetesApi } from "../../../shared/kubernetes/api.ts";
import { type DrainMark, isDraining, readDrainMark } from "../../../shared/kubernetes/drain-mark.ts";
import { listNodes, type Node } from "../../../shared/kubernetes/node.ts";
import type { ReflexError } from "../../../shared/lambda/errors.ts";
import type { Run } from "../../../shared/lambda/run.ts";
import { clusterOf } from "../../../shared/node-pools/policy.ts";
import type { DrainStart, NodeResult } from "../model/drain.ts";
import { memberships } from "../observe/auto-scaling-groups.ts";
import { type Dependencies, mayAct, namedPools } from "../run/dependencies.ts";
import { uncordon } from "./drain-mark.ts";
import type { NodeDrain } from "./drain-node.ts";

const CLUSTERS_AT_ONCE = 5;

/** So long after the end a node that is still ready has come back: from the warm pool, or from a stop. */
const BACK_AFTER_MS = 10 * 60_000;

/** Finds every node that is marked, in the clusters of these pools (all of them when none are named). */
export async function resumeDrains(run: Run, deps: Dependencies, onlyPool?: string): Promise<DrainStart> {
  const pools = namedPools(deps).filter(({ name }) => onlyPool === undefined || name === onlyPool);
  const clusters = [...new Set(pools.flatMap(({ policy }) => clusterOf(policy) ?? []))];
  const found = await inParallel(clusters, CLUSTERS_AT_ONCE, async (cluster): Promise<DrainStart> => {
    try {
      return await sweepCluster(cluster, run, deps, onlyPool);
    } catch (error) {
      return { drains: [], results: [], failures: [asFailure(error, "sweep", `cluster/${cluster}`)] };
    }
  });
  return mergeResults(found);
}

async function sweepCluster(
  cluster: string,
  run: Run,
  deps: Dependencies,
  onlyPool?: string,
): Promise<DrainStart> {
  const api = await deps.clusters(cluster, run.signal);
  // A marked node is always cordoned, and the server picks those out: one small page, whatever the cluster.
  const cordoned = await listNodes(api, { fieldSelector: "spec.unschedulable=true", signal: run.signal });
  const drains: NodeDrain[] = [];
  const results: NodeResult[] = [];
  const failures: ReflexError[] = [];
  for (const node of cordoned.filter(isDraining)) {
    try {
      const seen = await lookAt(node, api, run, deps);
      if (onlyPool !== undefined && (seen && "pool" in seen ? seen.pool.name : onlyPool) !== onlyPool)
        continue;
      if (seen) "pool" in seen ? drains.push(seen) : results.push(seen);
    } catch (error) {
      failures.push(asFailure(error, "sweep", `node/${node.name}`));
    }
  }
  return { drains, results, failures };
}

/** What a marked node is to this run; undefined when nothing is to be done about it. */
async function lookAt(
  node: Node,
  api: KubernetesApi,
  run: Run,
  deps: Dependencies,
): Promise<NodeDrain | NodeResult | undefined> {
  if (deps.mode === "observe") return undefined;
  const mark = readDrainMark(node);
  if (!mark) return release(node, api, undefined, "its mark cannot be read", run);
  const policy = deps.pools[mark.nodePool];
  if (!policy) return release(node, api, mark, `node pool ${mark.nodePool} is no longer in the config`, run);
  const pool = { name: mark.nodePool, policy };
  if (!mayAct(deps, pool)) return undefined;
  if (mark.ended === undefined) {
    // An alarm tells when this goes on after the last deadline (watch.ts).
    const age = run.clock.now() / 1000 - mark.since;
    run.metrics.record("DrainAge", "Seconds", Math.max(0, age), { NodePool: mark.nodePool });
    return { pool, api, node: node.name, reason: mark.reason };
  }
  if (!node.ready || run.clock.now() < mark.ended * 1000 + BACK_AFTER_MS) return undefined;
  const membership = (await memberships(deps.autoScaling, [mark.instanceId], run.signal)).get(
    mark.instanceId,
  );
  if (membership && membership.lifecycleState !== "InService") return undefined;
  return release(node, api, mark, "its instance is back in service", run);
}

/** Nothing will come of this mark: the node takes pods again. */
async function release(
  node: Node,
  api: KubernetesApi,
  mark: DrainMark | undefined,
  why: string,
  run: Run,
): Promise<NodeResult> {
  await uncordon(api, node, run.signal);
  const did = `given back, its cordon undone: ${why}`;
  run.log.warn(did, { node: node.name });
  return {
    nodePool: mark?.nodePool ?? "",
    node: node.name,
    reason: mark?.reason ?? "scale-in",
    outcome: "given-back",
    did,
    evicted: 0,
    blockers: [],
  };
}

/** Several beginnings as one. */
export const mergeResults = (all: readonly DrainStart[]): DrainStart => ({
  drains: all.flatMap(({ drains }) => drains),
  results: all.flatMap(({ results }) => results),
  failures: all.flatMap(({ failures }) => failures),
});
