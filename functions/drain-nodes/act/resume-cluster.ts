import { asFailure } from "../../../shared/aws/failure.ts";
import { inParallel } from "../../../shared/aws/in-parallel.ts";
import type { KubernetesApi } from "../../../shared/kubernetes/api/api.ts";
import { type DrainMark, isDraining, readDrainMark } from "../../../shared/kubernetes/drain-mark.ts";
import type { Node } from "../../../shared/kubernetes/node.ts";
import type { Run } from "../../../shared/lambda/run.ts";
import { clusterOf, type NamedPool } from "../../../shared/node-pools/policy.ts";
import type { Reason } from "../../../shared/node-pools/reason.ts";
import { terminatesRegardless } from "../decide/deadlines.ts";
import { setAside } from "../decide/instance-standing.ts";
import {
  type DrainStart,
  drainStart,
  mergeStarts,
  type NodeReasonCode,
  type NodeResult,
  nodeResult,
} from "../model/drain.ts";
import { notifyResult } from "../notify/notification.ts";
import { memberships } from "../observe/auto-scaling-groups.ts";
import { ownerOf } from "../observe/find-pool.ts";
import { markedNodes } from "../observe/marked-nodes.ts";
import { type OpenDrain, openDrainsOf } from "../observe/open-drains.ts";
import { type Dependencies, heldBy, type RunDependencies } from "../run/dependencies.ts";
import { startReplacements, type WaitingNode } from "./admission/start-replacements.ts";
import { forgetMark, uncordon } from "./drain-mark.ts";
import { leaveToAws } from "./leave-to-aws.ts";
import { recordAge, reportStopped, stoppedBy, unreadableStop } from "./stopped-drain.ts";

const POOLS_AT_ONCE = 5;

/** This long after its end a node that is still ready has come back: from the warm pool, or from a stop. */
const BACK_AFTER_MS = 10 * 60_000;

/** Which drains a run goes on with, and how. */
export interface ResumeOptions {
  /** One pool only. */
  readonly pool?: string;
  /** A person asks what would be done: nothing is written, and nobody is notified. */
  readonly dryRun?: boolean;
}

/** What a run found in one cluster. */
export interface ResumedCluster {
  readonly name: string;
  readonly start: DrainStart;
  /** Undefined when the cluster could not be read. */
  readonly open?: readonly OpenDrain[];
}

/** Goes on with the marked nodes of one cluster. */
export async function resumeInCluster(
  cluster: string,
  run: Run,
  deps: RunDependencies,
  options: ResumeOptions,
): Promise<ResumedCluster> {
  const api = await deps.clusters(cluster, run.signal);
  const starts: DrainStart[] = [];
  const waiting: WaitingNode[] = [];
  const nodes = await markedNodes(api, run.signal);
  for (const node of nodes) {
    const mark = readDrainMark(node);
    if (options.pool !== undefined && mark && mark.nodePool !== options.pool) continue;
    try {
      const resumed = await resume(node, mark, api, run, deps, options);
      const [drain] = resumed.drains;
      if (drain && mark?.awaitsReplacement && node.unschedulable) waiting.push({ drain, node, mark });
      else starts.push(resumed);
    } catch (error) {
      starts.push(drainStart({ clusterFailures: [asFailure(error, "resume drain", `node/${node.name}`)] }));
    }
  }
  const replaced = await replaceByPool(waiting, run, deps);
  const start = mergeStarts([drainStart({ clustersRead: [cluster] }), ...starts, ...replaced]);
  return { name: cluster, start, open: openDrainsOf(nodes) };
}

/** Nodes that AWS recommends to replace go one after the other, whatever the number of recommendations. */
async function replaceByPool(
  waiting: readonly WaitingNode[],
  run: Run,
  deps: RunDependencies,
): Promise<DrainStart[]> {
  const byPool = Map.groupBy(
    waiting.filter(({ drain }) => drain.pool.policy.drain.onRebalanceRecommendation === "replace"),
    ({ drain }) => drain.pool.name,
  );
  return inParallel([...byPool], POOLS_AT_ONCE, async ([name, nodes]): Promise<DrainStart> => {
    try {
      const { drains, failures: clusterFailures } = await startReplacements(nodes, run, deps);
      return drainStart({ drains, clusterFailures });
    } catch (error) {
      return drainStart({ clusterFailures: [asFailure(error, "replace nodes", `node-pool/${name}`)] });
    }
  });
}

