import { randomUUID } from "node:crypto";
import { type KinesisClient, paginateListStreams } from "@aws-sdk/client-kinesis";
import { asFailure } from "../../shared/aws/failure.ts";
import { inParallel } from "../../shared/aws/in-parallel.ts";
import type { Mode } from "../../shared/config/load.ts";
import { type ReflexError, RetryLater, together } from "../../shared/lambda/errors.ts";
import type { Run } from "../../shared/lambda/run.ts";
import type { Notify } from "../../shared/notify/notify.ts";
import { decodeTriggers } from "../../shared/triggers/decode.ts";
import { act } from "./act.ts";
import { streamsInAlarm } from "./alarm-states.ts";
import { decide } from "./decide.ts";
import type { Decision } from "./decision.ts";
import type { Lookouts } from "./lookouts.ts";
import { type Clients, type Look, observe, resourceOf } from "./observe.ts";
import { outcomeOfPending } from "./settle.ts";
import { notificationOf } from "./tell.ts";
import { wantedBy } from "./wanted.ts";

const DAY = 24 * 3_600_000;
const STREAMS_AT_ONCE = 10;

/** What the automation works with; made once per process. */
export interface House extends Clients {
  readonly notify: Notify;
  readonly lookouts: Lookouts;
  /** The service's mode; a stream's own goes before it. */
  readonly mode: Mode;
  /** The beginning of the names of our alarms. */
  readonly alarmNamePrefix: string;
}

/** What became of one stream in this run. */
export interface StreamResult {
  readonly stream: string;
  readonly trigger: string;
  readonly verdict: Decision["verdict"];
  /** For example `UpdateShardCount 1 -> 2`, or `nothing`. */
  readonly did: string;
  readonly reasons: readonly string[];
}

export interface Result {
  readonly streams: readonly StreamResult[];
  /** Triggers that ask for nothing, and why. */
  readonly nothing: readonly string[];
  /** What comes again by itself. */
  readonly later: readonly string[];
}

/** One invocation: from any event to at most one change for each stream. */
export async function reshardStreams(event: unknown, run: Run, house: House): Promise<Result> {
  const now = run.clock.now();
  const wanted = wantedBy(decodeTriggers(event), (stream) => house.lookouts.policyOf(stream) !== undefined);
  const streams = new Map([...(wanted.sweep ? await due(run, house, now) : []), ...wanted.streams]);

  const looks = await look([...streams.keys()], run, house, now);
  const outcomes = await inParallel(looks, STREAMS_AT_ONCE, (one) =>
    reconcile(one, streams.get(one.watched.stream) ?? "schedule", run, house, now),
  );
  publishOpenShards(run, house);

  const failures = [
    ...wanted.failures,
    ...outcomes.flatMap((one) => ("failure" in one ? [one.failure] : [])),
  ];
  const result: Result = {
    streams: outcomes.flatMap((one) => ("failure" in one ? [] : [one])),
    nothing: wanted.nothing,
    later: failures.filter((failure) => failure instanceof RetryLater).map(({ message }) => message),
  };
  run.log.info("done", { ...result });
  const [first, ...others] = failures.filter((failure) => !(failure instanceof RetryLater));
  if (first) throw together([first, ...others]);
  return result;
}

/** On a schedule's tick: what stands in ALARM, what is in the middle of a plan, what is due. */
async function due(run: Run, house: House, now: number): Promise<Map<string, string>> {
  const { lookouts, cloudwatch, kinesis, alarmNamePrefix } = house;
  return run.stage("sweep", async (stage) => {
    const [inAlarm] = await Promise.all([
      streamsInAlarm(cloudwatch, alarmNamePrefix, run.signal),
      lookouts.wantsDiscovery(now)
        ? namesOfStreams(kinesis, run.signal).then((names) => lookouts.discovered(names, now))
        : undefined,
    ]);
    const ours = new Set([...inAlarm.keys()].filter((stream) => lookouts.policyOf(stream)));
    const streams = lookouts.due(ours, now);
    stage.annotate("streams", streams.length);
    return new Map(
      streams.map((stream) => [
        stream,
        ours.has(stream) ? `alarm ${inAlarm.get(stream)} (still ALARM)` : "schedule",
      ]),
    );
  });
}

