import { inParallel } from "../../shared/aws/in-parallel.ts";
import {
  permanentMessages,
  type ReflexError,
  retryMessages,
  throwPermanent,
} from "../../shared/lambda/errors.ts";
import { publishStale } from "../../shared/lambda/freshness.ts";
import { recordFailure } from "../../shared/lambda/record-failure.ts";
import type { Run } from "../../shared/lambda/run.ts";
import { RunNotifications } from "../../shared/notify/run-notifications.ts";
import { annotateTriggers } from "../../shared/triggers/annotate.ts";
import { decodeTriggers } from "../../shared/triggers/decode.ts";
import { resourceOf } from "./observe/configured-stream.ts";
import { callRatesOf } from "./run/call-rates.ts";
import type { Dependencies } from "./run/dependencies.ts";
import type { StreamResult } from "./run/reconcile.ts";
import { reconcileStreams } from "./run/reconcile-streams.ts";
import { takeTurns } from "./triggers/alarm-turns.ts";
import { type DueStreams, dueStreams } from "./triggers/due-streams.ts";
import { type Requests, requestsFrom } from "./triggers/requests.ts";

const WRITES_AT_ONCE = 20;

const NOTHING_DUE: DueStreams = { causes: new Map(), failures: [] };

export interface Result {
  readonly streams: readonly StreamResult[];
  /** Why each trigger that requests nothing was ignored. */
  readonly ignored: readonly string[];
  /** What failed now and is retried by the next run. */
  readonly later: readonly string[];
  /** What a person has to change, where a sweep has served others: each has an incident. */
  readonly failed?: readonly string[];
}

/** One invocation: from any event to what each stream needs now. */
export async function reshardStreams(event: unknown, run: Run, deps: Dependencies): Promise<Result> {
  const requests = await inTurn(
    requestsFrom(
      annotateTriggers(decodeTriggers(event), run),
      (stream) => deps.watchlist.policyOf(stream) !== undefined,
      run.clock.now(),
    ),
    run,
    deps,
  );
  const now = run.clock.now();
  const notifications = new RunNotifications(run, deps);
  const rates = callRatesOf(run, deps);
  const due = requests.sweep ? await dueStreams(run, rates, deps, now) : NOTHING_DUE;
  const causes = new Map([...due.causes, ...requests.streams]);

  const outcomes = await reconcileStreams(causes, due.listed, { run, deps, rates, notifications });
  publishOpenShards(run, deps, now);
  if (requests.sweep) publishStale(staleStreams(deps, now), run);

  const ofStreams = outcomes.flatMap((one) => ("failure" in one ? [one.failure] : []));
  const ofRun = [
    ...requests.failures,
    ...due.failures,
    ...(await notifications.send(requests.sweep ? "all" : "own")),
    ...(await keepWatchlist(run, deps, requests.sweep ? "all" : "plans")),
  ];
  const failed = permanentMessages(ofStreams);
  const result: Result = {
    streams: outcomes.flatMap((one) => ("failure" in one ? [] : [one.result])),
    ignored: requests.ignored,
    later: retryMessages([...ofRun, ...ofStreams]),
    ...(failed.length > 0 && { failed }),
  };
  run.log.info("done", { ...result });
  // A stream that fails has an incident and an alarm of its own: the sweep that has served others did run.
  const isServing = requests.sweep && result.streams.length > 0;
  throwPermanent(isServing ? ofRun : [...ofRun, ...ofStreams]);
  return result;
}

/** All alarms may fire at once: then their invocations take turns. */
async function inTurn(requested: Requests, run: Run, { watchlist, pause }: Dependencies): Promise<Requests> {
  const { requests, waitMs } = takeTurns(requested, watchlist.alarms());
  if (waitMs > 0) await pause(run.clock, waitMs, run.signal);
  return requests;
}

/** By the names that people know them by. */
function staleStreams({ watchlist }: Dependencies, now: number): ReadonlyMap<string, number> {
  return new Map([...watchlist.minutesStale(now)].map(([stream, minutes]) => [resourceOf(stream), minutes]));
}

/**
 * The alarms divide by this metric, so they stay right after a reshard without being rewritten. A process that has taken no
 * sweep lately publishes only what it has just observed: others have changed the rest since.
 */
function publishOpenShards({ metrics }: Run, { watchlist }: Dependencies, now: number): void {
  const since = watchlist.isOutdated(now) ? now : undefined;
  for (const [stream, openShards] of watchlist.openShards(since)) {
    metrics.record("OpenShardCount", "Count", openShards, { StreamName: stream });
  }
}

/**
 * What changed of what other processes have to know. What cannot be written is by the next run. A run that an alarm invoked
 * writes only what has to be observed again: the sweep observes a stream in ALARM itself.
 */
async function keepWatchlist(
  run: Run,
  { watchlist, watchlistStore }: Dependencies,
  scope: "all" | "plans",
): Promise<ReflexError[]> {
  const changed = [...watchlist.unstored()].filter(([, { requeue }]) => scope === "all" || requeue);
  const failures = await inParallel(changed, WRITES_AT_ONCE, async ([stream, state]) => {
    try {
      await watchlistStore.write(stream, state, run.signal);
      watchlist.recordStored(stream, state);
      return [];
    } catch (error) {
      return [recordFailure(error, { call: "dynamodb:PutItem", resource: "the watchlist" }, run).failure];
    }
  });
  return failures.flat();
}
