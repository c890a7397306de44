import { overtakenConditions } from "../../../shared/approvals/conditions.ts";
import type { Permit } from "../../../shared/approvals/permit.ts";
import { RetryLater } from "../../../shared/lambda/errors.ts";
import { type Failed, recordFailure } from "../../../shared/lambda/record-failure.ts";
import type { Entry, History } from "../../../shared/ledger/entry.ts";
import type { Done } from "../../../shared/ledger/keep-verdict.ts";
import { decide } from "../decide/decide.ts";
import { afterRecovery, interruptedRun } from "../decide/recover-intent.ts";
import type { Decision } from "../model/decision.ts";
import { comingAgain, conditionsOf } from "../notify/conditions.ts";
import { eventNotification } from "../notify/incident.ts";
import { recoveredNotification } from "../notify/notification.ts";
import { resourceOf } from "../observe/configured-stream.ts";
import type { ObservedStream, StreamFacts } from "../observe/observe.ts";
import type { Cause } from "../triggers/requests.ts";
import { carryOut, describeChange } from "./carry-out.ts";
import { keepDecision, keepProfile, noteChanging } from "./keep.ts";
import { permitDecision } from "./permit.ts";
import type { Reconciliation, RunContext } from "./reconciliation.ts";

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

async function reconcileObserved(facts: StreamFacts, about: Reconciliation): Promise<Reconciled> {
  const { configured, observation, history: read } = facts;
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
  if (!dryRun) await recordObservation(facts, decision, permit, history, about);
  const done = await carryOut(decision, permit, history, about);
  if (!dryRun) {
    await keepProfile(observation, configured.policy, history, about);
    await keepDecision(decision, history, done, about);
    await reportConditions(decision, history, done, about);
    if (!LEAVES_OPEN.has(decision.verdict)) deps.watchlist.recordServed(stream);
  }
  const { verdict, reasons } = decision;
  const action = done === "acted" ? describeChange(decision) : "none";
  const result = { stream, trigger: cause.text, verdict, action, reasons };
  const splitsFollow = done === "acted" && decision.kind === "SplitShard" && decision.goal > decision.to;
  return splitsFollow ? { result, next: "split" } : { result };
}

/** When the stream is observed again, and that it was seen in the middle of a change. */
async function recordObservation(
  { configured, observation }: StreamFacts,
  decision: Decision,
  permit: Permit,
  history: History,
  about: Reconciliation,
): Promise<void> {
  const { stream, deps, observedAt } = about;
  deps.watchlist.recordObservation(stream, observedAt, {
    openShards: observation.shards.length,
    // What is about to be changed, waits for an answer, or has no outcome yet, is observed again at the next minute; what
    // mode observe only would change is not: it would be, at every minute.
    requeue:
      permit.kind !== "nothing" ||
      (decision.kind === "hold" && decision.requeue) ||
      history.pending !== undefined,
    overloaded: isOverloaded(decision, configured.policy.scaleOutAt),
    ...(decision.kind === "hold" && decision.observeAt !== undefined && { observeAt: decision.observeAt }),
  });
  if (observation.status === "UPDATING") await noteChanging(about);
}

function isOverloaded({ evidence }: Decision, scaleOutAt: number): boolean {
  return Number(evidence.throttled) > 0 || Number(evidence.utilisation) > scaleOutAt;
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

/** A condition that lasts is found again by every run: its incident says which of them notifies. */
function reportConditions(
  decision: Decision,
  history: History,
  done: Done,
  { stream, cause, run, deps, notifications, observedAt }: Reconciliation,
): Promise<void> {
  const occasion = { trigger: cause.text, traceId: run.traceId, deployStage: deps.deployStage };
  const overtaken = overtakenConditions(history.request, observedAt);
  // The run that recovers an intent says nothing of the stream: what people were notified of stands.
  const judged = decision.verdict === "recovered" ? ("listed" as const) : ("all" as const);
  const found = conditionsOf(decision, done);
  const again = found.some(({ key }) => key === "size") ? [] : comingAgain(decision, history);
  const finding = { conditions: [...found, ...again, ...overtaken], judged };
  return notifications.report(
    resourceOf(stream),
    finding,
    (event) => eventNotification(event, { stream, decision, done, history }, occasion),
    history.incidents,
  );
}
