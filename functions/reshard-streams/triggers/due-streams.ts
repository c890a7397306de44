import { modeOf } from "../../../shared/approvals/mode.ts";
import type { CallRates } from "../../../shared/aws/call-rates.ts";
import type { ReflexError } from "../../../shared/lambda/errors.ts";
import { recordFailure } from "../../../shared/lambda/record-failure.ts";
import type { Run } from "../../../shared/lambda/run.ts";
import { type ListedStreams, listStreams } from "../observe/list-streams.ts";
import { type InAlarm, streamsInAlarm } from "../observe/streams-in-alarm.ts";
import type { Dependencies } from "../run/dependencies.ts";
import type { Cause } from "./requests.ts";

/** What a sweep has to observe, and what of it could not be found out. */
export interface DueStreams {
  /** What is most urgent first. */
  readonly causes: ReadonlyMap<string, Cause>;
  /** The account's streams, where they were listed. */
  readonly listed?: ListedStreams | undefined;
  readonly failures: readonly ReflexError[];
}

/**
 * The streams a scheduled run observes: in ALARM, in the middle of a plan, or due. When the alarms, the account's
 * streams or what other processes know cannot be read, the sweep goes on with what it knows.
 */
export async function dueStreams(
  run: Run,
  rates: CallRates,
  deps: Dependencies,
  now: number,
): Promise<DueStreams> {
  const { watchlist, watchlistStore, cloudwatch, kinesis, alarmNamePrefix } = deps;
  return run.stage("sweep", async (stage) => {
    const [alarms, listed, stored] = await Promise.allSettled([
      watchlist.alarms() > 0 ? streamsInAlarm(cloudwatch, alarmNamePrefix, rates, run.signal) : NONE_IN_ALARM,
      watchlist.needsDiscovery(now) ? listStreams(kinesis, rates, run.signal) : undefined,
      watchlist.isOutdated(now) ? watchlistStore.read(run.signal) : undefined,
    ]);
    if (listed.status === "fulfilled" && listed.value) watchlist.recordDiscovery(listed.value.names, now);
    if (stored.status === "fulfilled") {
      if (stored.value) watchlist.load(stored.value);
      watchlist.recordSweep(now);
    }
    const inAlarm = alarms.status === "fulfilled" ? alarms.value : NONE_IN_ALARM;
    const failures = [alarms, listed, stored].flatMap((one) =>
      one.status === "rejected"
        ? [recordFailure(one.reason, { call: "sweep", resource: "the account's streams" }, run).failure]
        : [],
    );
    // While the alarms cannot be read, what was busy when last observed is taken to be in ALARM still.
    const busy = alarms.status === "fulfilled" ? [...inAlarm.keys()] : watchlist.overloaded();
    const streams = watchlist.due(new Set(busy.filter((one) => isUrgent(one, deps))), now);
    stage.annotate("streams", streams.length);
    const causes = new Map(
      streams.map((stream) => {
        const alarm = inAlarm.get(stream);
        return [stream, alarm === undefined ? scheduleCause(now) : alarmCause(alarm, now)] as const;
      }),
    );
    return { causes, failures, listed: listed.status === "fulfilled" ? listed.value : undefined };
  });
}

const NONE_IN_ALARM: InAlarm = new Map();

/** An alarm makes a stream urgent that may be changed; in mode observe it is observed when it is due. */
function isUrgent(stream: string, { watchlist, mode }: Dependencies): boolean {
  const policy = watchlist.policyOf(stream);
  return policy !== undefined && modeOf(policy.mode, "out", mode) !== "observe";
}

export function scheduleCause(at: number): Cause {
  return { kind: "schedule", text: "schedule", at };
}

/** The alarm's own event came earlier: scheduled runs go on with it while the state is ALARM. */
function alarmCause(alarm: string, at: number): Cause {
  return { kind: "schedule", text: `alarm ${alarm} (still ALARM)`, alarm, at };
}