/** What a marked node is to this run: a drain to go on with, a node to release, or nothing. */
async function resume(
  node: Node,
  mark: DrainMark | undefined,
  api: KubernetesApi,
  run: Run,
  deps: RunDependencies,
  { dryRun = false }: ResumeOptions,
): Promise<DrainStart> {
  const policy = mark && deps.pools[mark.nodePool];
  const pool = mark && policy && { name: mark.nodePool, policy };
  if (mark && mark.endedAt === undefined && !mark.awaitsReplacement)
    recordAge(mark.nodePool, mark.startedAt, run);
  if (dryRun) return drainStart({});
  const held = await heldBy(deps, pool, run);
  const stop = held ? stoppedBy(held) : unreadableStop(node);
  if (stop) {
    if (!mark || mark.endedAt !== undefined) return drainStart({});
    const about = { pool: { name: mark.nodePool }, node: node.name, cause: mark.cause };
    return drainStart({ results: [await reportStopped(about, stop, run, deps)] });
  }
  if (!isDraining(node)) {
    await forgetMark(api, node, run.signal);
    return drainStart({});
  }
  const why = await releaseReason(node, mark, pool, api, run, deps);
  if (mark && why?.code === "terminating") {
    const about = { pool: { name: mark.nodePool }, node: node.name, cause: mark.cause };
    return drainStart({ results: [await leaveToAws({ ...about, api }, node, why, run)] });
  }
  if (why) return drainStart({ results: [await release(node, api, mark, why, run, deps)] });
  if (!pool || mark.endedAt !== undefined) return drainStart({});
  return drainStart({ drains: [{ pool, api, node: node.name, cause: mark.cause }] });
}

/** Why a marked node takes pods again; undefined when its mark stands. What the mark says is checked first. */
async function releaseReason(
  node: Node,
  mark: DrainMark | undefined,
  pool: NamedPool | undefined,
  api: KubernetesApi,
  run: Run,
  deps: RunDependencies,
): Promise<Reason<NodeReasonCode> | undefined> {
  if (!mark) return { code: "mark-unreadable", text: "its mark cannot be read" };
  if (!pool) return { code: "pool-removed", text: `node pool ${mark.nodePool} is no longer in the config` };
  const own = node.machine?.instanceId;
  if (own === undefined || own !== mark.instanceId) {
    const text = `its mark names instance ${mark.instanceId}, the node is on ${own ?? "no EC2 instance"}`;
    return { code: "foreign-instance", text };
  }
  const { owner, lifecycleState } = await ownerOf(own, pool, deps, run.signal);
  if (clusterOf(pool.policy) !== api.cluster || owner === "foreign") {
    const text = `its mark names node pool ${pool.name}, which instance ${own} is not in`;
    return { code: "foreign-pool", text };
  }
  if (mark.endedAt === undefined) {
    // Once it is ending, it is we who terminate it.
    const isOurs = terminatesRegardless(mark) || mark.ending || (owner === "own" && !lifecycleState);
    return isOurs ? undefined : setAside(own, lifecycleState, node);
  }
  return (await isBackInService(node, own, mark.endedAt, run, deps))
    ? { code: "back-in-service", text: "its instance is back in service" }
    : undefined;
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

/** Somebody else wrote the mark, or did something with the instance of its node: a person has to know. */
const NOTIFIED_RELEASES: ReadonlySet<NodeReasonCode> = new Set<NodeReasonCode>([
  "foreign-instance",
  "foreign-pool",
  "left-group",
  "not-in-service",
]);

/** Nothing will come of this mark: the node takes pods again. */
async function release(
  node: Node,
  api: KubernetesApi,
  mark: DrainMark | undefined,
  { code, text }: Reason<NodeReasonCode>,
  run: Run,
  deps: RunDependencies,
): Promise<NodeResult> {
  await uncordon(api, node, run.signal);
  const about = {
    pool: { name: mark?.nodePool ?? "" },
    node: node.name,
    cause: mark?.cause ?? ("scale-in" as const),
  };
  const result = nodeResult(about, "cancelled", code, `drain cancelled, node uncordoned: ${text}`);
  run.log.warn(result.reason.text, { node: node.name });
  if (NOTIFIED_RELEASES.has(code)) await notifyResult(result, run, deps);
  return result;
}
