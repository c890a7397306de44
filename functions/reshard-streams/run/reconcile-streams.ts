import { inParallel } from "../../../shared/aws/in-parallel.ts";
import type { Failed } from "../../../shared/lambda/record-failure.ts";
import { type ConfiguredStream, resourceOf } from "../observe/configured-stream.ts";
import type { ListedStreams } from "../observe/list-streams.ts";
import { createObserver, type ObservedStream } from "../observe/observe.ts";
import { describeStream } from "../observe/summaries.ts";
import { scheduleCause } from "../triggers/due-streams.ts";
import type { Cause } from "../triggers/requests.ts";
import { type Reconciled, reconcile } from "./reconcile.ts";
import type { RunContext } from "./reconciliation.ts";

/** Calls to Kinesis are limited by run/call-rates.ts; this limits how much is in memory and on the wire. */
const STREAMS_AT_ONCE = 20;

/** What an observation and a change take at most: with less time left, a stream is left to the next run. */
const NEEDED_MS = 12_000;

/** How often a stream that is being split is asked whether it is ACTIVE. */
const ASK_MS = 5_000;

export type Outcome = Reconciled | Failed;

/**
 * Observes some streams in their order, and reconciles each as soon as it is observed. Those for which no time is left stay
 * due: the next run has them first.
 */
export async function reconcileStreams(
  causes: ReadonlyMap<string, Cause>,
  listed: ListedStreams | undefined,
  context: RunContext,
): Promise<Outcome[]> {
  const { watchlist } = context.deps;
  const configured = [...causes.keys()].flatMap((stream) => {
    const policy = watchlist.policyOf(stream);
    return policy ? [{ stream, policy }] : [];
  });
  if (configured.length === 0) return [];
  const causeOf = ({ stream }: ConfiguredStream) =>
    causes.get(stream) ?? scheduleCause(context.run.clock.now());

  const outcomes = await inPipeline(configured, listed, context, async (observed) => {
    if (observed === undefined) return [];
    const outcome = await reconcile(observed, causeOf(observed.configured), context);
    return [{ configured: observed.configured, outcome }];
  });
  const toFollow = outcomes.filter(({ outcome }) => "next" in outcome);
  const followed = await inParallel(toFollow, STREAMS_AT_ONCE, (one) =>
    splitOn(one.configured, causeOf(one.configured), context),
  );
  return [...outcomes.map(({ outcome }) => outcome), ...followed.flat()];
}

/**
 * One stage observes, and what follows of each stream begins as soon as that stream was observed.
 *
 * @param each undefined stands for a stream that was left to the next run
 */
async function inPipeline<T>(
  configured: readonly ConfiguredStream[],
  listed: ListedStreams | undefined,
  { run, deps, rates }: RunContext,
  each: (observed: ObservedStream | undefined) => Promise<T[]>,
): Promise<T[]> {
  const waiting = configured.map((one) => ({ one, ...Promise.withResolvers<ObservedStream | undefined>() }));
  const observeStream = createObserver(configured, {
    ...{ clients: deps, rates, now: run.clock.now(), signal: run.signal, listed },
  });
  const observing = run.stage("observe", async (stage) => {
    stage.annotate(
      "resource",
      configured
        .map(({ stream }) => resourceOf(stream))
        .join(" ")
        .slice(0, 1000),
    );
    const mayStart = () => run.remainingMs() > NEEDED_MS && !run.signal.aborted;
    await inParallel(
      waiting,
      STREAMS_AT_ONCE,
      async ({ one, resolve }) => resolve(await observeStream(one)),
      mayStart,
    );
    for (const { resolve } of waiting) resolve(undefined);
  });
  run.progress(`observing ${configured.length} streams; the ledger shows which of them were changed`);
  const [answers] = await Promise.all([
    inParallel(waiting, STREAMS_AT_ONCE, async ({ promise }) => each(await promise)),
    observing,
  ]);
  return answers.flat();
}

/**
 * Split follows split as soon as the stream is ACTIVE, for as long as the run has time: until then records are refused. The
 * next run goes on.
 */
async function splitOn(
  configured: ConfiguredStream,
  cause: Cause,
  context: RunContext,
): Promise<readonly Outcome[]> {
  const { run, deps, rates } = context;
  const outcomes: Outcome[] = [];
  let last: Outcome | undefined;
  while ((!last || "next" in last) && (await becomesActive(configured, context))) {
    const observeAgain = createObserver([configured], {
      ...{ clients: deps, rates, now: run.clock.now(), signal: run.signal },
    });
    last = await reconcile(await observeAgain(configured), cause, context);
    outcomes.push(last);
  }
  return outcomes;
}

/** Waits until the stream is ACTIVE; false when there is no time left, or the state cannot be read. */
async function becomesActive(
  { stream }: ConfiguredStream,
  { run, deps: { kinesis, pause }, rates }: RunContext,
): Promise<boolean> {
  while (run.remainingMs() > NEEDED_MS + ASK_MS && (await pause(run.clock, ASK_MS, run.signal))) {
    try {
      const { StreamStatus } = await describeStream(stream, kinesis, rates, run.signal);
      if (StreamStatus === "ACTIVE") return true;
    } catch {
      return false;
    }
  }
  return false;
}
