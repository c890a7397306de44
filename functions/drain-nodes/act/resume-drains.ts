import { isDeepStrictEqual } from "node:util";
import { asFailure } from "../../../shared/aws/failure.ts";
import { inParallel } from "../../../shared/aws/in-parallel.ts";
import { Misconfigured, mergeFailures, type ReflexError, RetryLater } from "../../../shared/lambda/errors.ts";
import type { Run } from "../../../shared/lambda/run.ts";
import { clusterOf, namedPools } from "../../../shared/node-pools/policy.ts";
import { type DrainStart, drainStart, mergeStarts, type NodeResult } from "../model/drain.ts";
import type { OpenDrain, OpenDrains } from "../observe/open-drains.ts";
import type { RunDependencies } from "../run/dependencies.ts";
import { type ResumedCluster, type ResumeOptions, resumeInCluster } from "./resume-cluster.ts";
import { recordAge, reportStopped } from "./stopped-drain.ts";

const CLUSTERS_AT_ONCE = 5;

/** People are reminded of a node that cannot be reached for so long. */
const REMIND_FOR_MS = 7 * 24 * 3_600_000;

/** Goes on with every marked node in the clusters of the config, and in those that have left it. */
export async function resumeDrains(
  run: Run,
  deps: RunDependencies,
  options: ResumeOptions = {},
): Promise<DrainStart> {
  const pools = namedPools(deps.pools).filter(
    ({ name }) => options.pool === undefined || name === options.pool,
  );
  const clusters = [...new Set(pools.flatMap(({ policy }) => clusterOf(policy) ?? []))];
  const found = await inParallel(clusters, CLUSTERS_AT_ONCE, (name) => tryCluster(name, run, deps, options));
  const start = mergeStarts(found.map((each) => each.start));
  if (options.pool !== undefined || options.dryRun) return start;
  return mergeStarts([start, await resumeRemoved(found, run, deps)]);
}

async function tryCluster(
  name: string,
  run: Run,
  deps: RunDependencies,
  options: ResumeOptions,
): Promise<ResumedCluster> {
  const resource = `cluster/${name}`;
  try {
    const resumed = await resumeInCluster(name, run, deps, options);
    if (!options.dryRun) await reportCluster(resource, resumed.start.clusterFailures, run, deps);
    return resumed;
  } catch (error) {
    const clusterFailures = [asFailure(error, "resume drains", resource)];
    if (!options.dryRun) await reportCluster(resource, clusterFailures, run, deps);
    return { name, start: drainStart({ clusterFailures }) };
  }
}

/** One incident for all that a cluster refuses, over when it refuses nothing. What passes by itself is left to the alarms. */
async function reportCluster(
  resource: string,
  failures: readonly ReflexError[],
  run: Run,
  { freshness, notifications }: RunDependencies,
): Promise<void> {
  if (failures.length === 0) {
    freshness.served(resource);
    return notifications.reportServed(resource);
  }
  freshness.notServed(resource, run.clock.now());
  const [first, ...others] = failures.filter((failure) => !(failure instanceof RetryLater));
  if (first) await notifications.reportFailure(resource, mergeFailures([first, ...others]));
}

/**
 * A cluster whose last pool has left the config is known from what earlier runs kept of its drains: they are cancelled,
 * or, where the cluster can no longer be asked, people are notified.
 */
async function resumeRemoved(
  found: readonly ResumedCluster[],
  run: Run,
  deps: RunDependencies,
): Promise<DrainStart> {
  try {
    const known = await deps.openDrains.read(run.signal);
    recordUnreadAges(found, known, run);
    const isFound = new Set(found.map(({ name }) => name));
    const removed = await inParallel(
      Object.entries(known).filter(([name]) => !isFound.has(name)),
      CLUSTERS_AT_ONCE,
      ([name, drains]) => releaseRemoved(name, drains, run, deps),
    );
    const open = Object.fromEntries(
      [...found, ...removed].flatMap(({ name, open: own = known[name] ?? [] }) =>
        own.length > 0 ? [[name, own] as const] : [],
      ),
    );
    if (!isDeepStrictEqual(open, known)) await deps.openDrains.write(open, run.signal);
    return mergeStarts(removed.map(({ start }) => start));
  } catch (error) {
    return drainStart({ failures: [asFailure(error, "resume drains", "drain-nodes")] });
  }
}

/** A node drains on while its cluster cannot be read: its age is what the last run that could read it kept. */
function recordUnreadAges(found: readonly ResumedCluster[], known: OpenDrains, run: Run): void {
  for (const { name, open } of found) {
    if (open) continue;
    for (const { nodePool, startedAt } of known[name] ?? []) recordAge(nodePool, startedAt, run);
  }
}

/** Cancels the drains of a cluster that has left the config; those of one that cannot be asked are reported. */
async function releaseRemoved(
  name: string,
  drains: readonly OpenDrain[],
  run: Run,
  deps: RunDependencies,
): Promise<ResumedCluster> {
  try {
    return await resumeInCluster(name, run, deps, {});
  } catch (error) {
    // A cluster that no longer exists has no nodes to release.
    if (error instanceof Misconfigured) return { name, start: drainStart({}), open: [] };
    const failure = asFailure(error, "resume drains", `cluster/${name}`);
    if (failure instanceof RetryLater)
      return { name, start: drainStart({ clusterFailures: [failure] }), open: drains };
    const open = drains.filter(({ startedAt }) => run.clock.now() - startedAt < REMIND_FOR_MS);
    const stop = {
      code: "cluster-removed" as const,
      text: `cluster ${name} has left the config and cannot be asked any more (${failure.message})`,
      until: "the cluster is in the config again",
    };
    const results: NodeResult[] = [];
    for (const { node, nodePool, cause, startedAt } of open) {
      recordAge(nodePool, startedAt, run);
      const about = { pool: { name: nodePool }, node, cause };
      results.push(await reportStopped(about, stop, run, deps));
    }
    return { name, start: drainStart({ results }), open };
  }
}
