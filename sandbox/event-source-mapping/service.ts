import { isDeepStrictEqual } from "node:util";
import { KinesisClient } from "@aws-sdk/client-kinesis";
import { NodeHttpHandler } from "@smithy/node-http-handler";
import type { SandboxClock } from "../clock/clock.ts";
import type { MetricStore } from "../cloudwatch/metrics/store.ts";
import type { Deliveries } from "../deliveries.ts";
import type { RoleAllows } from "../iam/execution-role.ts";
import type { KinesisTimes } from "../kinesis/service.ts";
import { functionNameIn } from "../lambda/configuration.ts";
import type { Invocation } from "../lambda/function.ts";
import { notSimulated } from "../not-simulated.ts";
import {
  type AwsRequest,
  type AwsResponse,
  type CreatedResource,
  DEFAULT_REGION,
  type Properties,
  type ResourceType,
  type Service,
} from "../service.ts";
import type { Queue } from "../sqs/queue.ts";
import { AwsError } from "../wire/error.ts";
import type { Attempt } from "./delivery.ts";
import { discardedBatch, discardedKey, sendDiscarded } from "./discarded.ts";
import { createShardReader, listShards } from "./kinesis-reader.ts";
import { Mappings } from "./mappings.ts";
import { createQueueMapping, isQueueMapping } from "./queue-mapping.ts";
import { isQuiet } from "./quiet-stream.ts";
import { kinesisEvent, type StreamRecord } from "./record.ts";
import { type MappingSettings, mappingSettings, SIMULATED_PROPERTIES } from "./settings.ts";
import { StreamConsumer } from "./stream-consumer.ts";

export interface EventSourceMappingOptions {
  /** The default region where absent. */
  readonly region?: string;
  readonly clock: SandboxClock;
  readonly endpointUrl: () => string;
  /** Runs a function and waits for its end. @throws {AwsError} TooManyRequestsException */
  readonly invoke: (nameOrArn: string, event: unknown) => Promise<Invocation>;
  /** The role of a function, as records name their reader. */
  readonly roleOf: (nameOrArn: string) => string;
  /** Where absent, the function's role is not asked. */
  readonly roleAllows?: RoleAllows;
  readonly kinesisTimes: () => KinesisTimes;
  /** Where absent, every stream is taken to be there. */
  readonly hasStream?: (streamArn: string) => Promise<boolean>;
  /** `AWS/Lambda` IteratorAge. */
  readonly metrics: Pick<MetricStore, "put">;
  readonly toQueue: (queueArn: string, body: string) => void;
  readonly queue: (queueArn: string) => Queue | undefined;
  readonly toBucket: (bucket: string, key: string, body: Buffer) => void;
  readonly deliveries: Pick<Deliveries, "toTopic">;
  readonly log: (line: string) => void;
}

export interface EventSourceMappings extends Service {
  /** Answers what of Lambda's API is about mappings; undefined for another request. */
  answer(request: AwsRequest): Promise<AwsResponse | undefined>;
}

/**
 * What Lambda does on the stream in the function's name.
 * https://docs.aws.amazon.com/lambda/latest/dg/services-kinesis-create.html
 */
const READING = [
  "DescribeStream",
  "DescribeStreamSummary",
  "GetRecords",
  "GetShardIterator",
  "ListShards",
].map((operation) => `kinesis:${operation}`);

/** The same of a consumer with enhanced fan-out. */
const FAN_OUT = ["kinesis:SubscribeToShard", "kinesis:DescribeStreamConsumer"];

interface Mapping {
  settings: MappingSettings;
}

/** Lambda polls each shard once a second. */
const POLL_MS = 1_000;
/** On a fast clock less often, or polling would be all that `kinesis-local` does: twice a real second. */
const LEAST_REAL_POLL_MS = 500;

/**
 * Event-source mappings, of queues (queue-mapping.ts) and of Kinesis streams: Lambda's poller, which reads every shard in order, parents before
 * children, and brings batches to the function. Its reads go through the endpoint, as Lambda's do, so that they
 * show in the stream's metrics and faults can be injected into them.
 */
