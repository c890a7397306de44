import { randomUUID } from "node:crypto";
import { isDeepStrictEqual } from "node:util";
import { inParallel } from "../../shared/aws/in-parallel.ts";
import type { KubernetesApi } from "../../shared/kubernetes/api.ts";
import { type ReflexError, retryMessages, throwPermanent } from "../../shared/lambda/errors.ts";
import { type Failed, recordFailure } from "../../shared/lambda/record-failure.ts";
import type { Run } from "../../shared/lambda/run.ts";
import { notifyOnce } from "../../shared/notify/notify-once.ts";
import { annotateTriggers as notedTriggers } from "../../shared/triggers/annotate.ts";
import { decodeTriggers } from "../../shared/triggers/decode.ts";
import { type ActInput, act, actionOf } from "./act/act.ts";
import { decide } from "./decide/decide.ts";
import { decideByMetrics } from "./decide/decide-by-metrics.ts";
import { recoverIntent } from "./decide/recover-intent.ts";
import type { ClusterNode } from "./model/cluster.ts";
import type { Decision } from "./model/decision.ts";
import { did, notificationOf } from "./notify/notification.ts";
import { type ClusterObservation, type ObservedPool, observe } from "./observe/observe.ts";
import { type Dependencies, mayAct, resourceOf } from "./run/dependencies.ts";
import { poolsToObserve, requestsFrom } from "./triggers/requests.ts";

const DAY = 24 * 3_600_000;
const POOLS_AT_ONCE = 10;

/** What became of one pool in this run. */
export interface PoolResult {
  readonly pool: string;
  readonly trigger: string;
  readonly verdict: Decision["verdict"];
  /** For example `workers-a 3 -> 5`, or `nothing`. */
  readonly did: string;
  readonly reasons: readonly string[];
}

export interface Result {
  readonly pools: readonly PoolResult[];
  /** Triggers that ask for nothing, and why. */
  readonly nothing: readonly string[];
  /** What comes again by itself. */
  readonly later: readonly string[];
}

/** One pool with its decision. */
interface Decided {
  readonly seen: ObservedPool;
  readonly decision: Decision;
  readonly nodes: readonly ClusterNode[];
  readonly api?: KubernetesApi;
}

/** One invocation: from any event to at most one change for each pool. */
export async function scaleNodePools(event: unknown, run: Run, deps: Dependencies): Promise<Result> {
  const now = run.clock.now();
  const requests = requestsFrom(notedTriggers(decodeTriggers(event), run), deps.pools);
  const names = poolsToObserve(requests.pools, deps.pools);
  run.progress(`looking at ${names.join(", ")}; nothing was changed`);
  const look = await run.stage("observe", (stage) => {
    stage.annotate("resource", names.map(resourceOf).join(" ").slice(0, 1000));
    return observe(names, deps, now, run.signal);
  });

  const decided = await run.stage("decide", async (stage) => {
    stage.annotate("pools", names.length);
    return [
      ...look.clusters.flatMap((cluster) => decideCluster(cluster, now)),
      ...look.byMetrics.map(
        ({ seen, reserved }): Decided => ({
          seen,
          nodes: [],
          decision: decideByMetrics(seen.pool, reserved, now),
        }),
      ),
    ];
  });
  const ours = decided.filter(({ seen }) => requests.pools.has(seen.pool.name));
  const outcomes = await inParallel(ours, POOLS_AT_ONCE, async (one) => {
    const { name } = one.seen.pool;
    const trigger = requests.pools.get(name) ?? "schedule";
    if (requests.dryRun.has(name)) return resultOf(one, trigger, "nothing");
    return reconcile(one, trigger, run, deps, now);
  });

  const unseen = [...look.failures].filter(([pool]) => requests.pools.has(pool));
  const failures = [
    ...requests.failures,
    ...(await Promise.all(unseen.map(([pool, failure]) => undecided(pool, failure, run)))),
    ...outcomes.flatMap((one) => ("failure" in one ? [one.failure] : [])),
  ];
  const result: Result = {
    pools: outcomes.flatMap((one) => ("failure" in one ? [] : [one])),
    nothing: requests.nothing,
    later: retryMessages(failures),
  };
  run.log.info("done", { ...result });
  throwPermanent(failures);
  return result;
}

function decideCluster({ api, cluster, pools }: ClusterObservation, now: number): Decided[] {
  const decisions = decide(
    cluster,
    pools.map(({ pool }) => pool),
    now,
  );
  return pools.flatMap((seen, index) => {
    const decision = decisions[index];
    return decision ? [{ seen, decision, api, nodes: cluster.nodes }] : [];
  });
}

/** One pool, from the decision to the notification. Its failure is its own. */
async function reconcile(
  decided: Decided,
  trigger: string,
  run: Run,
  deps: Dependencies,
  now: number,
): Promise<PoolResult | Failed> {
  const { pool } = decided.seen;
  try {
    return await fromDecision(decided, trigger, run, deps, now);
  } catch (error) {
    return recordFailure(error, { call: "scale", resource: resourceOf(pool.name) }, run);
  }
}

