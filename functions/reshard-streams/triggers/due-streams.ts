import { type KinesisClient, paginateListStreams } from "@aws-sdk/client-kinesis";
import { asFailure } from "../../../shared/aws/failure.ts";
import type { ReflexError } from "../../../shared/lambda/errors.ts";
import { recordFailure } from "../../../shared/lambda/record-failure.ts";
import type { Run } from "../../../shared/lambda/run.ts";
import { streamsInAlarm } from "../observe/streams-in-alarm.ts";
import type { Dependencies } from "../run/dependencies.ts";
import type { Cause } from "./requests.ts";

/** What a sweep has to observe, and what of it could not be found out. */
export interface DueStreams {
  readonly causes: ReadonlyMap<string, Cause>;
  readonly failures: readonly ReflexError[];
}

/**
 * The streams a scheduled run observes: in ALARM, in the middle of a plan, or due. When the alarms or the account's
 * streams cannot be listed, the sweep goes on with what it knows.
 */
export async function dueStreams(run: Run, deps: Dependencies, now: number): Promise<DueStreams> {
  const { watchlist, cloudwatch, kinesis, alarmNamePrefix } = deps;
  return run.stage("sweep", async (stage) => {
    const [alarms, names] = await Promise.allSettled([
      streamsInAlarm(cloudwatch, alarmNamePrefix, run.signal),
      watchlist.needsDiscovery(now) ? namesOfStreams(kinesis, run.signal) : undefined,
    ]);
    if (names.status === "fulfilled" && names.value) watchlist.recordDiscovery(names.value, now);
    const inAlarm = alarms.status === "fulfilled" ? alarms.value : new Map<string, string>();
    const failures = [alarms, names].flatMap((one) =>
      one.status === "rejected"
        ? [recordFailure(one.reason, { call: "sweep", resource: "the account's streams" }, run).failure]
        : [],
    );
    const ours = new Set([...inAlarm.keys()].filter((stream) => watchlist.policyOf(stream)));
    const streams = watchlist.due(ours, now);
    stage.annotate("streams", streams.length);
    const causes = new Map(
      streams.map((stream) => {
        const alarm = ours.has(stream) ? inAlarm.get(stream) : undefined;
        return [stream, alarm === undefined ? scheduleCause(now) : alarmCause(alarm, now)] as const;
      }),
    );
    return { causes, failures };
  });
}

export function scheduleCause(at: number): Cause {
  return { kind: "schedule", text: "schedule", at };
}

/** The alarm's own event came earlier: scheduled runs go on with it while the state is ALARM. */
function alarmCause(alarm: string, at: number): Cause {
  return { kind: "schedule", text: `alarm ${alarm} (still ALARM)`, alarm, at };
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
