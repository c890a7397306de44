import type { SandboxClock } from "../clock/clock.ts";
import type { MetricStore } from "../cloudwatch/metrics/store.ts";
import type { Faults } from "../endpoint/faults.ts";
import type { Upstream } from "../endpoint/upstream.ts";
import { type AwsRequest, type AwsResponse, DEFAULT_REGION, type Service } from "../service.ts";
import { changed, type Fields, refuse, streamOf } from "./answer.ts";
import { bodyFormat } from "./body.ts";
import { createCall, createKinesisUpstream } from "./call.ts";
import { createOnDemand } from "./on-demand.ts";
import { createChanges } from "./operations/changes.ts";
import { createDescriptions } from "./operations/descriptions.ts";
import type { Handler, Handlers } from "./operations/handler.ts";
import { createReads } from "./operations/reads.ts";
import { createWrites } from "./operations/writes.ts";
import { createKinesisThread, type KinesisThread } from "./server/thread.ts";
import { consumerResource, streamResource } from "./stream-resource.ts";
import { createStreamRules } from "./stream-rules.ts";
import { createStreams } from "./streams.ts";
import { createTrafficMetrics, type TrafficMetrics } from "./traffic-metrics.ts";
import { createWriteLimit, type WriteLimit } from "./write-limit.ts";

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

/** When something was last done by a call, whatever the stream; ms on the clock, -Infinity where nothing was. */
export interface KinesisTimes {
  /** Records were put. */
  readonly writtenAt: number;
  /** A stream was made, deleted or changed. */
  readonly changedAt: number;
}

export interface Kinesis extends Service {
  readonly times: () => KinesisTimes;
}

/** Calls that change nothing. */
const READ = /^(?:Get|List|Describe)/;
const WRITE = /^PutRecords?$/;

/**
 * Kinesis over the wire: `kinesis-local`, with what it lacks put in front of it. AWS's rules for changing a
 * stream on the sandbox's clock (stream-rules.ts), the stream's metrics (traffic-metrics.ts), and answers
 * without the `null`s AWS does not send.
 */
export async function startKinesis(options: KinesisOptions): Promise<Kinesis> {
  const { clock, faults, updatingMs, region = DEFAULT_REGION } = options;
  const now = () => clock.now();
  const thread = options.thread ?? createKinesisThread(clock.shared, options.log);
  const upstream = createKinesisUpstream(thread, region);
  const call = createCall(upstream, region);
  const metrics = createTrafficMetrics(options.metrics, now);
  const rules = createStreamRules(now, () => updatingMs);
  const streams = createStreams(call);
  const limit = options.writeLimit && createWriteLimit(options.writeLimit, now);
  const onDemand = createOnDemand(call, now);
  const parts = { upstream, streams, rules, onDemand, faults, updatingMs };
  const handlers: Handlers = {
    ...createWrites({ upstream, metrics, streams, limit, isEven: onDemand.isEven }),
    ...createReads(upstream, metrics, now),
    ...createDescriptions(parts),
    ...createChanges(parts),
    CreateStream: createOrDelete,
    DeleteStream: createOrDelete,
    ...createMonitoring(upstream, metrics),
    SubscribeToShard: noFanOut,
  };
  const handOn: Handler = async (request) => changed(request, await upstream.forward(request));

  function forget(stream: string): void {
    streams.forget(stream);
    rules.forget(stream);
    onDemand.forget(stream);
    metrics.forget(stream);
  }

  async function createOrDelete(request: AwsRequest, input: Fields): Promise<AwsResponse> {
    forget(streamOf(input));
    return upstream.forward(request);
  }

  let times: KinesisTimes = { writtenAt: Number.NEGATIVE_INFINITY, changedAt: Number.NEGATIVE_INFINITY };
  return {
    signingNames: ["kinesis"],
    times: () => times,
    handle: async (request) => {
      const operation = request.headers["x-amz-target"]?.split(".").at(-1) ?? "";
      const handler = (Object.hasOwn(handlers, operation) && handlers[operation]) || handOn;
      const answer = await handler(request, bodyFormat(request.headers).decode(request.body), operation);
      if (WRITE.test(operation)) times = { ...times, writtenAt: now() };
      else if (!READ.test(operation)) times = { ...times, changedAt: now() };
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

/** Which metrics a stream has by shard. */
function createMonitoring(upstream: Upstream, metrics: TrafficMetrics): Handlers {
  const set: Handler = async (request) =>
    changed(request, await upstream.forward(request), (output) => {
      const desired = output.DesiredShardLevelMetrics;
      metrics.setShardMetrics(String(output.StreamName), Array.isArray(desired) ? desired.map(String) : []);
      return output;
    });
  return { EnableEnhancedMonitoring: set, DisableEnhancedMonitoring: set };
}

const noFanOut: Handler = async (request) =>
  refuse(request, {
    status: 400,
    code: "InvalidArgumentException",
    message: "The sandbox has no enhanced fan-out (SubscribeToShard): use GetRecords.",
  });
