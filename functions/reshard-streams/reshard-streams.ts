import { inParallel } from "../../shared/aws/in-parallel.ts";
import { retryMessages, throwPermanent } from "../../shared/lambda/errors.ts";
import type { Run } from "../../shared/lambda/run.ts";
import { RunNotifications } from "../../shared/notify/run-notifications.ts";
import { annotateTriggers } from "../../shared/triggers/annotate.ts";
import { decodeTriggers } from "../../shared/triggers/decode.ts";
import { type ObservedStream, observe, resourceOf } from "./observe/observe.ts";
import type { Dependencies } from "./run/dependencies.ts";
import { reconcile, type StreamResult } from "./run/reconcile.ts";
import { type DueStreams, dueStreams, scheduleCause } from "./triggers/due-streams.ts";
import { requestsFrom } from "./triggers/requests.ts";

const STREAMS_AT_ONCE = 10;

const NOTHING_DUE: DueStreams = { causes: new Map(), failures: [] };

export interface Result {
  readonly streams: readonly StreamResult[];
  /** Why each trigger that requests nothing was ignored. */
  readonly ignored: readonly string[];
  /** What failed now and is retried by the next run. */
  readonly later: readonly string[];
}

/** One invocation: from any event to at most one change of each stream. */
export async function reshardStreams(event: unknown, run: Run, deps: Dependencies): Promise<Result> {
  const now = run.clock.now();
  const notifications = new RunNotifications(run, deps);
  const requests = requestsFrom(
    annotateTriggers(decodeTriggers(event), run),
    (stream) => deps.watchlist.policyOf(stream) !== undefined,
    now,
  );
  const due = requests.sweep ? await dueStreams(run, deps, now) : NOTHING_DUE;
  const streams = new Map([...due.causes, ...requests.streams]);

  const observed = await observeStreams([...streams.keys()], run, deps, now);
  const outcomes = await inParallel(observed, STREAMS_AT_ONCE, (one) =>
    reconcile(one, streams.get(one.configured.stream) ?? scheduleCause(now), run, deps, notifications),
  );
  publishOpenShards(run, deps);
  if (requests.sweep) run.metrics.record("MinutesUnobserved", "Count", deps.watchlist.minutesUnobserved(now));

  const failures = [
    ...requests.failures,
    ...due.failures,
    ...outcomes.flatMap((one) => ("failure" in one ? [one.failure] : [])),
    ...(await notifications.send(requests.sweep ? "all" : "own")),
  ];
  const result: Result = {
    streams: outcomes.flatMap((one) => ("failure" in one ? [] : [one])),
    ignored: requests.ignored,
    later: retryMessages(failures),
  };
  run.log.info("done", { ...result });
  throwPermanent(failures);
  return result;
}

async function observeStreams(
  names: readonly string[],
  run: Run,
  deps: Dependencies,
  now: number,
): Promise<ObservedStream[]> {
  const { watchlist } = deps;
  if (names.length === 0) return [];
  const configured = names.flatMap((stream) => {
    const policy = watchlist.policyOf(stream);
    const lastSeenUpdatingAt = watchlist.lastSeenUpdatingAt(stream);
    return policy
      ? [{ stream, policy, ...(lastSeenUpdatingAt !== undefined && { lastSeenUpdatingAt }) }]
      : [];
  });
  run.progress(`observing ${names.join(", ")}; nothing was changed`);
  return run.stage("observe", (stage) => {
    stage.annotate(
      "resource",
      configured
        .map(({ stream }) => resourceOf(stream))
        .join(" ")
        .slice(0, 1000),
    );
    return observe(configured, deps, now, run.signal);
  });
}

/** The alarms divide by this metric, so they stay right after a reshard without being rewritten. */
function publishOpenShards({ metrics }: Run, { watchlist }: Dependencies): void {
  for (const [stream, openShards] of watchlist.openShards()) {
    metrics.record("OpenShardCount", "Count", openShards, { StreamName: stream });
  }
}
