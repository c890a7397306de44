import type { Mode } from "../../../shared/config/load.ts";
import type { AlarmSpec } from "../../../shared/monitoring/alarm.ts";
import { functionAlarms } from "../../../shared/monitoring/function-alarms.ts";
import { type Metric, ofFunction, reflexMetric } from "../../../shared/monitoring/metric.ts";
import type { Monitoring, StageInfo } from "../../../shared/monitoring/monitoring.ts";
import { queueNotEmptyAlarm } from "../../../shared/monitoring/queue-alarm.ts";
import { COLOURS, type Graph } from "../../../shared/monitoring/section.ts";
import type { IngestConfig, Mapping } from "../config/schema.ts";

const NAME = "ingest-events";

export function monitoring({ streams, tables }: IngestConfig, info: StageInfo, service: Mode): Monitoring {
  const { stage } = info;
  return {
    alarms: [
      ...functionAlarms(NAME, info),
      // Mappings are disabled while the service only observes.
      ...(service === "act"
        ? Object.entries(streams).map(([name, { mapping }]) => behind(name, mapping))
        : []),
      queueNotEmptyAlarm("quarantine", stage, {
        title: "Quarantine not empty",
        description:
          "Records that can never be stored are in the quarantine. The queue keeps them for 14 days.",
      }),
      queueNotEmptyAlarm("failed-batches", stage, {
        title: "Failed batches",
        description:
          "Lambda gave up on batches. Their records are in the bucket of the same name, for 15 days.",
      }),
    ],
    // Of a table in another account, this one has no metrics.
    tables: Object.keys(tables).filter((name) => tables[name]?.roleArn === undefined),
    queues: ["quarantine", "failed-batches"],
    section: {
      title: "Landed streams",
      resources: Object.keys(streams).map((name) => ({ name, graphs: [landed(name), age(name, stage)] })),
    },
  };
}

/** A stream keeps records for a day at least. */
const LEAST_RETENTION_SECONDS = 86_400;

/** Long enough to store a burst, and long before Lambda gives up on a record. */
const LATE_SECONDS = 600;
const SHARE_OF_AGE = 0.1;

/** What counts as the age where records come in and none is received: later than any record may be. */
const NONE_RECEIVED_MS = 1e9;

/**
 * One stream: the age of the last record of its batches or, where records come in and no batch does, more than any age. So it
 * also fires while the mapping is disabled or cannot read, when nothing runs that could say so. Five minutes are one
 * period: a batching window may be as long.
 */
function behind(stream: string, mapping: Mapping): AlarmSpec {
  const { maximumRecordAgeInSeconds: most } = mapping;
  const oldestSeconds = most === -1 ? LEAST_RETENTION_SECONDS : most;
  const seconds = Math.min(LATE_SECONDS, Math.round(oldestSeconds * SHARE_OF_AGE));
  return {
    name: `${NAME}-behind-${stream}`,
    title: "Ingest behind",
    description: `Events of ${stream} are stored more than ${seconds} s after they arrived, or come in and are not received; after ${oldestSeconds} s Lambda gives up on them.`,
    of: ageOf(stream, mapping),
    rule: {
      comparison: "GreaterThanThreshold",
      threshold: seconds * 1000,
      period: 300,
      datapoints: 2,
      among: 3,
      treatMissing: "notBreaching",
    },
    nestedIn: { name: "LandedStreamAlarms", count: 1 },
  };
}

/** What a filter drops is received by nobody, and of a stream in another account there are no metrics here. */
function ageOf(stream: string, { filterPatterns, streamArn }: Mapping): AlarmSpec["of"] {
  const age = reflexMetric(NAME, "IteratorAge", "Maximum", { Stream: stream });
  if (filterPatterns !== undefined || streamArn !== undefined) return age;
  const ofStream = { StreamName: stream };
  const incoming: Metric = {
    namespace: "AWS/Kinesis",
    name: "IncomingRecords",
    dimensions: ofStream,
    stat: "Sum",
  };
  return {
    expression: `IF(FILL(incoming, 0) > 0, FILL(age, ${NONE_RECEIVED_MS}), FILL(age, 0))`,
    label: "age of the last record of a batch, ms",
    metrics: { incoming, age },
  };
}

function landed(stream: string): Graph {
  const count = (name: string): Metric => reflexMetric(NAME, name, "Sum", { Stream: stream });
  return {
    title: `${stream}: outcome of its events`,
    left: { min: 0 },
    right: { label: "not landed", min: 0 },
    lines: [
      { metric: count("Received"), label: "received" },
      { metric: count("Stored"), label: "stored", color: COLOURS.capacity },
      { metric: count("Duplicates"), label: "duplicates" },
      { metric: count("Superseded"), label: "superseded" },
      { metric: count("Quarantined"), label: "quarantined", axis: "right", color: COLOURS.bad },
      { metric: count("Unfinished"), label: "unfinished", axis: "right" },
    ],
  };
}

function age(stream: string, stage: string): Graph {
  const ofStream = { Stream: stream };
  return {
    title: `${stream}: how far behind`,
    left: { label: "ms", min: 0 },
    right: { label: "retries", min: 0 },
    lines: [
      {
        metric: reflexMetric(NAME, "IteratorAge", "Maximum", ofStream),
        label: "age of the last record of a batch",
      },
      {
        metric: ofFunction(`reflex-${stage}-${NAME}`, "Duration", "Maximum"),
        label: "time for a batch, of any stream",
      },
      {
        metric: reflexMetric(NAME, "Retries", "Sum", ofStream),
        label: "retries at the table",
        axis: "right",
      },
    ],
  };
}
