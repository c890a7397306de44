import { CloudWatchClient, type MetricDataQuery } from "@aws-sdk/client-cloudwatch";
import { KinesisClient, LimitExceededException, ResourceInUseException } from "@aws-sdk/client-kinesis";
import { inCalls } from "../../shared/aws/in-calls.ts";
import type { VirtualTime } from "./virtual-time.ts";

const MINUTE_MS = 60_000;
const SHARD_MINUTE = 60 * 1_048_576;
const HASH_KEYS = 2n ** 128n;

/** AWS's limits, calls a second an account; and what others in the account take of them all the time. */
export const LIMITS: Readonly<Record<string, { readonly perSecond: number; readonly others: number }>> = {
  DescribeStreamSummary: { perSecond: 20, others: 10 },
  ListStreams: { perSecond: 5, others: 0 },
  UpdateShardCount: { perSecond: 10, others: 0 },
  SplitShard: { perSecond: 5, others: 0 },
  MergeShards: { perSecond: 5, others: 0 },
  DescribeAccountSettings: { perSecond: 5, others: 0 },
  GetMetricData: { perSecond: 50, others: 0 },
  DescribeAlarms: { perSecond: 9, others: 0 },
};

/** How long AWS takes for a call, ms: assumed, on the slow side. */
const TAKES_MS: Readonly<Record<string, number>> = {
  GetMetricData: 1500,
  ListStreams: 300,
  UpdateShardCount: 150,
};
const USUALLY_MS = 50;
const UPDATING_MS = 30_000;

export interface SimulatedStream {
  readonly name: string;
  open: number;
  updatingUntil: number;
  /** In shards' worth. */
  readonly demand: number;
  readonly inAlarm: () => boolean;
}

/** Kinesis and CloudWatch of an account with many streams, in virtual time, that take no more calls than AWS does. */
export interface SimulatedAccount {
  readonly streams: ReadonlyMap<string, SimulatedStream>;
  readonly kinesis: KinesisClient;
  readonly cloudwatch: CloudWatchClient;
  /** How often each call was made, and how often one was above AWS's limit. */
  readonly made: Map<string, number>;
  readonly throttled: Map<string, number>;
  /** What the runs changed, by stream. */
  readonly changes: Map<string, number>;
}

/** @param busy so many of the streams are at 1.5 of their one shard and in ALARM; the rest are at a third */
export function createSimulatedAccount(time: VirtualTime, count: number, busy: number): SimulatedAccount {
  const streams = new Map<string, SimulatedStream>();
  for (let at = 0; at < count; at += 1) {
    const name = `stream-${String(at).padStart(5, "0")}`;
    const demand = at < busy ? 1.5 : 0.3;
    const stream: SimulatedStream = {
      ...{ name, open: 1, updatingUntil: 0, demand },
      inAlarm: () => stream.demand > 0.85 * stream.open,
    };
    streams.set(name, stream);
  }
  const made = new Map<string, number>();
  const throttled = new Map<string, number>();
  const changes = new Map<string, number>();
  const tokens = createTokens(time);

  async function wire<T>(call: string, effect: () => T): Promise<T> {
    made.set(call, (made.get(call) ?? 0) + 1);
    if (!tokens(call)) {
      throttled.set(call, (throttled.get(call) ?? 0) + 1);
      await time.sleep(USUALLY_MS);
      throw new LimitExceededException({ message: "Rate exceeded", $metadata: { httpStatusCode: 400 } });
    }
    await time.sleep(TAKES_MS[call] ?? USUALLY_MS);
    return effect();
  }

  const answers = answersOf(time, streams, changes);
  const send = (command: { readonly constructor: { readonly name: string }; readonly input: Input }) => {
    const call = command.constructor.name.replace(/Command$/, "");
    const answer = answers[call];
    if (!answer) throw new Error(`the simulated account has no ${call}`);
    return wire(call, () => answer(command.input));
  };
  const through = <Client extends object>(client: Client): Client =>
    Object.create(client, { send: { value: send } });
  return {
    ...{ streams, made, throttled, changes },
    kinesis: through(new KinesisClient({ region: "us-east-1" })),
    cloudwatch: through(new CloudWatchClient({ region: "us-east-1" })),
  };
}

interface Input {
  readonly StreamName?: string;
  readonly TargetShardCount?: number;
  readonly NextToken?: string;
  readonly MetricDataQueries?: readonly MetricDataQuery[];
  readonly StartTime?: Date;
  readonly EndTime?: Date;
}

