/**
 * An AWS account in memory with streams in it, for whole runs of reshard-streams: Kinesis, CloudWatch and SNS
 * are mocked clients over this small model, DynamoDB is the real client on a real table. Any call can be made to
 * fail, before it takes effect or after, and a run can be made to die there.
 */

import { Logger } from "@aws-lambda-powertools/logger";
import {
  CloudWatchClient,
  DescribeAlarmsCommand,
  GetMetricDataCommand,
  type MetricDataQuery,
} from "@aws-sdk/client-cloudwatch";
import {
  DescribeAccountSettingsCommand,
  DescribeStreamSummaryCommand,
  KinesisClient,
  ListShardsCommand,
  ListStreamsCommand,
  MergeShardsCommand,
  ResourceInUseException,
  ResourceNotFoundException,
  SplitShardCommand,
  UpdateShardCountCommand,
  UpdateStreamModeCommand,
  UpdateStreamRecordDistributionStrategyCommand,
  UpdateStreamWarmThroughputCommand,
  ValidationException,
} from "@aws-sdk/client-kinesis";
import { PublishCommand, SNSClient } from "@aws-sdk/client-sns";
import { mockClient } from "aws-sdk-client-mock";
import { streamPolicies } from "../../../functions/reshard-streams/config/streams.ts";
import { type Result, reshardStreams } from "../../../functions/reshard-streams/reshard-streams.ts";
import type { Dependencies } from "../../../functions/reshard-streams/run/dependencies.ts";
import { createWatchlist } from "../../../functions/reshard-streams/triggers/watchlist.ts";
import { createWatchlistStore } from "../../../functions/reshard-streams/triggers/watchlist-store.ts";
import { createRequestStore } from "../../../shared/approvals/store.ts";
import type { Mode } from "../../../shared/config/load.ts";
import type { Run } from "../../../shared/lambda/run.ts";
import { createLedger, type Ledger } from "../../../shared/ledger/ledger.ts";
import { createOutbox } from "../../../shared/ledger/outbox.ts";
import { separate } from "../../../shared/notify/message.ts";
import { type Notification, notification } from "../../../shared/notify/notification.ts";
import { createNotify } from "../../../shared/notify/notify.ts";
import { type LedgerTable, pauseIn } from "../../shared/ledger/table.ts";
import { evenShards, HOUR, MINUTE, NOW, SHARD_MINUTE } from "./stream.ts";

/** As in handler.ts. */
const LEASE_MS = 90_000;

/** How long a reshard takes here. */
const UPDATING_MS = 30_000;

/** What a stream carries in one minute, in shards' worth of bytes, and what it refuses. */
export interface Traffic {
  readonly demand?: number;
  readonly throttled?: number;
  /** What is refused in the minute that begins then, ms since the epoch, in place of `throttled`. */
  readonly throttledAt?: (at: number) => number;
  readonly iteratorAgeMs?: number;
  /** Its consumers read until then, ms since the epoch; all the time when absent. */
  readonly readUntil?: number;
}

interface Stream {
  open: number;
  mode: "PROVISIONED" | "ON_DEMAND";
  updatingUntil: number;
  traffic: Traffic;
  inAlarm: boolean;
  warmMiBps?: number;
  distribution?: "AUTO";
}

/** One change of a stream's shards that took effect. */
export interface Change {
  readonly stream: string;
  readonly call: string;
  readonly from: number;
  readonly to: number;
}

type Moment = "before" | "after";

interface Fault {
  readonly call: string;
  readonly moment: Moment;
  /** How many such calls pass before it. */
  passing: number;
  readonly effect: "die" | Error;
}

export interface Process {
  /** One invocation of this process. */
  invoke(event: unknown): Promise<Result>;
  readonly metrics: { name: string; value: number; dimensions: Readonly<Record<string, string>> }[];
}

