import type { SandboxClock } from "../clock/clock.ts";
import type { MetricStore } from "../cloudwatch/metrics/store.ts";
import type { Faults } from "../endpoint/faults.ts";
import type { Refusal } from "../endpoint/refusal.ts";
import { ACCOUNT_ID, type AwsRequest, type AwsResponse, DEFAULT_REGION, type Service } from "../service.ts";
import { answerTo, changed, type Fields, fieldsOf, refuse, streamOf } from "./answer.ts";
import { bodyFormat } from "./body.ts";
import { createCall, createKinesisUpstream } from "./call.ts";
import { createOnDemand } from "./on-demand.ts";
import { createReads } from "./reads.ts";
import { type KinesisThread, startKinesisThread } from "./server/thread.ts";
import { consumerResource, streamResource } from "./stream-resource.ts";
import { createStreamRules, isRefusal } from "./stream-rules.ts";
import { createStreams, type StreamFacts } from "./streams.ts";
import { createTrafficMetrics } from "./traffic-metrics.ts";
import { createWriteLimit, type WriteLimit } from "./write-limit.ts";
import { createWrites } from "./writes.ts";

export interface KinesisOptions {
  /** The default region where absent. */
  readonly region?: string;
  /** That of another region, which has the streams of all; one of its own where absent. */
  readonly thread?: KinesisThread;
  readonly clock: SandboxClock;
  readonly metrics: Pick<MetricStore, "put">;
  readonly faults: Faults;
  /** How long a reshard keeps a stream UPDATING, ms on the sandbox's clock. AWS takes about half a minute. */
  readonly updatingMs: number;
  /** Throttles writes above this for each shard; nothing is throttled when absent. */
  readonly writeLimit?: WriteLimit;
  readonly log: (line: string) => void;
}

type Handler = (request: AwsRequest, input: Fields, operation: string) => Promise<AwsResponse>;

/** Kinesis, and when something in it was last written, made or resharded: ms on the clock. */
export interface Kinesis extends Service {
  readonly changedAt: () => number;
}

/** Calls that change nothing. */
const READ = /^(?:Get|List|Describe)/;

/**
 * Kinesis over the wire: `kinesis-local`, with what it lacks put in front of it. AWS's rules for changing a
 * stream on the sandbox's clock (stream-rules.ts), the stream's metrics (traffic-metrics.ts), and answers
 * without the `null`s AWS does not send.
 */
