import { randomUUID } from "node:crypto";
import { overtakenConditions } from "../../../shared/approvals/conditions.ts";
import type { Permit } from "../../../shared/approvals/permit.ts";
import type { Approval } from "../../../shared/approvals/request.ts";
import type { CallRates } from "../../../shared/aws/call-rates.ts";
import { RetryLater } from "../../../shared/lambda/errors.ts";
import { type Failed, recordFailure } from "../../../shared/lambda/record-failure.ts";
import type { Run } from "../../../shared/lambda/run.ts";
import type { Entry, History } from "../../../shared/ledger/entry.ts";
import { type Done, keepVerdict } from "../../../shared/ledger/keep-verdict.ts";
import { Paused, type StandingPause } from "../../../shared/ledger/pauses.ts";
import type { RunNotifications } from "../../../shared/notify/run-notifications.ts";
import { act } from "../act/act.ts";
import type { StreamPolicy } from "../config/policy.ts";
import { decide } from "../decide/decide.ts";
import { demandsOf } from "../decide/measure/demand.ts";
import { profileAfter } from "../decide/measure/demand-profile.ts";
import { capacityOf } from "../decide/measure/sizing.ts";
import { afterRecovery, interruptedRun } from "../decide/recover-intent.ts";
import type { Action, Decision } from "../model/decision.ts";
import type { Observation } from "../model/observation.ts";
import { conditionsOf } from "../notify/conditions.ts";
import { eventNotification } from "../notify/incident.ts";
import { notificationOf, recoveredNotification } from "../notify/notification.ts";
import { resourceOf } from "../observe/configured-stream.ts";
import type { ObservedStream, StreamFacts } from "../observe/observe.ts";
import type { Cause } from "../triggers/requests.ts";
import type { Dependencies } from "./dependencies.ts";
import { permitDecision } from "./permit.ts";

/** What became of one stream in this run. */
export interface StreamResult {
  readonly stream: string;
  readonly trigger: string;
  readonly verdict: Decision["verdict"];
  /** For example `UpdateShardCount 1 -> 2`, or `none`. */
  readonly action: string;
  readonly reasons: readonly string[];
}

export interface Reconciled {
  readonly result: StreamResult;
  /** A split was made that others have to follow: they need no call of the daily quota, only an ACTIVE stream. */
  readonly next?: "split";
}

/** What all streams of one run share. */
export interface RunContext {
  readonly run: Run;
  readonly deps: Dependencies;
  readonly rates: CallRates;
  readonly notifications: RunNotifications;
}

/** What the parts of one reconciliation share. */
interface Reconciliation extends RunContext {
  readonly stream: string;
  readonly arn?: string | undefined;
  readonly cause: Cause;
  /** When the stream was observed, ms since the epoch: the decision is for that moment. */
  readonly observedAt: number;
}

/** One stream, from what was observed to the notification. Its failure is its own. */
export async function reconcile(
  observed: ObservedStream,
  cause: Cause,
  context: RunContext,
): Promise<Reconciled | Failed> {
  const { run, deps, notifications } = context;
  const { configured, observedAt } = observed;
  const { stream } = configured;
  const about: Reconciliation = { ...context, stream, cause, observedAt };
  try {
    if (!("failure" in observed))
      return await reconcileObserved(observed, { ...about, arn: observed.observation.arn });
    const { failure } = observed;
    // The trace then has a part for the stream, which says why nothing was decided.
    return await run.stage("decide", async (stage) => {
      stage.annotate("resource", resourceOf(stream));
      throw failure;
    });
  } catch (error) {
    const failed = recordFailure(error, { call: "reshard", resource: resourceOf(stream) }, run);
    if (cause.mode === "observe") return failed;
    deps.watchlist.recordFailure(stream, observedAt, failed.failure instanceof RetryLater);
    await notifications.reportFailure(resourceOf(stream), failed.failure);
    return failed;
  }
}

/** Verdicts that say nothing of what the stream needs: after one that failed, it is still without it. */
const LEAVES_OPEN: ReadonlySet<Decision["verdict"]> = new Set([
  "recovered",
  "refused-lately",
  "awaiting-metrics",
  "metrics-incomplete",
]);

