import { inParallel } from "../../shared/aws/in-parallel.ts";
import { laterOf, throwLasting } from "../../shared/lambda/errors.ts";
import type { Run } from "../../shared/lambda/run.ts";
import { decodeTriggers } from "../../shared/triggers/decode.ts";
import { noted } from "../../shared/triggers/annotate.ts";
import type { House } from "./run/dependencies.ts";
import { type Look, observe, resourceOf } from "./observe/observe.ts";
import { reconcile, type StreamResult } from "./run/reconcile.ts";
import { due, ticked } from "./triggers/due-streams.ts";
import { wantedBy } from "./triggers/requests.ts";

const STREAMS_AT_ONCE = 10;

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
  const wanted = wantedBy(
    noted(decodeTriggers(event), run),
    (stream) => house.lookouts.policyOf(stream) !== undefined,
    now,
  );
  const streams = new Map([...(wanted.sweep ? await due(run, house, now) : []), ...wanted.streams]);

  const looks = await look([...streams.keys()], run, house, now);
  const outcomes = await inParallel(looks, STREAMS_AT_ONCE, (one) =>
    reconcile(one, streams.get(one.watched.stream) ?? ticked(now), run, house, now),
  );
  publishOpenShards(run, house);

  const failures = [
    ...wanted.failures,
    ...outcomes.flatMap((one) => ("failure" in one ? [one.failure] : [])),
  ];
  const result: Result = {
    streams: outcomes.flatMap((one) => ("failure" in one ? [] : [one])),
    nothing: wanted.nothing,
    later: laterOf(failures),
  };
  run.log.info("done", { ...result });
  throwLasting(failures);
  return result;
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

/** The alarms divide by this metric, so that they stay right after a reshard and need not be rewritten. */
function publishOpenShards({ metrics }: Run, { lookouts }: House): void {
  for (const [stream, openShards] of lookouts.openShards()) {
    metrics.record("OpenShardCount", "Count", openShards, { StreamName: stream });
  }
}
