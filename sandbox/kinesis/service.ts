import type { SandboxClock } from "../clock.ts";
import type { MetricStore } from "../cloudwatch/store.ts";
import type { Faults } from "../faults.ts";
import { createProxy, type ProxiedResponse } from "../proxy.ts";
import { type Refusal, refusalResponse } from "../refusal.ts";
import { type AwsRequest, type AwsResponse, DEFAULT_REGION, type Service } from "../service.ts";
import { blobBytes, bodyFormat } from "./body.ts";
import { streamResource } from "./stream-resource.ts";
import { createStreamRules, isRefusal } from "./stream-rules.ts";
import { createStreams } from "./streams.ts";
import { startKinesisThread } from "./thread.ts";
import { createTrafficMetrics, type PutResult, recordBytes } from "./traffic-metrics.ts";
import { createWriteLimit, type WriteLimit } from "./write-limit.ts";

export interface KinesisOptions {
  readonly clock: SandboxClock;
  readonly metrics: Pick<MetricStore, "put">;
  readonly faults: Faults;
  /** How long a reshard keeps a stream UPDATING, ms on the sandbox's clock. AWS takes about half a minute. */
  readonly updatingMs: number;
  /** Throttles writes above this for each shard; none when absent. */
  readonly writeLimit?: WriteLimit;
  readonly log: (line: string) => void;
}

/** Operations that need an ACTIVE stream and leave it UPDATING. */
const CHANGES: ReadonlySet<string> = new Set([
  "MergeShards",
  "SplitShard",
  "StartStreamEncryption",
  "StopStreamEncryption",
  "UpdateShardCount",
  "UpdateStreamMode",
]);

/** Iterators are forgotten in the order they came; a consumer uses one within five minutes. */
const MOST_ITERATORS = 10_000;

/**
 * Kinesis over the wire: `kinesis-local`, with what it lacks put in front of it. AWS's rules for changing a
 * stream on the sandbox's clock (stream-rules.ts), the stream's metrics (traffic-metrics.ts), and answers
 * without the `null`s AWS does not send.
 */
