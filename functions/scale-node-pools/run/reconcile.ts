import { randomUUID } from "node:crypto";
import { overtakenConditions } from "../../../shared/approvals/conditions.ts";
import type { Permit } from "../../../shared/approvals/permit.ts";
import type { KubernetesApi } from "../../../shared/kubernetes/api/api.ts";
import type { ReflexError } from "../../../shared/lambda/errors.ts";
import { type Failed, recordFailure } from "../../../shared/lambda/record-failure.ts";
import type { Run } from "../../../shared/lambda/run.ts";
import type { History } from "../../../shared/ledger/entry.ts";
import { type Done, keepVerdict } from "../../../shared/ledger/keep-verdict.ts";
import { Paused, type StandingPause } from "../../../shared/ledger/pauses.ts";
import type { RunNotifications } from "../../../shared/notify/run-notifications.ts";
import { type ActInput, act } from "../act/act.ts";
import { recoverIntent } from "../decide/recover-intent.ts";
import { callOf, changesAnything, describeAction } from "../model/action.ts";
import type { ClusterNode } from "../model/cluster.ts";
import type { Decision } from "../model/decision.ts";
import { textsOf } from "../model/reason.ts";
import { conditionsOf } from "../notify/conditions.ts";
import { eventNotification } from "../notify/incident.ts";
import { notificationOf, recoveredNotification } from "../notify/notification.ts";
import type { ObservedPool } from "../observe/pool.ts";
import { isKeptAlike } from "../observe/pool-status-store.ts";
import type { Cause } from "../triggers/requests.ts";
import { type Dependencies, resourceOf } from "./dependencies.ts";
import { publishMetrics } from "./metrics.ts";
import { permitDecision } from "./permit.ts";

/** One pool with its decision. */
export interface DecidedPool {
  readonly observed: ObservedPool;
  readonly decision: Decision;
  readonly nodes: readonly ClusterNode[];
  readonly api?: KubernetesApi;
}

/** What became of one pool in this run. */
export interface PoolResult {
  readonly pool: string;
  readonly trigger: string;
  readonly verdict: Decision["verdict"];
  /** For example `workers-a 3 -> 5`, or `none`. */
  readonly action: string;
  readonly reasons: Decision["reasons"];
}

/** One pool, from the decision to the notification. Catches its failure, so that the other pools go on. */
export async function reconcile(
  decided: DecidedPool,
  cause: Cause,
  run: Run,
  deps: Dependencies,
  notifications: RunNotifications,
  now: number,
): Promise<PoolResult | Failed> {
  const resource = resourceOf(decided.observed.pool.name);
  try {
    const result = await carryOut(decided, cause, run, deps, notifications, now);
    deps.freshness.served(resource);
    return result;
  } catch (error) {
    deps.freshness.notServed(resource, now);
    const failed = recordFailure(error, { call: "scale", resource }, run);
    await notifications.reportFailure(resource, failed.failure);
    return failed;
  }
}

/** Records that nothing was decided for a pool that could not be observed: its part of the trace says why. */
export async function recordUnobserved(
  pool: string,
  failure: ReflexError,
  run: Run,
  { freshness }: Pick<Dependencies, "freshness">,
  notifications: RunNotifications,
): Promise<ReflexError> {
  freshness.notServed(resourceOf(pool), run.clock.now());
  const shown = run.stage("decided", async (stage) => {
    stage.annotate("resource", resourceOf(pool));
    throw failure;
  });
  await shown.catch(() => {});
  const failed = recordFailure(failure, { call: "scale", resource: resourceOf(pool) }, run);
  await notifications.reportFailure(resourceOf(pool), failed.failure);
  return failed.failure;
}

export const resultOf = (
  { observed, decision }: DecidedPool,
  trigger: string,
  action: string,
): PoolResult => ({
  pool: observed.pool.name,
  trigger,
  verdict: decision.verdict,
  action,
  reasons: decision.reasons,
});

async function carryOut(
  decided: DecidedPool,
  cause: Cause,
  run: Run,
  deps: Dependencies,
  notifications: RunNotifications,
  now: number,
): Promise<PoolResult> {
  const { observed, decision, nodes, api } = decided;
  const { text: trigger } = cause;
  const { pool } = observed;
  const resource = resourceOf(pool.name);
  publishMetrics(decision, run);
  await traceDecision(decision, resource, run);
  run.log.info(textsOf(decision.reasons).join(". "), { resource, trigger, decision });

  const known = await recover(decided, run, deps, notifications, now);
  const { permit, history } = await permitDecision(decision, known, { pool, trigger, now }, run, deps);
  const input = { id: randomUUID(), now, trigger, pool, history, nodes, api };
  const done = await doAsPermitted(decision, permit, input, run, deps, notifications);
  if (done === "acted")
    run.metrics.record("DecisionLatency", "Milliseconds", Math.max(0, run.clock.now() - cause.at));
  // After the act: the new nodes must not wait for this, and a run that dies before it loses little.
  if (!isKeptAlike(decision.status, pool.status)) {
    await run.stage("keep", () => deps.poolStatuses.write(resource, decision.status, run.signal));
  }
  await keepDecision(decision, { now, trigger, history }, done, run, deps);
  await reportConditions(decision, input, done, run, deps, notifications);
  return resultOf(decided, trigger, done === "acted" ? describeAction(decision) : "none");
}