async function reconcileObserved(
  { configured, observation, history: read }: StreamFacts,
  about: Reconciliation,
): Promise<Reconciled> {
  const { stream, cause, deps, observedAt } = about;
  const dryRun = cause.mode === "observe";
  const { history: known, recovered } = dryRun
    ? { history: read, recovered: undefined }
    : await recoverIntent(read, interruptedRun(read, observation, observedAt), about);

  const decision = await traceDecision(about, () =>
    recovered ? afterRecovery(recovered) : decide(observation, configured.policy, known, observedAt),
  );
  recordDecision(decision, recovered, about);
  const { permit, history } = await permitDecision(decision, configured.policy, known, about);
  if (!dryRun) {
    deps.watchlist.recordObservation(stream, observedAt, {
      openShards: observation.shards.length,
      // What is about to be changed, waits for an answer, or has no outcome yet, is observed again at the next minute; what
      // mode observe only would change is not: it would be, at every minute.
      requeue:
        permit.kind !== "nothing" ||
        (decision.kind === "hold" && decision.requeue) ||
        history.pending !== undefined,
      overloaded: isOverloaded(decision, configured.policy.scaleOutAt),
    });
    if (observation.status === "UPDATING") await noteChanging(about);
  }
  const done = await carryOut(decision, permit, history, about);
  if (!dryRun) await keepProfile(observation, configured.policy, history, about);
  if (!dryRun) await keepDecision(decision, history, done, about);
  if (!dryRun) await reportConditions(decision, history, done, about);
  if (!dryRun && !LEAVES_OPEN.has(decision.verdict)) deps.watchlist.recordServed(stream);
  const result = {
    stream,
    trigger: cause.text,
    verdict: decision.verdict,
    action: done === "acted" ? describeChange(decision) : "none",
    reasons: decision.reasons,
  };
  const splitsFollow = done === "acted" && decision.kind === "SplitShard" && decision.goal > decision.to;
  return splitsFollow ? { result, next: "split" } : { result };
}

/** @returns what became of it: a pause may stand in the way of what is permitted */
async function carryOut(
  decision: Decision,
  permit: Permit,
  history: History,
  about: Reconciliation,
): Promise<Done> {
  if (permit.kind === "nothing") return "nothing";
  if (permit.kind !== "act" || decision.kind === "hold") return permit.kind === "act" ? "nothing" : permit;
  return (await actOn(decision, history, permit.approval, about)) ?? "acted";
}

function isOverloaded({ evidence }: Decision, scaleOutAt: number): boolean {
  return Number(evidence.throttled) > 0 || Number(evidence.utilisation) > scaleOutAt;
}

/** What is refused until a change has its effect says nothing about the shards after it: every process has to know. */
function noteChanging({ stream, run, deps: { ledger }, observedAt }: Reconciliation): Promise<void> {
  return run.stage("keep", async (stage) => {
    stage.annotate("resource", resourceOf(stream));
    await ledger.noteChanging(resourceOf(stream), observedAt, run.signal);
  });
}

/** What the quarters of an hour that ended were like. Only scheduled runs keep it: others come as often as alarms do. */
async function keepProfile(
  observation: Observation,
  policy: StreamPolicy,
  history: History,
  { stream, cause, run, deps: { ledger }, observedAt }: Reconciliation,
): Promise<void> {
  if (policy.forecast === "off" || cause.kind !== "schedule") return;
  const demands = demandsOf(observation.minutes, capacityOf(policy));
  const profile = profileAfter(observation, demands, policy.lookBackMinutes, observedAt, history);
  if (!profile) return;
  await run.stage("keep", async (stage) => {
    stage.annotate("resource", resourceOf(stream));
    await ledger.keepProfile(resourceOf(stream), JSON.stringify(profile), observedAt, run.signal);
  });
}

/** For `reflex why`: what was decided, when it came to something else than the decision before. */
function keepDecision(
  { kind, verdict, reasons, evidence }: Decision,
  history: History,
  done: Done,
  { cause, run, deps, observedAt }: Reconciliation,
): Promise<void> {
  const changes = kind !== "hold";
  const decision = { at: observedAt, verdict, reasons, evidence, trigger: cause.text, changes };
  return keepVerdict(history, decision, done, run, deps.ledger);
}

/** Writes the outcome of an interrupted run. If that run wrote one before it died, its outcome stands. */
async function recoverIntent(
  history: History,
  interrupted: Entry | undefined,
  { stream, cause, run, deps: { ledger, deployStage }, notifications, observedAt }: Reconciliation,
): Promise<{ history: History; recovered: Entry | undefined }> {
  if (!interrupted) return { history, recovered: undefined };
  const { outcome, intent } = interrupted;
  const occasion = {
    ...{ id: intent.id, deployStage, now: observedAt },
    ...{ trigger: cause.text, traceId: run.traceId },
  };
  const after = await run.stage("recover", () =>
    ledger.recover(history, outcome, run.signal, (entry) =>
      entry.outcome.result === "applied"
        ? notifications.outgoing(recoveredNotification(stream, entry, history, occasion))
        : undefined,
    ),
  );
  notifications.add(after.claimed);
  const written = after.history.entries.find((entry) => entry.intent.id === intent.id);
  return { history: after.history, recovered: written ?? interrupted };
}