export async function startKinesis(options: KinesisOptions): Promise<Service> {
  const { clock, faults } = options;
  const now = () => clock.now();
  const thread = await startKinesisThread(clock.shared, options.log);
  const proxy = createProxy(thread.port);
  const metrics = createTrafficMetrics(options.metrics, now);
  const rules = createStreamRules(now, () => options.updatingMs);
  const streams = createStreams(call);
  const limit = options.writeLimit && createWriteLimit(options.writeLimit, now);
  const iterators = new Map<string, { stream: string; shardId: string }>();

  /** A call of our own to `kinesis-local`. */
  async function call(operation: string, input: object) {
    const response = await proxy.forward(internalRequest(operation, input));
    if (response.status >= 400) return undefined;
    return response.body.length > 0 ? bodyFormat({}).decode(response.body) : {};
  }

  async function handle(request: AwsRequest): Promise<AwsResponse> {
    const operation = request.headers["x-amz-target"]?.split(".").at(-1) ?? "";
    const input = bodyFormat(request.headers).decode(request.body);
    if (CHANGES.has(operation)) return change(operation, request, input);
    switch (operation) {
      case "PutRecord":
      case "PutRecords":
        return putRecords(operation, request, input);
      case "GetShardIterator":
        return getShardIterator(request, input);
      case "GetRecords":
        return getRecords(request, input);
      case "DescribeStream":
      case "DescribeStreamSummary":
        return describe(request);
      case "ListStreams":
        return listStreams(request);
      case "CreateStream":
      case "DeleteStream":
        return createOrDelete(request, input);
      case "EnableEnhancedMonitoring":
      case "DisableEnhancedMonitoring":
        return setMonitoring(request);
      case "SubscribeToShard":
        return refuse(request, {
          status: 400,
          code: "InvalidArgumentException",
          message: "The sandbox has no enhanced fan-out (SubscribeToShard): use GetRecords.",
        });
      default:
        return cleaned(request, await proxy.forward(request));
    }
  }

  async function change(operation: string, request: AwsRequest, input: Input): Promise<AwsResponse> {
    const stream = streamOf(input);
    const facts = await streams.factsOf(stream);
    // A stream that is not there, or no stream at all: kinesis-local has the right answer.
    if (!facts) return cleaned(request, await proxy.forward(request));
    const begun = rules.begin(stream, operation, facts.mode);
    if (isRefusal(begun)) return refuse(request, begun);
    const response = await proxy.forward(request).catch((error: unknown) => {
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
    return cleaned(request, response);
  }

  async function putRecords(
    operation: "PutRecord" | "PutRecords",
    request: AwsRequest,
    input: Input,
  ): Promise<AwsResponse> {
    const stream = streamOf(input);
    const records = operation === "PutRecord" ? [input] : recordsOf(input.Records);
    const sizes = records.map(recordBytes);
    const throttled = limit
      ? limit.throttles(stream, await streams.openShards(stream), records, sizes)
      : records.map(() => false);
    const format = bodyFormat(request.headers);
    const failed =
      (shardId?: string) =>
      (_: unknown, i: number): PutResult => ({
        bytes: sizes[i] ?? 0,
        throttled: throttled[i] ?? false,
        ...(shardId !== undefined && !throttled[i] && { shardId }),
      });

    if (operation === "PutRecord") {
      if (throttled[0]) {
        metrics.puts(stream, operation, records.map(failed()));
        return refuse(request, throttledWrite(stream));
      }
      const response = await proxy.forward(request);
      if (response.status < 400) {
        const { ShardId } = format.decode(response.body);
        metrics.puts(stream, operation, records.map(failed(String(ShardId))));
      }
      return response;
    }

    const passing = records.filter((_, i) => !throttled[i]);
    if (passing.length === 0 && records.length > 0) {
      metrics.puts(stream, operation, records.map(failed()));
      const answers = records.map(() => throttledRecord(stream));
      const output = { FailedRecordCount: answers.length, Records: answers, EncryptionType: "NONE" };
      return answerOf(request, output);
    }
    const sent =
      passing.length === records.length
        ? request
        : { ...request, body: Buffer.from(format.encode({ ...input, Records: passing })) };
    const response = await proxy.forward(sent);
    if (response.status >= 400) return response;
    const output = format.decode(response.body);
    const taken = recordsOf(output.Records)[Symbol.iterator]();
    const answers = records.map((_, i) =>
      throttled[i] ? throttledRecord(stream) : (taken.next().value ?? {}),
    );
    metrics.puts(
      stream,
      operation,
      answers.map(({ ShardId }, i) => failed(ShardId ? String(ShardId) : undefined)(undefined, i)),
    );
    const failures = answers.filter(({ ErrorCode }) => ErrorCode).length;
    return answerOf(request, { ...output, FailedRecordCount: failures, Records: answers });
  }

  async function getShardIterator(request: AwsRequest, input: Input): Promise<AwsResponse> {
    const response = await proxy.forward(request);
    if (response.status < 400) {
      const { ShardIterator } = bodyFormat(request.headers).decode(response.body);
      remember(ShardIterator, { stream: streamOf(input), shardId: String(input.ShardId) });
    }
    return response;
  }

  async function getRecords(request: AwsRequest, input: Input): Promise<AwsResponse> {
    const response = await proxy.forward(request);
    const from = iterators.get(String(input.ShardIterator));
    if (!from) return cleaned(request, response);
    if (response.status >= 400) {
      const { __type } = bodyFormat(request.headers).decode(response.body);
      if (String(__type).includes("ThroughputExceeded")) metrics.throttledGets(from.stream, from.shardId);
      return response;
    }
    const output = bodyFormat(request.headers).decode(response.body);
    const records = recordsOf(output.Records);
    remember(output.NextShardIterator, from);
    metrics.gets(from.stream, from.shardId, {
      records: records.length,
      bytes: records.reduce((sum, record) => sum + blobBytes(record.Data), 0),
      millisBehindLatest: Number(output.MillisBehindLatest ?? 0),
    });
    return answerOf(request, output);
  }

  async function describe(request: AwsRequest): Promise<AwsResponse> {
    const response = await proxy.forward(request);
    if (response.status >= 400) return response;
    const output = bodyFormat(request.headers).decode(response.body);
    const key = "StreamDescription" in output ? "StreamDescription" : "StreamDescriptionSummary";
    const description = record(output[key]);
    const status = rules.status(String(description.StreamName), String(description.StreamStatus));
    return answerOf(request, { ...output, [key]: { ...description, StreamStatus: status } });
  }

  /** `kinesis-local` lists names only; AWS lists summaries beside them. */
  async function listStreams(request: AwsRequest): Promise<AwsResponse> {
    const response = await proxy.forward(request);
    if (response.status >= 400) return response;
    const output = bodyFormat(request.headers).decode(response.body);
    const names = Array.isArray(output.StreamNames) ? output.StreamNames.map(String) : [];
    const found = await Promise.all(names.map((name) => streams.factsOf(name)));
    const StreamSummaries = found
      .filter((facts) => facts !== undefined)
      .map(({ name, arn, mode, createdAt }) => ({
        StreamName: name,
        StreamARN: arn,
        StreamStatus: rules.status(name, "ACTIVE"),
        StreamModeDetails: { StreamMode: mode },
        StreamCreationTimestamp: createdAt,
      }));
    return answerOf(request, { ...output, StreamSummaries });
  }

  async function createOrDelete(request: AwsRequest, input: Input): Promise<AwsResponse> {
    const response = await proxy.forward(request);
    const stream = streamOf(input);
    streams.forget(stream);
    rules.forget(stream);
    metrics.forget(stream);
    return response;
  }

  async function setMonitoring(request: AwsRequest): Promise<AwsResponse> {
    const response = await proxy.forward(request);
    if (response.status >= 400) return response;
    const output = bodyFormat(request.headers).decode(response.body);
    const desired = Array.isArray(output.DesiredShardLevelMetrics) ? output.DesiredShardLevelMetrics : [];
    metrics.setShardMetrics(String(output.StreamName), desired.map(String));
    return answerOf(request, output);
  }

  function remember(iterator: unknown, from: { stream: string; shardId: string }): void {
    if (typeof iterator !== "string") return;
    iterators.set(iterator, from);
    const oldest = iterators.keys().next().value;
    if (iterators.size > MOST_ITERATORS && oldest !== undefined) iterators.delete(oldest);
  }

  return {
    signingNames: ["kinesis"],
    handle,
    resources: { "AWS::Kinesis::Stream": streamResource(call) },
    stop: async () => {
      proxy.stop();
      await thread.stop();
    },
  };
}

type Input = Readonly<Record<string, unknown>>;

function streamOf(input: Input): string {
  if (typeof input.StreamName === "string") return input.StreamName;
  return typeof input.StreamARN === "string" ? (input.StreamARN.split(":stream/")[1] ?? "") : "";
}

function recordsOf(value: unknown): Input[] {
  return Array.isArray(value) ? value.map(record) : [];
}

function record(value: unknown): Input {
  return typeof value === "object" && value !== null ? { ...value } : {};
}

function throttledRecord(stream: string): Input {
  const { code, message } = throttledWrite(stream);
  return { ErrorCode: code, ErrorMessage: message };
}

function throttledWrite(stream: string): Refusal {
  return {
    status: 400,
    code: "ProvisionedThroughputExceededException",
    message: `Rate exceeded for a shard of stream ${stream}: the sandbox's write limit is reached.`,
  };
}

function refuse(request: AwsRequest, refusal: Refusal): AwsResponse {
  return refusalResponse(request, "kinesis", refusal);
}

function cleaned(request: AwsRequest, response: ProxiedResponse): AwsResponse {
  if (response.body.length === 0 || response.status >= 400) return response;
  return answerOf(request, bodyFormat(request.headers).decode(response.body));
}

/** AWS leaves out what is not there, where `kinesis-local` sends null. */
function answerOf(request: AwsRequest, output: Input): AwsResponse {
  const headers = { "content-type": request.headers["content-type"] ?? "application/x-amz-json-1.1" };
  return { status: 200, headers, body: bodyFormat(request.headers).encode(record(withoutNulls(output))) };
}

function withoutNulls(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutNulls);
  if (typeof value !== "object" || value === null) return value;
  if (value instanceof Uint8Array || value instanceof Date) return value;
  const present = Object.entries(value).filter(([, inner]) => inner !== null);
  return Object.fromEntries(present.map(([key, inner]) => [key, withoutNulls(inner)]));
}

/** Signed with the credential scope `kinesis-local` reads the region from. */
function internalRequest(operation: string, input: object): AwsRequest {
  const scope = `sandbox/20260101/${DEFAULT_REGION}/kinesis/aws4_request`;
  return {
    method: "POST",
    path: "/",
    query: new URLSearchParams(),
    headers: {
      "content-type": "application/x-amz-json-1.1",
      "x-amz-target": `Kinesis_20131202.${operation}`,
      "x-amz-date": "20260101T000000Z",
      authorization: `AWS4-HMAC-SHA256 Credential=${scope}, SignedHeaders=host, Signature=none`,
    },
    body: Buffer.from(JSON.stringify(input)),
    region: DEFAULT_REGION,
  };
}