export async function createAccount(db: LedgerTable) {
  const table = await db.another();
  const streams = new Map<string, Stream>();
  const changes: Change[] = [];
  const notifications: Notification[] = [];
  const calls: string[] = [];
  const faults: Fault[] = [];
  const gate = createGate();
  let now = NOW;
  let died = () => {};
  let advantage = false;
  let observations = Number.POSITIVE_INFINITY;
  let pauses: "stand still" | "pass" = "stand still";

  /** Every call of every service goes through here. */
  async function wire<T>(call: string, effect: () => T | Promise<T>): Promise<T> {
    calls.push(call);
    await meet(call, "before");
    const answer = await gate.pass(call, effect);
    await meet(call, "after");
    return answer;
  }

  async function meet(call: string, moment: Moment): Promise<void> {
    const index = faults.findIndex((one) => one.call === call && one.moment === moment);
    const fault = faults[index];
    if (!fault) return;
    if (fault.passing > 0) {
      fault.passing -= 1;
      return;
    }
    faults.splice(index, 1);
    if (fault.effect !== "die") throw fault.effect;
    died();
    await new Promise<never>(() => {});
  }

  const kinesisClient = new KinesisClient({ region: "us-east-1" });
  const cloudwatchClient = new CloudWatchClient({ region: "us-east-1" });
  const snsClient = new SNSClient({ region: "us-east-1" });
  const kinesis = mockClient(kinesisClient);
  const cloudwatch = mockClient(cloudwatchClient);
  const sns = mockClient(snsClient);

  const streamOf = (name: string | undefined): Stream => {
    const found = streams.get(name ?? "");
    if (found) return found;
    const message = `Stream ${name} under account 000000000000 not found.`;
    throw new ResourceNotFoundException({ message, $metadata: { httpStatusCode: 400 } });
  };
  const isUpdating = (stream: Stream) => now < stream.updatingUntil;
  const change = (name: string | undefined, call: string, to: (open: number) => number) => {
    const stream = streamOf(name);
    if (stream.mode === "ON_DEMAND") {
      const message = `Stream ${name} is in on-demand capacity mode.`;
      throw new ValidationException({ message, $metadata: { httpStatusCode: 400 } });
    }
    if (isUpdating(stream)) throw inUse(name ?? "");
    const from = stream.open;
    stream.open = to(from);
    stream.updatingUntil = now + UPDATING_MS;
    changes.push({ stream: name ?? "", call, from, to: stream.open });
    return {};
  };

  kinesis.on(DescribeStreamSummaryCommand).callsFake(({ StreamName }) =>
    wire("DescribeStreamSummary", () => {
      const stream = streamOf(StreamName);
      return {
        StreamDescriptionSummary: {
          StreamName,
          StreamStatus: isUpdating(stream) ? "UPDATING" : "ACTIVE",
          StreamModeDetails: { StreamMode: stream.mode },
          StreamCreationTimestamp: new Date(NOW - 48 * HOUR),
          StreamARN: arnOf(StreamName ?? ""),
          OpenShardCount: stream.open,
          RecordDistributionStrategy: stream.distribution ?? "USER_PARTITION_KEY",
          ...(stream.warmMiBps !== undefined && { WarmThroughput: { TargetMiBps: stream.warmMiBps } }),
        },
      };
    }),
  );
  kinesis.on(ListShardsCommand).callsFake(({ StreamName }) =>
    wire("ListShards", () => ({
      Shards: evenShards(streamOf(StreamName).open).map(({ id, from, to }) => ({
        ShardId: id,
        HashKeyRange: { StartingHashKey: String(from), EndingHashKey: String(to) },
        SequenceNumberRange: { StartingSequenceNumber: "0" },
      })),
    })),
  );
  const lever = (name: string | undefined, call: string, effect: (stream: Stream) => void) =>
    wire(call, () => {
      const stream = streamOf(name);
      if (isUpdating(stream)) throw inUse(name ?? "");
      effect(stream);
      changes.push({ stream: name ?? "", call, from: stream.open, to: stream.open });
      return {};
    });
  kinesis.on(DescribeAccountSettingsCommand).callsFake(() =>
    wire("DescribeAccountSettings", () => ({
      MinimumThroughputBillingCommitment: { Status: advantage ? "ENABLED" : "DISABLED" },
    })),
  );
  kinesis.on(UpdateStreamWarmThroughputCommand).callsFake(({ StreamName, WarmThroughputMiBps }) =>
    lever(StreamName, "UpdateStreamWarmThroughput", (stream) => {
      stream.warmMiBps = WarmThroughputMiBps;
      stream.updatingUntil = now + UPDATING_MS;
    }),
  );
  kinesis.on(UpdateStreamRecordDistributionStrategyCommand).callsFake(({ StreamARN }) =>
    lever(nameOf(StreamARN), "UpdateStreamRecordDistributionStrategy", (stream) => {
      stream.distribution = "AUTO";
    }),
  );
  kinesis.on(UpdateStreamModeCommand).callsFake(({ StreamARN, StreamModeDetails }) =>
    lever(nameOf(StreamARN), "UpdateStreamMode", (stream) => {
      stream.mode = StreamModeDetails.StreamMode;
      stream.updatingUntil = now + UPDATING_MS;
    }),
  );
  kinesis
    .on(ListStreamsCommand)
    .callsFake(() =>
      wire("ListStreams", () => ({ StreamNames: [...streams.keys()], HasMoreStreams: false })),
    );
  kinesis
    .on(UpdateShardCountCommand)
    .callsFake(({ StreamName, TargetShardCount }) =>
      wire("UpdateShardCount", () => change(StreamName, "UpdateShardCount", () => TargetShardCount)),
    );
  kinesis
    .on(SplitShardCommand)
    .callsFake(({ StreamName }) =>
      wire("SplitShard", () => change(StreamName, "SplitShard", (open) => open + 1)),
    );
  kinesis
    .on(MergeShardsCommand)
    .callsFake(({ StreamName }) =>
      wire("MergeShards", () => change(StreamName, "MergeShards", (open) => open - 1)),
    );

  cloudwatch.on(DescribeAlarmsCommand).callsFake(({ AlarmNamePrefix, StateValue }) =>
    wire("DescribeAlarms", () => ({
      MetricAlarms: [...streams].flatMap(([name, { inAlarm }]) =>
        inAlarm && StateValue === "ALARM" && `reflex-test-stream-${name}`.startsWith(AlarmNamePrefix)
          ? [{ AlarmName: `reflex-test-stream-${name}`, Dimensions: [{ Name: "StreamName", Value: name }] }]
          : [],
      ),
    })),
  );
  cloudwatch.on(GetMetricDataCommand).callsFake(({ MetricDataQueries, StartTime, EndTime }) =>
    wire("GetMetricData", () => ({
      MetricDataResults: MetricDataQueries.map((query: MetricDataQuery) => ({
        Id: query.Id,
        StatusCode: "Complete",
        ...series(query, StartTime.getTime(), EndTime.getTime()),
      })),
    })),
  );

  /** One datapoint a minute; a stream that does not exist has none. */
  function series({ MetricStat }: MetricDataQuery, from: number, to: number) {
    const { MetricName, Dimensions = [] } = MetricStat?.Metric ?? {};
    const name = Dimensions.find(({ Name }) => Name === "StreamName")?.Value;
    const {
      demand = 0,
      throttled = 0,
      iteratorAgeMs,
      readUntil,
      throttledAt,
    } = streams.get(name ?? "")?.traffic ?? {};
    const value = {
      IncomingBytes: Math.round(demand * SHARD_MINUTE),
      IncomingRecords: Math.round(demand * 1000),
      WriteProvisionedThroughputExceeded: throttled,
      "GetRecords.IteratorAgeMilliseconds": iteratorAgeMs,
    }[MetricName ?? ""];
    const minutes: number[] = [];
    const until = MetricName === "GetRecords.IteratorAgeMilliseconds" ? Math.min(to, readUntil ?? to) : to;
    for (let at = Math.ceil(from / MINUTE) * MINUTE; at < until; at += MINUTE) minutes.push(at);
    if (value === undefined) return { Timestamps: [], Values: [] };
    const valueAt = MetricName === "WriteProvisionedThroughputExceeded" ? throttledAt : undefined;
    return {
      Timestamps: minutes.map((at) => new Date(at)),
      Values: minutes.map((at) => valueAt?.(at) ?? value),
    };
  }

  sns.on(PublishCommand).callsFake(({ Message }) =>
    wire("Publish", () => {
      const message = notification.parse(JSON.parse(JSON.parse(Message).default));
      notifications.push(...separate(message));
      return { MessageId: String(notifications.length) };
    }),
  );

  const dynamodb = Object.create(db.client, {
    send: {
      value: (command: Parameters<typeof db.client.send>[0], options: object) =>
        wire(command.constructor.name.replace(/Command$/, ""), () => db.client.send(command, options)),
    },
  });
  const ledger: Ledger = createLedger(dynamodb, {
    table,
    leaseMs: LEASE_MS,
    keepMs: 90 * 24 * HOUR,
  });

  const outbox = createOutbox(dynamodb, { table, keepMs: 90 * 24 * HOUR });

  return {
    changes,
    notifications,
    calls,
    ledger,
    kinesis: kinesisClient,
    cloudwatch: cloudwatchClient,
    now: () => now,
    wait: (ms: number) => {
      now += ms;
    },
    stream: (name: string, facts: Partial<Stream> = {}) => {
      const fresh: Stream = { open: 1, mode: "PROVISIONED", updatingUntil: 0, traffic: {}, inAlarm: false };
      const stream = Object.assign(streams.get(name) ?? fresh, facts);
      streams.set(name, stream);
      return stream;
    },
    /** The account has On-demand Advantage from now on. */
    commit: () => {
      advantage = true;
    },
    remove: (name: string) => streams.delete(name),
    /** Runs have time left for so many observations of shards, in all, and then none. */
    endAfter: (count: number) => {
      observations = count;
    },
    /** From now on, a run that waits goes on later; before, its clock stands still and no wait ends. */
    letPausesPass: () => {
      pauses = "pass";
    },
    /** The next such call (after `passing` others) fails so; resolves when a run died there. */
    fail: (call: string, moment: Moment, effect: "die" | Error, passing = 0) => {
      faults.push({ call, moment, effect, passing });
      return new Promise<void>((resolve) => {
        died = resolve;
      });
    },
    /** The requests, as whoever answers them has them. */
    requests: createRequestStore(db.client, table),
    /** As `reflex pause` does, by anna for a deploy. */
    pause: (scope: string, forMs: number) =>
      pauseIn(db.client, table, scope, { at: now, until: now + forMs }),
    /** From now on, calls that are made side by side are answered together; the names of each such round. */
    inRounds: () => gate.close(),
    /** A fresh process of the function, which remembers nothing. */
    process: (config: Record<string, object>, mode: Mode = "act"): Process => {
      const deps: Dependencies = {
        kinesis: kinesisClient,
        cloudwatch: cloudwatchClient,
        ledger,
        outbox,
        notify: createNotify(snsClient, "reflex-test-notify"),
        watchlist: createWatchlist(streamPolicies.parse(config)),
        watchlistStore: createWatchlistStore(dynamodb, { table, keepMs: 90 * 24 * HOUR }),
        pause: async (_, ms) => {
          if (pauses === "pass") now += ms;
          return pauses === "pass";
        },
        mode,
        requests: createRequestStore(dynamodb, table),
        deployStage: "test",
        alarmNamePrefix: "reflex-test-stream-",
      };
      const metrics: Process["metrics"] = [];
      return {
        metrics,
        invoke: (event) =>
          reshardStreams(
            event,
            runWith(
              () => now,
              metrics,
              () => observations > calls.filter((call) => call === "ListShards").length,
            ),
            deps,
          ),
      };
    },
  };
}