function traceDecision({ stream, cause, run }: Reconciliation, decided: () => Decision): Promise<Decision> {
  return run.stage("decide", async (stage) => {
    const decision = decided();
    stage.annotate("resource", resourceOf(stream));
    stage.annotate("decision", decision.verdict);
    stage.annotate("reason", decision.reasons[0] ?? "");
    stage.annotate("trigger", cause.kind);
    if (cause.alarm !== undefined) stage.annotate("alarm", cause.alarm);
    stage.metadata("reasons", decision.reasons);
    stage.metadata("evidence", decision.evidence);
    return decision;
  });
}

function recordDecision(
  decision: Decision,
  recovered: Entry | undefined,
  { stream, cause, run }: Reconciliation,
): void {
  const { metrics, log, clock } = run;
  // Holding is what nearly every look comes to, and a metric is billed by the hours it is published in: the log has it.
  if (decision.kind !== "hold") {
    metrics.count("Decisions", 1, { Decision: decision.verdict });
    metrics.record("DecisionLatency", "Milliseconds", Math.max(0, clock.now() - cause.at));
  }
  log.info(decision.reasons.join(". "), { resource: resourceOf(stream), trigger: cause.text, decision });
  if (recovered?.outcome.result === "applied")
    metrics.count("Actions", 1, { Action: recovered.intent.action });
  else if (decision.kind === "hold" && decision.notify) metrics.count("Blocked");
}

/** @returns the pause, where one stands: then nothing was changed */
async function actOn(
  decision: Action,
  history: History,
  approval: Approval | undefined,
  { stream, arn, cause, run, deps, rates, notifications, observedAt }: Reconciliation,
): Promise<StandingPause | undefined> {
  return run.stage("act", async (stage) => {
    stage.annotate("resource", resourceOf(stream));
    stage.annotate("decision", decision.verdict);
    run.progress(
      `about to call ${describeChange(decision)} for ${stream}; the ledger shows whether it was done`,
    );
    const id = randomUUID();
    const runInfo = { id, now: observedAt, trigger: cause.text, traceId: run.traceId, approval };
    const { deployStage } = deps;
    const outgoing = notifications.outgoing(
      notificationOf(stream, decision, history, { ...runInfo, deployStage }),
    );
    // Before the lease: a run that waits for its turn keeps no other from acting.
    await rates.take(decision.kind);
    const actor = { ...deps, now: () => run.clock.now(), holder: id, signal: run.signal, outgoing };
    try {
      notifications.add(await act({ stream, arn }, decision, history, runInfo, actor));
    } catch (error) {
      if (!(error instanceof Paused)) throw error;
      stage.annotate("reason", error.message);
      run.log.info(error.message, { resource: resourceOf(stream) });
      return error.pause;
    }
    stage.annotate("changed", resourceOf(stream));
    run.metrics.count("Actions", 1, { Action: `kinesis:${decision.kind}` });
    return undefined;
  });
}

/** A condition that lasts is found again by every run: its incident says which of them notifies. */
function reportConditions(
  decision: Decision,
  history: History,
  done: Done,
  { stream, cause, run, deps, notifications, observedAt }: Reconciliation,
): Promise<void> {
  const occasion = { trigger: cause.text, traceId: run.traceId, deployStage: deps.deployStage };
  const overtaken = overtakenConditions(history.request, observedAt);
  const finding = { conditions: [...conditionsOf(decision, done), ...overtaken], judged: "all" as const };
  return notifications.report(
    resourceOf(stream),
    finding,
    (event) => eventNotification(event, { stream, decision, done, history }, occasion),
    history.incidents,
  );
}

function describeChange(decision: Decision): string {
  switch (decision.kind) {
    case "hold":
      return "none";
    case "UpdateStreamRecordDistributionStrategy":
      return `${decision.kind} ${decision.strategy}`;
    case "UpdateStreamMode":
      return `${decision.kind} ${decision.mode}`;
    default:
      return `${decision.kind} ${decision.from} -> ${decision.to}`;
  }
}