export function createEventSourceMappings(options: EventSourceMappingOptions): EventSourceMappings {
  const { clock, region = DEFAULT_REGION } = options;
  const mappings = new Mappings(clock, region);
  const reading = new Set<Promise<unknown>>();
  let kinesis: KinesisClient | undefined;
  let stopped = false;
  const client = () => {
    kinesis ??= new KinesisClient({
      endpoint: options.endpointUrl(),
      region,
      credentials: { accessKeyId: "event-source-mapping", secretAccessKey: "sandbox" },
      requestHandler: new NodeHttpHandler(),
    });
    return kinesis;
  };

  /** A read that the end of the sandbox waits for; none is begun after that. */
  async function read<T>(begin: () => Promise<T>): Promise<T> {
    if (stopped) throw new Error("the sandbox is at its end");
    const begun = begin();
    reading.add(begun);
    try {
      return await begun;
    } finally {
      reading.delete(begun);
    }
  }

  /** @returns its end */
  function start(mapping: Mapping): () => void {
    const { streamArn, eventSourceArn, functionName, startingPosition } = mapping.settings;
    const consumer = new StreamConsumer({
      startingPosition,
      listShards: () => read(() => listShards(client(), streamArn)),
      openShard: async (shardId, from) => {
        const reader = createShardReader(client(), streamArn, shardId, from);
        return { read: (limit) => read(() => reader.read(limit)) };
      },
      consumerOptions: (shardId) => {
        const roleArn = options.roleOf(functionName);
        const source = { streamArn, eventSourceArn, shardId, region, roleArn };
        return {
          get settings() {
            return mapping.settings;
          },
          now: () => clock.now(),
          invoke: (batch) => {
            putAge(functionName, batch);
            return attempt(functionName, kinesisEvent(batch, source));
          },
          discard: async (batch, condition, last) => {
            const { settings } = mapping;
            const info = discardedBatch(batch, condition, last, settings, source, clock.now());
            const key = discardedKey(shardId, clock.now());
            await sendDiscarded({ info, event: kinesisEvent(batch, source), key }, settings, options);
          },
        };
      },
    });
    const period = Math.max(POLL_MS, LEAST_REAL_POLL_MS * clock.speed);
    let readAt = Number.NEGATIVE_INFINITY;
    return clock.every(period, async () => {
      if (!mapping.settings.enabled) return;
      const now = clock.now();
      if (consumer.isIdle() && isQuiet({ now, readAt, ...options.kinesisTimes() })) return;
      try {
        await consumer.step();
        readAt = now;
      } catch (error) {
        if (stopped) return;
        options.log(`The mapping of ${streamArn} to ${functionName} could not go on: ${String(error)}`);
      }
    });
  }

  /** How long ago the last record of a batch came. */
  function putAge(nameOrArn: string, batch: readonly StreamRecord[]): void {
    const last = batch.at(-1);
    if (!last) return;
    const FunctionName = functionNameIn(nameOrArn);
    const value = Math.max(0, clock.now() - last.arrivedAt);
    options.metrics.put(
      "AWS/Lambda",
      "IteratorAge",
      { FunctionName },
      { value },
      "Milliseconds",
      clock.now(),
    );
  }

  async function attempt(functionName: string, event: object): Promise<Attempt> {
    try {
      const { requestId, result } = await options.invoke(functionName, event);
      if (result.ok) return { kind: "answered", requestId, payload: result.payload };
      return { kind: "failed", requestId, error: "Unhandled" };
    } catch (error) {
      if (error instanceof AwsError && error.code === "TooManyRequestsException")
        return { kind: "throttled" };
      throw error;
    }
  }

  /** @throws {AwsError} where the function's role may not read the stream */
  function checkRole({ streamArn, eventSourceArn, functionName }: MappingSettings): void {
    const role = options.roleOf(functionName);
    const lacks = (actions: readonly string[], arn: string) =>
      actions.some((action) => options.roleAllows?.(role, action, arn) === false);
    if (lacks(READING, streamArn)) {
      const message = `Cannot access stream ${streamArn}. Please ensure the role can perform the GetRecords, GetShardIterator, DescribeStream, ListShards, and ListStreams Actions on your stream in IAM.`;
      throw new AwsError("InvalidParameterValueException", message);
    }
    if (eventSourceArn !== streamArn && lacks(FAN_OUT, eventSourceArn)) {
      const message = `Cannot access stream consumer ${eventSourceArn}. Please ensure the role can perform the SubscribeToShard and DescribeStreamConsumer Actions on your stream consumer in IAM.`;
      throw new AwsError("InvalidParameterValueException", message);
    }
  }

  /** @throws {AwsError} where the stream is not there */
  async function checkStream({ streamArn }: MappingSettings): Promise<void> {
    if ((await options.hasStream?.(streamArn)) === false) {
      throw new AwsError("InvalidParameterValueException", `Stream not found: ${streamArn}`);
    }
  }

  const create: ResourceType = async (logicalId, properties) => {
    if (isQueueMapping(properties)) return createQueueMapping(logicalId, properties, { ...options, attempt });
    const mapping: Mapping = { settings: mappingSettings(properties) };
    checkRole(mapping.settings);
    await checkStream(mapping.settings);
    const end = start(mapping);
    const created = (given: Properties): CreatedResource => ({
      ref: logicalId,
      attributes: { Id: logicalId },
      notSimulated: notSimulated(logicalId, given, [...SIMULATED_PROPERTIES, "Tags"]),
      // It goes on reading where it was.
      update: async (changed) => {
        mapping.settings = ofSameStart(mapping.settings, mappingSettings(changed));
        return created(changed);
      },
      remove: async () => end(),
    });
    return created(properties);
  };

  return {
    // Its API is a part of Lambda's.
    signingNames: [],
    handle: async () => ({ status: 501 }),
    answer: (request) => mappings.answer(request),
    resources: { "AWS::Lambda::EventSourceMapping": mappings.kept(create) },
    stop: async () => {
      stopped = true;
      await Promise.allSettled(reading);
      kinesis?.destroy();
    },
  };
}

/**
 * CloudFormation replaces a mapping whose starting position changes, and makes the new one first.
 * @throws {AwsError} as Lambda refuses a second mapping of one function and source
 */
function ofSameStart(before: MappingSettings, after: MappingSettings): MappingSettings {
  const isSameStart = isDeepStrictEqual(before.startingPosition, after.startingPosition);
  if (isSameStart || before.eventSourceArn !== after.eventSourceArn) return after;
  throw new AwsError(
    "ResourceConflictException",
    `The event source arn (" ${after.eventSourceArn} ") and function (" ${functionNameIn(after.functionName)} ") provided mapping already exists. Please update or delete the existing mapping`,
    { status: 409 },
  );
}