const ARN = "arn:aws:kinesis:us-east-1:000000000000:stream/";
const arnOf = (name: string) => `${ARN}${name}`;
const nameOf = (arn: string | undefined) => arn?.slice(ARN.length);

export type Account = Awaited<ReturnType<typeof createAccount>>;

export function inUse(stream: string) {
  const message = `Stream ${stream} under account 000000000000 not ACTIVE, instead in state UPDATING`;
  return new ResourceInUseException({ message, $metadata: { httpStatusCode: 400 } });
}

let runs = 0;

function runWith(now: () => number, metrics: Process["metrics"], hasTime: () => boolean): Run {
  runs += 1;
  const begun = now();
  return {
    automation: "reshard-streams",
    id: `run-${runs}`,
    traceId: undefined,
    functionArn: undefined,
    clock: { now },
    signal: new AbortController().signal,
    remainingMs: () => (hasTime() ? 60_000 - (now() - begun) : 0),
    log: new Logger({ logLevel: "SILENT" }),
    metrics: {
      count: (name, value = 1, dimensions = {}) => metrics.push({ name, value, dimensions }),
      record: (name, _unit, value, dimensions = {}) => metrics.push({ name, value, dimensions }),
      note: () => {},
      flush: () => {},
    },
    annotate: () => {},
    stage: (_name, body) => body({ annotate: () => {}, metadata: () => {} }),
    progress: () => {},
  };
}

