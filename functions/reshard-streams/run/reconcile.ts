import { randomUUID } from "node:crypto";
import { RetryLater } from "../../../shared/lambda/errors.ts";
import { type Failed, recordFailure } from "../../../shared/lambda/record-failure.ts";
import type { Run } from "../../../shared/lambda/run.ts";
import { notifyOnce } from "../../../shared/notify/notify-once.ts";
import { act } from "../act/act.ts";
import { decide } from "../decide/decide.ts";
import { afterRecovery, interruptedRun } from "../decide/recover-intent.ts";
import type { Decision } from "../model/decision.ts";
import { notificationOf } from "../notify/notification.ts";
import { type ObservedStream, resourceOf } from "../observe/observe.ts";
import type { Cause } from "../triggers/requests.ts";
import type { Dependencies } from "./dependencies.ts";

const DAY = 24 * 3_600_000;

/** What became of one stream in this run. */
export interface StreamResult {
  readonly stream: string;
  readonly trigger: string;
  readonly verdict: Decision["verdict"];
  /** For example `UpdateShardCount 1 -> 2`, or `nothing`. */
  readonly did: string;
  readonly reasons: readonly string[];
}

/** One stream, from the look to the notification. Its failure is its own. */
export async function reconcile(
  one: ObservedStream,
  cause: Cause,
  run: Run,
  deps: Dependencies,
  now: number,
): Promise<StreamResult | Failed> {
  const { stream } = one.watched;
  try {
    if (!("failure" in one)) return await fromLook(one, cause, run, deps, now);
    const { failure } = one;
    // Its trace then has the stream that nothing was decided for, and why.
    return await run.stage("decide", async (stage) => {
      stage.annotate("resource", resourceOf(stream));
      throw failure;
    });
  } catch (error) {
    const failed = recordFailure(error, { call: "reshard", resource: resourceOf(stream) }, run);
    deps.watchlist.notSeen(stream, now, failed.failure instanceof RetryLater);
    return failed;
  }
}

async function fromLook(
  { watched, seen, history: read }: Extract<ObservedStream, { seen: unknown }>,
  cause: Cause,
  run: Run,
  deps: Dependencies,
  now: number,
): Promise<StreamResult> {
  const { stream, policy } = watched;
  const { ledger, watchlist } = deps;
  const trigger = cause.text;
  const dryRun = cause.mode === "observe";
  const dead = dryRun ? undefined : interruptedRun(read, seen, now);
  const history = dead
    ? await run.stage("settle", () => ledger.settle(read, dead.outcome, run.signal))
    : read;
  // The run may have written its outcome and died before it gave the lease back: then that outcome stands.
  const settled = dead && (history.entries.find(({ intent }) => intent.id === dead.intent.id) ?? dead);

  const decision = await run.stage("decide", async (stage) => {
    const decided = settled ? afterRecovery(settled) : decide(seen, policy, history, now);
    stage.annotate("resource", resourceOf(stream));
    stage.annotate("decision", decided.verdict);
    stage.annotate("reason", decided.reasons[0] ?? "");
    stage.annotate("trigger", cause.kind);
    if (cause.alarm !== undefined) stage.annotate("alarm", cause.alarm);
    stage.metadata("reasons", decided.reasons);
    stage.metadata("evidence", decided.evidence);
    return decided;
  });
  run.metrics.count("Decisions", 1, { Decision: decision.verdict });
  run.metrics.record("DecisionLatency", "Milliseconds", Math.max(0, run.clock.now() - cause.at));
  run.log.info(decision.reasons.join(". "), { resource: resourceOf(stream), trigger, decision });
  if (settled?.outcome.result === "applied")
    run.metrics.count("Actions", 1, { Action: settled.intent.action });
  else if (decision.kind === "hold" && decision.tell) run.metrics.count("Blocked");
  watchlist.looked(stream, now, {
    openShards: seen.shards.length,
    updating: seen.status === "UPDATING",
    // What was just changed, or is not settled yet, is looked at again at the next minute.
    requeue: decision.kind !== "hold" || decision.requeue || history.pending !== undefined,
  });

  const mayWrite = !dryRun && (policy.mode ?? deps.mode) === "act";
  const acts = decision.kind !== "hold" && mayWrite;
  const id = randomUUID();
  if (acts) {
    await run.stage("act", async (stage) => {
      stage.annotate("resource", resourceOf(stream));
      stage.annotate("decision", decision.verdict);
      run.progress(`about to do ${did(decision)} for ${stream}; the ledger shows whether it was done`);
      await act(
        stream,
        decision,
        history,
        { id, now, trigger, traceId: run.traceId },
        { ...deps, now: () => run.clock.now(), holder: id, signal: run.signal },
      );
      run.metrics.count("Actions", 1, { Action: `kinesis:${decision.kind}` });
    });
  }
  // A change is told by the one run that held the lease. What stays as it is would be found again at every
  // look: the ledger lets one run tell it, once a day.
  if (acts || (!dryRun && (decision.kind !== "hold" || decision.tell))) {
    const told = { id, now, trigger, traceId: run.traceId, acted: acts };
    const fingerprint = settled?.intent.id ?? did(decision);
    const claim = { subject: decision.verdict, fingerprint, now, againAfterMs: DAY };
    await notifyOnce(notificationOf(stream, decision, history, told), run, deps.notify, async () =>
      acts ? true : ledger.claimTelling(resourceOf(stream), claim, run.signal),
    );
  }
  return {
    stream,
    trigger,
    verdict: decision.verdict,
    did: acts ? did(decision) : "nothing",
    reasons: decision.reasons,
  };
}

function did(decision: Decision): string {
  return decision.kind === "hold" ? "nothing" : `${decision.kind} ${decision.from} -> ${decision.to}`;
}