/** Nothing was decided for a pool that could not be seen: its part of the trace says why. */
async function undecided(pool: string, failure: ReflexError, run: Run): Promise<ReflexError> {
  const shown = run.stage("decided", async (stage) => {
    stage.annotate("resource", resourceOf(pool));
    throw failure;
  });
  await shown.catch(() => {});
  return recordFailure(failure, { call: "scale", resource: resourceOf(pool) }, run).failure;
}

async function fromDecision(
  decided: Decided,
  trigger: string,
  run: Run,
  deps: Dependencies,
  now: number,
): Promise<PoolResult> {
  const { seen, decision, nodes, api } = decided;
  const { pool } = seen;
  const resource = resourceOf(pool.name);
  publish(decision, run);
  await show(decision, resource, run);
  run.log.info(decision.reasons.join(". "), { resource, trigger, decision });

  const settled = recoverIntent(seen.history, decision.from, now);
  const history = settled
    ? await run.stage("recover", () => deps.ledger.recover(seen.history, settled, run.signal))
    : seen.history;
  const wants = decision.uncordon.length + decision.orders.length + decision.drain.length > 0;
  const acts = wants && mayAct(deps, pool.policy);
  const id = randomUUID();
  if (acts) {
    await run.stage("act", async (stage) => {
      stage.annotate("resource", resource);
      stage.annotate("decision", decision.verdict);
      run.progress(`about to do ${did(decision)} for ${pool.name}; the ledger shows whether it was done`);
      const scene: ActInput = { pool, history, nodes, api };
      await act(decision, scene, { id, now, trigger, traceId: run.traceId }, deps, run.clock, run.signal);
      run.metrics.count("Actions", 1, { Action: actionOf(decision, pool) });
      run.metrics.record("DecisionLatency", "Milliseconds", run.clock.now() - now);
    });
  }
  // After the act: what it orders must not wait for this, and a run that dies before it forgets little.
  if (!isDeepStrictEqual(decision.memory, pool.memory)) {
    await run.stage("keep", () => deps.poolStatuses.write(resource, decision.memory, run.signal));
  }
  const claims = acts ? [] : claimsOf(decision, wants);
  if (acts || claims.length > 0) {
    const told = { id, now, trigger, traceId: run.traceId, acted: acts };
    await notifyOnce(notificationOf(decision, history, told), run, deps.notify, async () =>
      acts ? true : isDue(claims, resource, now, deps, run),
    );
  }
  return resultOf(decided, trigger, acts ? did(decision) : "nothing");
}

/** All pools are decided on together; what came of it for each is a part of the trace of its own. */
function show({ verdict, reasons, evidence }: Decision, resource: string, run: Run): Promise<void> {
  return run.stage("decided", async (stage) => {
    stage.annotate("resource", resource);
    stage.annotate("decision", verdict);
    stage.annotate("reason", reasons[0] ?? "");
    stage.metadata("reasons", reasons);
    stage.metadata("evidence", evidence);
  });
}

function resultOf({ seen, decision }: Decided, trigger: string, done: string): PoolResult {
  const { verdict, reasons } = decision;
  return { pool: seen.pool.name, trigger, verdict, did: done, reasons };
}

interface Claim {
  readonly subject: string;
  readonly fingerprint: string;
}

/** What there is to tell when nothing is done: what the pool would do in mode observe, and each trouble. */
function claimsOf(decision: Decision, wants: boolean): Claim[] {
  return [
    ...(wants ? [{ subject: `would#${decision.verdict}`, fingerprint: did(decision) }] : []),
    ...decision.warnings.map(({ code, about }) => ({ subject: `${code}#${about}`, fingerprint: code })),
  ];
}

/**
 * A change is told by the one run that held the lease. What would be found again at every look is told by one
 * run, once a day: what the pool would do in mode observe, and each trouble that a person has to see to.
 */
async function isDue(
  claims: readonly Claim[],
  resource: string,
  now: number,
  { ledger }: Dependencies,
  run: Run,
): Promise<boolean> {
  const claimed = await Promise.all(
    claims.map((claim) =>
      ledger.claimNotification(resource, { ...claim, now, repeatAfterMs: DAY }, run.signal),
    ),
  );
  return claimed.includes(true);
}

function publish({ pool, verdict, from, need, evidence }: Decision, { metrics }: Run): void {
  metrics.count("Decisions", 1, { Decision: verdict });
  const dimensions = { NodePool: pool };
  metrics.record("Nodes", "Count", from, dimensions);
  if (need !== undefined) metrics.record("NodesNeeded", "Count", need, dimensions);
  for (const [name, unit, key] of PUBLISHED) {
    const value = evidence[key];
    if (typeof value === "number") metrics.record(name, unit, value, dimensions);
  }
}

const PUBLISHED = [
  ["PendingPods", "Count", "pendingPods"],
  ["UnplacedPods", "Count", "unplacedPods"],
  ["NodesNotReady", "Count", "notReady"],
  ["Utilisation", "Percent", "utilisationPercent"],
] as const;