export async function startKinesis(options: KinesisOptions): Promise<Kinesis> {
  const { clock, faults, region = DEFAULT_REGION } = options;
  const now = () => clock.now();
  const thread = options.thread ?? (await startKinesisThread(clock.shared, options.log));
  const upstream = createKinesisUpstream(thread.port, region);
  const call = createCall(upstream, region);
  const metrics = createTrafficMetrics(options.metrics, now);
  const rules = createStreamRules(now, () => options.updatingMs);
  const streams = createStreams(call);
  const limit = options.writeLimit && createWriteLimit(options.writeLimit, now);
  const onDemand = createOnDemand(call, now);
  const writes = createWrites({ upstream, metrics, streams, limit, isEven: onDemand.isEven });
  const reads = createReads(upstream, metrics, now);

  const handOn: Handler = async (request) => changed(request, await upstream.forward(request));

  const change: Handler = async (request, input, operation) => {
    const stream = streamOf(input);
    const facts = await streams.factsOf(stream);
    // A stream that is not there, or no stream at all: kinesis-local has the right answer.
    if (!facts) return upstream.forward(request);
    const begun = rules.begin(stream, operation, facts.mode);
    if (isRefusal(begun)) return refuse(request, begun);
    const response = await upstream.forward(request).catch((error: unknown) => {
      begun.failed();
      throw error;
    });
    if (response.status >= 400) {
      begun.failed();
      return response;
    }
    begun.done();
    streams.forget(stream);
    const fault = faults.take({ service: "kinesis", operation }, (kind) => kind === "updating");
    if (fault) rules.hold(stream, fault.forMs ?? options.updatingMs);
    return changed(request, response);
  };

  const describe: Handler = async (request) =>
    changed(request, await upstream.forward(request), (output) => {
      const key = "StreamDescription" in output ? "StreamDescription" : "StreamDescriptionSummary";
      const description = fieldsOf(output[key]);
      const stream = String(description.StreamName);
      const status = rules.status(stream, String(description.StreamStatus));
      const isOnDemand = fieldsOf(description.StreamModeDetails).StreamMode === "ON_DEMAND";
      const more = key === "StreamDescriptionSummary" && isOnDemand ? onDemand.summary(stream) : {};
      return { ...output, [key]: { ...description, ...more, StreamStatus: status } };
    });

  const warmUp: Handler = async (request, input, operation) => {
    const stream = streamOf(input);
    const facts = await streams.factsOf(stream);
    if (!facts) return refuse(request, notFound(stream));
    const refusal = onDemand.refusal(operation, input, facts.mode);
    if (refusal) return refuse(request, refusal);
    const begun = rules.begin(stream, operation, facts.mode);
    if (isRefusal(begun)) return refuse(request, begun);
    const output = await onDemand.warmUp(stream, facts.arn, input).catch((error: unknown) => {
      begun.failed();
      throw error;
    });
    begun.done();
    streams.forget(stream);
    return answerTo(request, output);
  };

  /** It takes effect at once, and does not leave the stream UPDATING. */
  const distribute: Handler = async (request, input, operation) => {
    const stream = streamOf(input);
    const facts = await streams.factsOf(stream);
    if (!facts) return refuse(request, notFound(stream));
    const refusal = onDemand.refusal(operation, input, facts.mode);
    if (refusal) return refuse(request, refusal);
    onDemand.distribute(stream, input);
    return answerTo(request, {});
  };

  /**
   * `kinesis-local` lists names only, and goes on after a name; AWS lists summaries beside them, and has tokens
   * as well. A token here is the last name.
   */
  const listStreams: Handler = async (request, { NextToken, ...input }) => {
    const format = bodyFormat(request.headers);
    const from = typeof NextToken === "string" ? { ExclusiveStartStreamName: NextToken } : {};
    const body = Buffer.from(format.encode({ ...input, ...from }));
    const response = await upstream.forward({ ...request, body });
    if (response.status >= 400) return response;
    const { StreamNames, HasMoreStreams } = format.decode(response.body);
    const names = Array.isArray(StreamNames) ? StreamNames.map(String) : [];
    const found = await Promise.all(names.map((name) => streams.factsOf(name)));
    const StreamSummaries = found.filter((facts) => facts !== undefined).map(summaryOf);
    const next = HasMoreStreams === true ? { NextToken: names.at(-1) } : {};
    return changed(request, response, (output) => ({ ...output, StreamSummaries, ...next }));
  };

  function summaryOf({ name, arn, mode, createdAt }: StreamFacts): Fields {
    return {
      StreamName: name,
      StreamARN: arn,
      StreamStatus: rules.status(name, "ACTIVE"),
      StreamModeDetails: { StreamMode: mode },
      StreamCreationTimestamp: createdAt,
    };
  }

  function forget(stream: string): void {
    streams.forget(stream);
    rules.forget(stream);
    onDemand.forget(stream);
    metrics.forget(stream);
  }

  const createOrDelete: Handler = async (request, input) => {
    forget(streamOf(input));
    return upstream.forward(request);
  };

  const setMonitoring: Handler = async (request) =>
    changed(request, await upstream.forward(request), (output) => {
      const desired = output.DesiredShardLevelMetrics;
      metrics.setShardMetrics(String(output.StreamName), Array.isArray(desired) ? desired.map(String) : []);
      return output;
    });

  const noFanOut: Handler = async (request) =>
    refuse(request, {
      status: 400,
      code: "InvalidArgumentException",
      message: "The sandbox has no enhanced fan-out (SubscribeToShard): use GetRecords.",
    });

  const handlers: Readonly<Record<string, Handler>> = {
    PutRecord: writes.putRecord,
    PutRecords: writes.putRecords,
    GetShardIterator: reads.getShardIterator,
    GetRecords: reads.getRecords,
    DescribeStream: describe,
    DescribeStreamSummary: describe,
    ListStreams: listStreams,
    CreateStream: createOrDelete,
    DeleteStream: createOrDelete,
    EnableEnhancedMonitoring: setMonitoring,
    DisableEnhancedMonitoring: setMonitoring,
    SubscribeToShard: noFanOut,
    // These need an ACTIVE stream and leave it UPDATING.
    MergeShards: change,
    SplitShard: change,
    StartStreamEncryption: change,
    StopStreamEncryption: change,
    UpdateShardCount: change,
    UpdateStreamMode: change,
    UpdateStreamWarmThroughput: warmUp,
    UpdateStreamRecordDistributionStrategy: distribute,
    DescribeAccountSettings: async (request) => answerTo(request, onDemand.settings()),
    UpdateAccountSettings: async (request, input) => answerTo(request, onDemand.updateSettings(input)),
  };

  // What the stack creates goes past `handle`.
  let changedAt = now();
  return {
    signingNames: ["kinesis"],
    changedAt: () => changedAt,
    handle: async (request) => {
      const operation = request.headers["x-amz-target"]?.split(".").at(-1) ?? "";
      const handler = (Object.hasOwn(handlers, operation) && handlers[operation]) || handOn;
      const answer = await handler(request, bodyFormat(request.headers).decode(request.body), operation);
      if (!READ.test(operation)) changedAt = now();
      return answer;
    },
    resources: {
      "AWS::Kinesis::Stream": streamResource(call, region, forget),
      "AWS::Kinesis::StreamConsumer": consumerResource(call),
    },
    stop: async () => {
      await upstream.stop();
      if (options.thread === undefined) await thread.stop();
    },
  };
}

function notFound(stream: string): Refusal {
  return {
    status: 400,
    code: "ResourceNotFoundException",
    message: `Stream ${stream} under account ${ACCOUNT_ID} not found.`,
  };
}