function answersOf(
  time: VirtualTime,
  streams: ReadonlyMap<string, SimulatedStream>,
  changes: Map<string, number>,
): Readonly<Record<string, (input: Input) => object>> {
  const streamOf = ({ StreamName = "" }: Input): SimulatedStream => {
    const found = streams.get(StreamName);
    if (!found) throw new Error(`no stream ${StreamName}`);
    return found;
  };
  const summaryOf = (stream: SimulatedStream) => ({
    StreamName: stream.name,
    StreamARN: `arn:aws:kinesis:us-east-1:000000000000:stream/${stream.name}`,
    StreamStatus: time.now() < stream.updatingUntil ? "UPDATING" : "ACTIVE",
    StreamModeDetails: { StreamMode: "PROVISIONED" },
    StreamCreationTimestamp: new Date(0),
  });
  return {
    ListStreams: () => ({
      StreamNames: [...streams.keys()],
      StreamSummaries: [...streams.values()].map(summaryOf),
      HasMoreStreams: false,
    }),
    DescribeStreamSummary: (input) => ({ StreamDescriptionSummary: summaryOf(streamOf(input)) }),
    ListShards: (input) => ({ Shards: shardsOf(streamOf(input).open) }),
    UpdateShardCount: (input) => {
      const stream = streamOf(input);
      if (time.now() < stream.updatingUntil)
        throw new ResourceInUseException({ message: "not ACTIVE", $metadata: { httpStatusCode: 400 } });
      stream.open = input.TargetShardCount ?? stream.open;
      stream.updatingUntil = time.now() + UPDATING_MS;
      changes.set(stream.name, (changes.get(stream.name) ?? 0) + 1);
      return {};
    },
    DescribeAlarms: ({ NextToken }) => alarmsPage([...streams.values()], Number(NextToken ?? 0)),
    GetMetricData: ({ MetricDataQueries = [], StartTime, EndTime }) => ({
      MetricDataResults: MetricDataQueries.map((query) =>
        seriesOf(query, streams, StartTime?.getTime() ?? 0, EndTime?.getTime() ?? 0),
      ),
    }),
  };
}

/** DescribeAlarms answers 100 at most; the token is where the next page begins. */
function alarmsPage(streams: readonly SimulatedStream[], page: number): object {
  const pages = inCalls(
    streams.filter((stream) => stream.inAlarm()),
    100,
  );
  const MetricAlarms = (pages[page] ?? []).map(({ name }) => ({
    AlarmName: `reflex-bench-stream-${name}`,
    Dimensions: [{ Name: "StreamName", Value: name }],
  }));
  return { MetricAlarms, ...(page + 1 < pages.length && { NextToken: String(page + 1) }) };
}

function shardsOf(count: number): object[] {
  const border = (index: number) => (HASH_KEYS * BigInt(index)) / BigInt(count);
  return Array.from({ length: count }, (_, index) => ({
    ShardId: `shardId-${index}`,
    HashKeyRange: {
      StartingHashKey: String(border(index)),
      EndingHashKey: String(border(index + 1) - 1n),
    },
    SequenceNumberRange: { StartingSequenceNumber: "0" },
  }));
}

function seriesOf(
  { Id, MetricStat }: MetricDataQuery,
  streams: ReadonlyMap<string, SimulatedStream>,
  from: number,
  to: number,
): object {
  const { MetricName, Dimensions = [] } = MetricStat?.Metric ?? {};
  const stream = streams.get(Dimensions.find(({ Name }) => Name === "StreamName")?.Value ?? "");
  if (MetricName !== "IncomingBytes" || !stream)
    return { Id, StatusCode: "Complete", Timestamps: [], Values: [] };
  const Timestamps: Date[] = [];
  for (let at = Math.ceil(from / MINUTE_MS) * MINUTE_MS; at < to - 2 * MINUTE_MS; at += MINUTE_MS)
    Timestamps.push(new Date(at));
  const Values = Timestamps.map(() => stream.demand * SHARD_MINUTE);
  return { Id, StatusCode: "Complete", Timestamps, Values };
}

/** Token buckets of one second, filled by what others leave. */
function createTokens(time: VirtualTime): (call: string) => boolean {
  const buckets = new Map<string, { tokens: number; at: number }>();
  return (call) => {
    const limit = LIMITS[call];
    if (!limit) return true;
    const rate = limit.perSecond - limit.others;
    const { tokens, at } = buckets.get(call) ?? { tokens: rate, at: time.now() };
    const filled = Math.min(rate, tokens + ((time.now() - at) / 1000) * rate);
    const isTaken = filled >= 1 - 1e-9;
    buckets.set(call, { tokens: isTaken ? filled - 1 : filled, at: time.now() });
    return isTaken;
  };
}
