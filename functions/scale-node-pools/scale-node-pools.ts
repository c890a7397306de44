import { modeOf } from "../../shared/approvals/mode.ts";
import { inParallel } from "../../shared/aws/in-parallel.ts";
import { permanentMessages, retryMessages, throwPermanent } from "../../shared/lambda/errors.ts";
import { publishStale } from "../../shared/lambda/freshness.ts";
import type { Run } from "../../shared/lambda/run.ts";
import { RunNotifications } from "../../shared/notify/run-notifications.ts";
import { annotateTriggers } from "../../shared/triggers/annotate.ts";
import { decodeTriggers } from "../../shared/triggers/decode.ts";
import { decide } from "./decide/decide.ts";
import { decideByMetrics } from "./decide/decide-by-metrics.ts";
import { type ClusterObservation, type Observations, observe } from "./observe/observe.ts";
import { type Dependencies, resourceOf } from "./run/dependencies.ts";
import { type DecidedPool, type PoolResult, reconcile, recordUnobserved, resultOf } from "./run/reconcile.ts";
import { poolsToObserve, requestsFrom } from "./triggers/requests.ts";

const POOLS_AT_ONCE = 10;

export interface Result {
  readonly pools: readonly PoolResult[];
  /** Triggers that ask for nothing, and why. */
  readonly ignored: readonly string[];
  /** Failures that the next run tries again by itself. */
  readonly later: readonly string[];
  /** What a person has to change, where a sweep has served others: each has an incident. */
  readonly failed?: readonly string[];
}

/** One invocation: from any event to at most one change for each pool. */
export async function scaleNodePools(event: unknown, run: Run, deps: Dependencies): Promise<Result> {
  const now = run.clock.now();
  const triggers = annotateTriggers(decodeTriggers(event), run);
  const requests = requestsFrom(triggers, deps.pools, now);
  const names = poolsToObserve(requests.pools, deps.pools);
  run.progress(`observing ${names.join(", ")}; nothing was changed`);
  const { observations, decided } = await observeAndDecide(names, run, deps, now);
  const notifications = new RunNotifications(run, deps);
  const requested = decided.filter(({ observed }) => requests.pools.has(observed.pool.name));
  const outcomes = await inParallel(requested, POOLS_AT_ONCE, async (one) => {
    const { name } = one.observed.pool;
    const cause = requests.pools.get(name) ?? { text: "schedule", at: now };
    if (requests.dryRun.has(name)) return resultOf(one, cause.text, "none");
    return reconcile(one, cause, run, deps, notifications, now);
  });
  await reportOnPods(
    requested.filter(({ observed }) => !requests.dryRun.has(observed.pool.name)),
    run,
    deps,
    now,
  );
  const unobserved = [...observations.failures].filter(([pool]) => requests.pools.has(pool));
  const isSweep = triggers.some(({ kind }) => kind === "schedule");
  const ofPools = [
    ...(await Promise.all(
      unobserved.map(([pool, failure]) => recordUnobserved(pool, failure, run, deps, notifications)),
    )),
    ...outcomes.flatMap((one) => ("failure" in one ? [one.failure] : [])),
  ];
  const ofRun = [...requests.failures, ...(await notifications.send(isSweep ? "all" : "own"))];
  if (isSweep) publishStale(deps.freshness.minutesStale(now), run);
  const failed = permanentMessages(ofPools);
  const result: Result = {
    pools: outcomes.flatMap((one) => ("failure" in one ? [] : [one])),
    ignored: requests.ignored,
    later: retryMessages([...ofRun, ...ofPools]),
    ...(failed.length > 0 && { failed }),
  };
  run.log.info("done", { ...result });
  // A pool that fails has an incident and an alarm of its own: the sweep that has served others did run.
  const isServing = isSweep && result.pools.length > 0;
  throwPermanent(isServing ? ofRun : [...ofRun, ...ofPools]);
  return result;
}

/** What the pools are, and what is to be done about each. */
async function observeAndDecide(names: readonly string[], run: Run, deps: Dependencies, now: number) {
  const observations = await run.stage("observe", (stage) => {
    stage.annotate("resource", names.map(resourceOf).join(" ").slice(0, 1000));
    return observe(names, deps, now, run.signal);
  });
  const decided = await run.stage("decide", async (stage) => {
    stage.annotate("pools", names.length);
    return decideAll(observations, now);
  });
  return { observations, decided };
}

/** Pods that fit no pool get an Event, once for each cluster: all of its pools say the same of them. */
async function reportOnPods(
  decided: readonly DecidedPool[],
  run: Run,
  deps: Dependencies,
  now: number,
): Promise<void> {
  const acting = decided.filter(
    ({ observed }) => modeOf(observed.pool.policy.mode, "out", deps.mode) !== "observe",
  );
  const byCluster = new Map(
    acting.flatMap(({ api, decision }) => (api ? [[api, decision.warnings] as const] : [])),
  );
  await Promise.all([...byCluster].map(([api, warnings]) => deps.podEvents.report(api, warnings, now, run)));
}

function decideAll({ clusters, byMetrics }: Observations, now: number): DecidedPool[] {
  return [
    ...clusters.flatMap((cluster) => decideCluster(cluster, now)),
    ...byMetrics.map(({ observed, reserved }) => ({
      observed,
      nodes: [],
      decision: decideByMetrics(observed.pool, reserved, now),
    })),
  ];
}

function decideCluster({ api, cluster, pools }: ClusterObservation, now: number): DecidedPool[] {
  const decisions = decide(
    cluster,
    pools.map(({ pool }) => pool),
    now,
  );
  return decisions.flatMap((decision) => {
    const observed = pools.find(({ pool }) => pool.name === decision.pool);
    return observed ? [{ observed, decision, api, nodes: cluster.nodes }] : [];
  });
}
