import type { Upstream } from "../../endpoint/upstream.ts";
import type { AwsRequest, AwsResponse } from "../../service.ts";
import { answerTo, changed, type Fields, listOfFields, streamOf } from "../answer.ts";
import { blobBytes, bodyFormat } from "../body.ts";
import type { TrafficMetrics } from "../traffic-metrics.ts";
import type { Handlers } from "./handler.ts";

/** Iterators are forgotten in the order they came; a consumer uses one within five minutes. */
const MOST_ITERATORS = 10_000;

interface Origin {
  readonly stream: string;
  readonly shardId: string;
}

/** `GetShardIterator` and `GetRecords`, counted: an iterator is remembered with the shard it reads. */
export function createReads(upstream: Upstream, metrics: TrafficMetrics, now: () => number): Handlers {
  const origins = new Map<string, Origin>();

  function remember(iterator: unknown, origin: Origin): void {
    if (typeof iterator !== "string") return;
    origins.set(iterator, origin);
    const oldest = origins.keys().next().value;
    if (origins.size > MOST_ITERATORS && oldest !== undefined) origins.delete(oldest);
  }

  async function getShardIterator(request: AwsRequest, input: Fields): Promise<AwsResponse> {
    const response = await upstream.forward(request);
    if (response.status < 400) {
      const { ShardIterator } = bodyFormat(request.headers).decode(response.body);
      remember(ShardIterator, { stream: streamOf(input), shardId: String(input.ShardId) });
    }
    return response;
  }

  async function getRecords(request: AwsRequest, input: Fields): Promise<AwsResponse> {
    const response = await upstream.forward(request);
    const origin = origins.get(String(input.ShardIterator));
    if (!origin) return changed(request, response);
    const output = bodyFormat(request.headers).decode(response.body);
    if (response.status >= 400) {
      const isThrottle = String(output.__type).includes("ThroughputExceeded");
      if (isThrottle) metrics.throttledGets(origin.stream, origin.shardId);
      return response;
    }
    const records = listOfFields(output.Records);
    remember(output.NextShardIterator, origin);
    const millisBehindLatest = behind(output, records.at(-1), now());
    metrics.gets(origin.stream, origin.shardId, {
      records: records.length,
      bytes: records.reduce((sum, record) => sum + blobBytes(record.Data), 0),
      millisBehindLatest,
    });
    return answerTo(request, { ...output, MillisBehindLatest: millisBehindLatest });
  }

  return { GetShardIterator: getShardIterator, GetRecords: getRecords };
}

/**
 * How far the reader is behind: 0 at the tip, else the age of the last record it got. `kinesis-local` counts
 * up to the shard's newest record, AWS up to now.
 */
function behind(output: Fields, last: Fields | undefined, now: number): number {
  const toNewest = Number(output.MillisBehindLatest ?? 0);
  const arrival = last?.ApproximateArrivalTimestamp;
  if (toNewest === 0 || arrival === undefined) return toNewest;
  // Seconds in JSON, milliseconds in Kinesis's CBOR.
  const arrivedAt = arrival instanceof Date ? arrival.getTime() : Number(arrival);
  return Math.max(0, Math.round(now - (arrivedAt < 1e11 ? arrivedAt * 1000 : arrivedAt)));
}