async function namesOfStreams(kinesis: KinesisClient, abortSignal: AbortSignal): Promise<string[]> {
  const names: string[] = [];
  try {
    for await (const page of paginateListStreams({ client: kinesis }, { Limit: 1000 }, { abortSignal })) {
      names.push(...(page.StreamNames ?? []));
    }
  } catch (error) {
    throw asFailure(error, "kinesis:ListStreams", "the account's streams");
  }
  return names;
}

async function look(names: readonly string[], run: Run, house: House, now: number): Promise<Look[]> {
  const { lookouts } = house;
  if (names.length === 0) return [];
  const watched = names.flatMap((stream) => {
    const policy = lookouts.policyOf(stream);
    const lastSeenUpdatingAt = lookouts.lastSeenUpdatingAt(stream);
    return policy
      ? [{ stream, policy, ...(lastSeenUpdatingAt !== undefined && { lastSeenUpdatingAt }) }]
      : [];
  });
  run.progress(`looking at ${names.join(", ")}; nothing was changed`);
  return run.stage("observe", (stage) => {
    stage.annotate(
      "resource",
      watched
        .map(({ stream }) => resourceOf(stream))
        .join(" ")
        .slice(0, 1000),
    );
    return observe(watched, house, now, run.signal);
  });
}

/** One stream, from the look to the notification. Its failure is its own. */
async function reconcile(
  one: Look,
  trigger: string,
  run: Run,
  house: House,
  now: number,
): Promise<StreamResult | { failure: ReflexError }> {
  const { stream } = one.watched;
  try {
    if ("failure" in one) throw one.failure;
    return await fromLook(one, trigger, run, house, now);
  } catch (error) {
    const failure = asFailure(error, "reshard", resourceOf(stream));
    house.lookouts.notSeen(stream, now, failure instanceof RetryLater);
    run.metrics.count(failure instanceof RetryLater ? "Postponed" : "Blocked");
    run.log.warn(failure.message, { resource: resourceOf(stream), class: failure.name });
    return { failure };
  }
}

async function fromLook(
  { watched, seen, history: read }: Extract<Look, { seen: unknown }>,
  trigger: string,
  run: Run,
  house: House,
  now: number,
): Promise<StreamResult> {
  const { stream, policy } = watched;
  const { ledger, lookouts } = house;
  const settled = outcomeOfPending(read, seen, now);
  const history = settled ? await ledger.settle(read, settled, run.signal) : read;

  const decision = await run.stage("decide", async (stage) => {
    const decided = decide(seen, policy, history, now);
    stage.annotate("resource", resourceOf(stream));
    stage.annotate("decision", decided.verdict);
    stage.annotate("trigger", trigger);
    stage.metadata("reasons", decided.reasons);
    stage.metadata("evidence", decided.evidence);
    return decided;
  });
  run.metrics.count("Decisions", 1, { Decision: decision.verdict });
  run.log.info(decision.reasons.join(". "), { resource: resourceOf(stream), trigger, decision });
  lookouts.looked(stream, now, {
    openShards: seen.shards.length,
    updating: seen.status === "UPDATING",
    // What was just changed, or is not settled yet, is looked at again at the next minute.
    lookAgain: decision.kind !== "hold" || decision.lookAgain || history.pending !== undefined,
  });

  const mayWrite = (policy.mode ?? house.mode) === "act";
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
        { ...house, now: () => run.clock.now(), holder: id, signal: run.signal },
      );
      run.metrics.count("Actions", 1, { Action: decision.kind });
      run.metrics.record("DecisionLatency", "Milliseconds", run.clock.now() - now);
    });
  }
  // A change is told by the one run that held the lease. What stays as it is would be found again at every
  // look: the ledger lets one run tell it, once a day.
  const tells =
    acts ||
    ((decision.kind !== "hold" || decision.tell) &&
      (await ledger.claimTelling(
        resourceOf(stream),
        { subject: decision.verdict, fingerprint: did(decision), now, againAfterMs: DAY },
        run.signal,
      )));
  if (tells) {
    await run.stage("tell", async (stage) => {
      stage.annotate("resource", resourceOf(stream));
      const told = { id, now, trigger, traceId: run.traceId, acted: acts };
      await house.notify(notificationOf(stream, decision, history, told), run);
    });
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

/** The alarms divide by this metric, so that they stay right after a reshard and need not be rewritten. */
function publishOpenShards({ metrics }: Run, { lookouts }: House): void {
  for (const [stream, openShards] of lookouts.openShards()) {
    metrics.record("OpenShardCount", "Count", openShards, { StreamName: stream });
  }
}
