import { Logger } from "@aws-lambda-powertools/logger";
import { type StreamPolicies, streamPolicies } from "../../functions/reshard-streams/config/streams.ts";
import { reshardStreams } from "../../functions/reshard-streams/reshard-streams.ts";
import type { Dependencies } from "../../functions/reshard-streams/run/dependencies.ts";
import { createWatchlist } from "../../functions/reshard-streams/triggers/watchlist.ts";
import type { Run } from "../../shared/lambda/run.ts";
import { createSimulatedAccount, type SimulatedAccount } from "./account.ts";
import { createMemory, type Memory } from "./memory.ts";
import { createVirtualTime, type VirtualTime } from "./virtual-time.ts";

const MINUTE_MS = 60_000;
const START = Date.parse("2026-11-02T00:00:00Z");
/** The function's time-out (function.yml), and how long before it the run's signal fires. */
const TIMEOUT_MS = 60_000;

export interface ScaleCase {
  readonly streams: number;
  /** So many of them are in ALARM when it begins. */
  readonly inAlarm: number;
  readonly minutes: number;
  /** So many ms after the beginning the alarm of each stream in ALARM invokes the function, each in a process of its own. */
  readonly stormAtMs?: number;
  /** Runs that are killed, by their number, and so many ms after they began: with their process. */
  readonly killed?: ReadonlyMap<number, number>;
}

export interface ScaleResult {
  /** Seconds from the beginning until each stream in ALARM, and each of the rest, was first decided on. */
  readonly alarmSeconds: readonly number[];
  readonly restSeconds: readonly number[];
  /** Seconds until each stream in ALARM had its change made. */
  readonly changedSeconds: readonly number[];
  /** The longest that any stream waited from one decision to the next, minutes. */
  readonly longestGapMinutes: number;
  readonly undecided: number;
  /** Streams that were changed, and those that were more than once. */
  readonly changed: number;
  readonly changedTwice: number;
  readonly made: ReadonlyMap<string, number>;
  readonly throttled: ReadonlyMap<string, number>;
}

/** Runs the product's own loop, a sweep a minute, over an account of many streams in virtual time. */
export async function simulateScale(one: ScaleCase): Promise<ScaleResult> {
  const time = createVirtualTime(START);
  const account = createSimulatedAccount(time, one.streams, one.inAlarm);
  const memory = createMemory(time);
  const busy = new Set(
    [...account.streams.values()].filter((each) => each.inAlarm()).map(({ name }) => name),
  );
  const decided = new Map<string, number[]>();
  const changed = new Map<string, number>();
  const record = (stage: string, resource: string) => {
    const stream = resource.slice("stream/".length);
    if (stage === "decide") decided.set(stream, [...(decided.get(stream) ?? []), time.now()]);
    else if (!changed.has(stream)) changed.set(stream, time.now());
  };
  // A stream that a pattern finds has no alarm.
  const named = [...busy].map((name) => [name, { max: 10 }] as const);
  const policies = streamPolicies.parse({ ...Object.fromEntries(named), "stream-*": { max: 10 } });
  const process = () => processOf(account, policies, memory, time);
  if (one.stormAtMs !== undefined) storm(busy, START + one.stormAtMs, { time, process, record });
  let deps = process();
  for (let minute = 0; minute < one.minutes; minute += 1) {
    const begin = START + minute * MINUTE_MS;
    const killedAfter = one.killed?.get(minute);
    await time.until(time.sleep(begin - time.now()));
    const ended = new AbortController();
    const sweep = reshardStreams(tick(begin), runAt(time, begin, ended, record), deps).catch(() => {});
    const done = await time.until(
      sweep.then(() => "done"),
      begin + (killedAfter ?? TIMEOUT_MS),
    );
    if (done === undefined) {
      // Nothing that this process began goes on: its clients answer no more.
      ended.abort();
      deps = process();
    }
  }
  return resultOf(one, account, { busy, decided, changed });
}

interface StormContext {
  readonly time: VirtualTime;
  readonly process: () => Dependencies;
  readonly record: (stage: string, resource: string) => void;
}

/** Every alarm's own invocation at one moment. */
function storm(streams: ReadonlySet<string>, at: number, { time, process, record }: StormContext): void {
  void time.sleep(at - time.now()).then(() => {
    for (const stream of streams) {
      const run = runAt(time, at, new AbortController(), record);
      reshardStreams(alarmOf(stream, at), run, process()).catch(() => {});
    }
  });
}