/** @returns what became of it: a pause may stand in the way of what is permitted */
async function doAsPermitted(
  decision: Decision,
  permit: Permit,
  input: Omit<ActInput, "outgoing">,
  run: Run,
  deps: Dependencies,
  notifications: RunNotifications,
): Promise<Done> {
  if (permit.kind === "nothing") return "nothing";
  if (permit.kind !== "act") return permit;
  const approved = { ...input, approval: permit.approval };
  return (await actInStage(decision, approved, run, deps, notifications)) ?? "acted";
}

/** A condition that lasts is found again by every run: its incident says which of them notifies. */
function reportConditions(
  decision: Decision,
  { now, trigger, pool, history }: Omit<ActInput, "outgoing">,
  done: Done,
  run: Run,
  { deployStage }: Pick<Dependencies, "deployStage">,
  notifications: RunNotifications,
): Promise<void> {
  const occasion = { trigger, traceId: run.traceId, deployStage };
  const overtaken = overtakenConditions(history.request, now);
  const finding = { conditions: [...conditionsOf(decision, done), ...overtaken], judged: "all" as const };
  return notifications.report(
    resourceOf(pool.name),
    finding,
    (event) => eventNotification(event, { decision, done, history }, occasion),
    history.incidents,
  );
}

/** For `reflex why`: what was decided, when it came to something else than the decision before. */
function keepDecision(
  decision: Decision,
  { now, trigger, history }: Pick<ActInput, "now" | "trigger" | "history">,
  done: Done,
  run: Run,
  { ledger }: Pick<Dependencies, "ledger">,
): Promise<void> {
  const { verdict, reasons, evidence } = decision;
  // A pool holds for many reasons: the first one is the verdict of `reflex why`.
  const code = verdict === "hold" ? (reasons[0]?.code ?? verdict) : verdict;
  const changes = changesAnything(decision);
  const kept = { at: now, verdict: code, reasons: textsOf(reasons), evidence: { ...evidence }, trigger };
  return keepVerdict(history, { ...kept, changes }, done, run, ledger);
}

/** Writes the outcome of an intent whose run died before it could. */
async function recover(
  { observed, decision }: DecidedPool,
  run: Run,
  deps: Dependencies,
  notifications: RunNotifications,
  now: number,
): Promise<History> {
  const outcome = recoverIntent(observed.history, decision.from, now);
  if (!outcome) return observed.history;
  const { pool, history } = observed;
  const occasion = { now, traceId: run.traceId, deployStage: deps.deployStage };
  const recovered = await run.stage("recover", () =>
    deps.ledger.recover(history, outcome, run.signal, (entry) =>
      entry.outcome.result === "applied"
        ? notifications.outgoing(recoveredNotification(pool.name, entry, history, occasion))
        : undefined,
    ),
  );
  notifications.add(recovered.claimed);
  return recovered.history;
}

/** @returns the pause, where one stands: then nothing was changed */
async function actInStage(
  decision: Decision,
  input: Omit<ActInput, "outgoing">,
  run: Run,
  deps: Dependencies,
  notifications: RunNotifications,
): Promise<StandingPause | undefined> {
  const { pool, now, history, id, trigger, approval } = input;
  return run.stage("act", async (stage) => {
    stage.annotate("resource", resourceOf(pool.name));
    stage.annotate("decision", decision.verdict);
    run.progress(
      `about to do ${describeAction(decision)} for ${pool.name}; the ledger shows whether it was done`,
    );
    const call = callOf(decision, pool);
    const { deployStage } = deps;
    const occasion = { id, deployStage, now, trigger, traceId: run.traceId, approval, call };
    const outgoing = notifications.outgoing(notificationOf(decision, history, occasion));
    try {
      const { claimed, failure } = await act(decision, { ...input, outgoing }, run, deps);
      notifications.add(claimed);
      if (failure) throw failure;
    } catch (error) {
      if (!(error instanceof Paused)) throw error;
      stage.annotate("reason", error.message);
      run.log.info(error.message, { resource: resourceOf(pool.name) });
      return error.pause;
    }
    stage.annotate("changed", resourceOf(pool.name));
    run.metrics.count("Actions", 1, { Action: call });
    return undefined;
  });
}

/** All pools are decided on together; the decision for each is a part of the trace of its own. */
function traceDecision(decision: Decision, resource: string, run: Run): Promise<void> {
  const { verdict, reasons, unremovable, evidence } = decision;
  return run.stage("decided", async (stage) => {
    stage.annotate("resource", resource);
    stage.annotate("decision", verdict);
    stage.annotate("reason", reasons[0]?.text ?? "");
    stage.metadata("reasons", reasons);
    stage.metadata("unremovable", unremovable);
    stage.metadata("evidence", evidence);
  });
}
