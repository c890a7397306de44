import type { Refusal } from "../../endpoint/refusal.ts";
import type { Upstream } from "../../endpoint/upstream.ts";
import type { AwsRequest, AwsResponse } from "../../service.ts";
import { answerTo, type Fields, fieldsOf, listOfFields, refuse, streamOf } from "../answer.ts";
import { bodyFormat } from "../body.ts";
import type { Streams } from "../streams.ts";
import { type PutResult, recordBytes, type TrafficMetrics } from "../traffic-metrics.ts";
import type { WriteLimiter } from "../write-limit.ts";
import type { Handlers } from "./handler.ts";

export interface WriteParts {
  readonly upstream: Upstream;
  readonly metrics: TrafficMetrics;
  readonly streams: Streams;
  /** Throttles by shard; nothing is throttled without. */
  readonly limit?: WriteLimiter | undefined;
  /** Whether a stream's records go to its shards in turn, whatever their keys. */
  readonly isEven: (stream: string) => boolean;
}

/** `PutRecord` and `PutRecords`: throttled by shard, handed on, and counted. */
export function createWrites({ upstream, metrics, streams, limit, isEven }: WriteParts): Handlers {
  /** For each record the shard that throttles it, if one does. */
  async function throttles(stream: string, records: readonly Fields[]): Promise<(string | undefined)[]> {
    if (!limit) return records.map(() => undefined);
    return limit.refusals(stream, await streams.openShards(stream), records, records.map(recordBytes));
  }

  let turn = 0;
  /** The records with a hash key of the next shard each, where keys are ignored. */
  async function distributed(stream: string, records: readonly Fields[]): Promise<readonly Fields[]> {
    if (!isEven(stream)) return records;
    const shards = await streams.openShards(stream);
    return records.map((record) => {
      turn += 1;
      return { ...record, ExplicitHashKey: String(shards[turn % shards.length]?.from ?? 0n) };
    });
  }

  async function putRecord(asked: AwsRequest, given: Fields): Promise<AwsResponse> {
    const stream = streamOf(given);
    const [input = given] = await distributed(stream, [given]);
    const request = input === given ? asked : withBody(asked, input);
    const bytes = recordBytes(input);
    const [throttledBy] = await throttles(stream, [input]);
    if (throttledBy !== undefined) {
      metrics.puts(stream, "PutRecord", [{ result: "throttled", bytes, shardId: throttledBy }]);
      return refuse(request, throttledWrite(stream));
    }
    const response = await upstream.forward(request);
    if (response.status < 400) {
      const { ShardId } = bodyFormat(request.headers).decode(response.body);
      metrics.puts(stream, "PutRecord", [{ result: "taken", bytes, shardId: String(ShardId) }]);
    }
    return response;
  }

  async function putRecords(request: AwsRequest, input: Fields): Promise<AwsResponse> {
    const stream = streamOf(input);
    const given = listOfFields(input.Records);
    const records = await distributed(stream, given);
    const throttledBy = await throttles(stream, records);
    const passing = records.filter((_, i) => throttledBy[i] === undefined);

    let output: Fields = { EncryptionType: "NONE" };
    // A request without records goes on as well: kinesis-local has the error for it.
    if (passing.length > 0 || records.length === 0) {
      const response = await upstream.forward(
        passing.length === given.length && records === given
          ? request
          : withBody(request, { ...input, Records: passing }),
      );
      if (response.status >= 400) return response;
      output = fieldsOf(bodyFormat(request.headers).decode(response.body));
    }
    const taken = listOfFields(output.Records).values();
    const answers = records.map((_, i) =>
      throttledBy[i] === undefined ? (taken.next().value ?? {}) : throttledRecord(stream),
    );
    const results = answers.map(({ ShardId }, i): PutResult => {
      const bytes = recordBytes(records[i] ?? {});
      const shardId = throttledBy[i];
      if (shardId !== undefined) return { result: "throttled", bytes, shardId };
      return typeof ShardId === "string"
        ? { result: "taken", bytes, shardId: ShardId }
        : { result: "failed", bytes };
    });
    metrics.puts(stream, "PutRecords", results);
    const FailedRecordCount = answers.filter(({ ErrorCode }) => ErrorCode).length;
    return answerTo(request, { ...output, FailedRecordCount, Records: answers });
  }

  return { PutRecord: putRecord, PutRecords: putRecords };
}

function withBody(request: AwsRequest, input: Fields): AwsRequest {
  return { ...request, body: Buffer.from(bodyFormat(request.headers).encode(input)) };
}

function throttledRecord(stream: string): Fields {
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