function processOf(
  account: SimulatedAccount,
  policies: StreamPolicies,
  memory: Memory,
  time: VirtualTime,
): Dependencies {
  return {
    ...memory,
    ...{ kinesis: account.kinesis, cloudwatch: account.cloudwatch },
    ...{ mode: "act", deployStage: "bench", alarmNamePrefix: "reflex-bench-stream-" },
    watchlist: createWatchlist(policies),
    // Nobody is asked in mode act.
    requests: { find: async () => undefined, replace: async () => true, record: async () => {} },
    notify: () => time.sleep(100),
    pause: async (_clock, ms) => {
      await time.sleep(ms);
      return true;
    },
  };
}

function runAt(
  time: VirtualTime,
  begin: number,
  { signal }: AbortController,
  record: (stage: string, resource: string) => void,
): Run {
  const dead = () => new Promise<never>(() => {});
  return {
    automation: "reshard-streams",
    ...{ id: `run-${begin}`, traceId: undefined, functionArn: undefined },
    clock: { now: time.now },
    signal,
    remainingMs: () => begin + TIMEOUT_MS - time.now(),
    log: new Logger({ logLevel: "SILENT" }),
    metrics: { count: () => {}, record: () => {}, note: () => {}, flush: () => {} },
    annotate: () => {},
    stage: async (name, body) => {
      // A killed process begins nothing more.
      if (signal.aborted) return dead();
      let resource = "";
      const result = await body({
        annotate: (key, value) => {
          if (key === "resource") resource = String(value);
        },
        metadata: () => {},
      });
      if (signal.aborted) return dead();
      if (name === "decide" || name === "act") record(name, resource);
      return result;
    },
    progress: () => {},
  };
}

/** As the alarm's action gives it to the function. */
function alarmOf(stream: string, at: number): unknown {
  const name = `reflex-bench-stream-${stream}`;
  const metric = { namespace: "AWS/Kinesis", name: "IncomingBytes", dimensions: { StreamName: stream } };
  return {
    source: "aws.cloudwatch",
    alarmArn: `arn:aws:cloudwatch:us-east-1:000000000000:alarm:${name}`,
    accountId: "000000000000",
    time: new Date(at).toISOString(),
    region: "us-east-1",
    alarmData: {
      alarmName: name,
      state: { value: "ALARM", reason: "", timestamp: new Date(at).toISOString() },
      configuration: {
        metrics: [{ id: "bytes", metricStat: { metric, period: 60, stat: "Sum" }, returnData: true }],
      },
    },
  };
}

function tick(at: number): unknown {
  return {
    ...{
      source: "aws.events",
      "detail-type": "Scheduled Event",
      time: new Date(at).toISOString(),
      detail: {},
    },
    resources: ["arn:aws:events:us-east-1:000000000000:rule/reflex-bench-reshard-streams"],
  };
}

function resultOf(
  { streams, minutes }: ScaleCase,
  account: SimulatedAccount,
  {
    busy,
    decided,
    changed,
  }: {
    readonly busy: ReadonlySet<string>;
    readonly decided: ReadonlyMap<string, readonly number[]>;
    readonly changed: ReadonlyMap<string, number>;
  },
): ScaleResult {
  const seconds = (at: number) => (at - START) / 1000;
  const first = [...decided].map(([stream, at]) => ({ stream, seconds: seconds(at[0] ?? 0) }));
  const gaps = [...decided.values()].flatMap((at) =>
    [...at, START + minutes * MINUTE_MS].map((each, index) => each - (at[index - 1] ?? START)),
  );
  return {
    alarmSeconds: first.flatMap((each) => (busy.has(each.stream) ? [each.seconds] : [])),
    restSeconds: first.flatMap((each) => (busy.has(each.stream) ? [] : [each.seconds])),
    changedSeconds: [...changed].map(([, at]) => seconds(at)),
    longestGapMinutes: gaps.reduce((most, each) => Math.max(most, each), 0) / MINUTE_MS,
    undecided: streams - decided.size,
    changed: account.changes.size,
    changedTwice: [...account.changes.values()].filter((times) => times > 1).length,
    ...{ made: account.made, throttled: account.throttled },
  };
}