/** Open, it lets every call through. Closed, it lets them through in rounds: all that wait, at once. */
function createGate() {
  const rounds: string[][] = [];
  const waiting: { call: string; go: () => void }[] = [];
  let closed = false;
  let inFlight = 0;
  let planned = false;

  const plan = () => {
    if (planned || inFlight > 0) return;
    planned = true;
    // When nothing else is left to do, all calls of this round have been made.
    setImmediate(() =>
      setImmediate(() => {
        planned = false;
        const round = waiting.splice(0);
        if (round.length === 0) return;
        rounds.push(round.map(({ call }) => call));
        inFlight = round.length;
        for (const { go } of round) go();
      }),
    );
  };

  return {
    close: () => {
      closed = true;
      return rounds;
    },
    pass: async <T>(call: string, effect: () => T | Promise<T>): Promise<T> => {
      if (!closed) return effect();
      await new Promise<void>((resolve) => {
        waiting.push({ call, go: resolve });
        plan();
      });
      try {
        return await effect();
      } finally {
        inFlight -= 1;
        plan();
      }
    },
  };
}

/** A tick of the schedule. */
export function tick(): unknown {
  return {
    source: "aws.events",
    "detail-type": "Scheduled Event",
    time: new Date(NOW).toISOString(),
    resources: ["arn:aws:events:us-east-1:000000000000:rule/reflex-test-reshard-streams"],
    detail: {},
  };
}

/** The alarm of a stream as it invokes the function; several are records of one SNS event. */
export function alarm(...names: readonly string[]): unknown {
  return {
    Records: names.map((name) => ({
      EventSource: "aws:sns",
      Sns: {
        Message: JSON.stringify({
          AlarmName: `reflex-test-stream-${name}`,
          AlarmArn: `arn:aws:cloudwatch:us-east-1:000000000000:alarm:reflex-test-stream-${name}`,
          NewStateValue: "ALARM",
          StateChangeTime: new Date(NOW).toISOString(),
          Trigger: {
            Namespace: "AWS/Kinesis",
            MetricName: "IncomingBytes",
            Dimensions: [{ name: "StreamName", value: name }],
          },
        }),
      },
    })),
  };
}
