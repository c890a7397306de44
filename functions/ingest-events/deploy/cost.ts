import { type CostLine, costLine } from "../../../shared/cost/cost-line.ts";
import { runUnits } from "../../../shared/cost/lambda-cost.ts";
import { GB } from "../../../shared/cost/prices.ts";
import type { StageInfo } from "../../../shared/monitoring/monitoring.ts";
import type { IngestConfig, Mode } from "../config/schema.ts";

/** Of a landed stream that lands what comes: Received, Stored, IteratorAge. A count of 0 is not published. */
const METRICS = 3;

/** What landing streams costs a month before the first event: their metrics, in a month with events in every hour. */
export function ingestCost({ streams }: IngestConfig): CostLine[] {
  return [
    costLine("CloudWatch: metrics, three a landed stream", {
      cloudwatchCustomMetric: Object.keys(streams).length * METRICS,
    }),
  ];
}

/** Assumptions: events of up to 1 KB, in batches of so many, each of which takes so long. */
export const BATCH = 100;
const BATCH_SECONDS: Readonly<Record<Mode, number>> = { append: 0.1, "append-once": 0.15, latest: 0.15 };
const EVENT_BYTES = 1024;

/**
 * Write units of an event of 1 KB. In `latest` that is the most: of the events of one key, a batch writes the last one.
 * A write that finds the event there already costs as much.
 */
const WRITES: Readonly<Record<Mode, number>> = { append: 1, "append-once": 1, latest: 1 };

/** Read units: `latest` reads the item, eventually consistent, before it writes. */
const READS: Readonly<Record<Mode, number>> = { append: 0, "append-once": 0, latest: 0.5 };

/** Bytes of what a batch logs: the line of metrics, `batch landed`, and Lambda's own. */
const BATCH_LINES = 2000;

export const MODES = ["append", "append-once", "latest"] as const satisfies readonly Mode[];

/** What a million landed events cost once; the stream itself and its traffic are not in it. */
export function eventsCost(mode: Mode, info: StageInfo): CostLine[] {
  const events = 1e6;
  const batches = events / BATCH;
  return [
    costLine("DynamoDB: writes", { dynamodbWrite: events * WRITES[mode] }),
    costLine("DynamoDB: reads", { dynamodbRead: events * READS[mode] }),
    costLine("Lambda", runUnits(info, "ingest-events", BATCH_SECONDS[mode], batches)),
    costLine("CloudWatch: logs", { cloudwatchLogGb: (batches * BATCH_LINES) / GB }),
    costLine("X-Ray: a trace a batch, all of them sampled", { xrayTrace: batches }),
  ];
}

/** A month of keeping a million events in the table. */
export const keptEventsCost = (): number => costLine("kept", { dynamodbGb: (1e6 * EVENT_BYTES) / GB }).usd;
