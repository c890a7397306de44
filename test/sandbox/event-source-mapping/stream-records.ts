import type { StreamRecord } from "../../../sandbox/event-source-mapping/record.ts";
import type { MappingSettings } from "../../../sandbox/event-source-mapping/settings.ts";

export const NOW = 1_700_000_000_000;

/** Records with the sequence numbers 1, 2, 3 …, which came when the test begins. */
export function streamRecords(count: number, more: Partial<StreamRecord> = {}): StreamRecord[] {
  return Array.from({ length: count }, (_none, index) => ({
    sequenceNumber: String(index + 1),
    partitionKey: `key-${index}`,
    data: "e30=",
    arrivedAt: NOW,
    ...more,
  }));
}

export const SETTINGS: MappingSettings = {
  streamArn: "arn:aws:kinesis:us-east-1:000000000000:stream/events",
  eventSourceArn: "arn:aws:kinesis:us-east-1:000000000000:stream/events",
  functionName: "ingest",
  filter: () => true,
  enabled: true,
  startingPosition: "TRIM_HORIZON",
  batchSize: 100,
  windowMs: 0,
  parallelizationFactor: 1,
  bisect: false,
  maxRetries: Number.POSITIVE_INFINITY,
  maxAgeMs: Number.POSITIVE_INFINITY,
  reportsItemFailures: true,
  onFailureArn: undefined,
};
