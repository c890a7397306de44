import { functionAlarms } from "../../../shared/monitoring/function-alarms.ts";
import { type Metric, ofFunction, reflexMetric } from "../../../shared/monitoring/metric.ts";
import type { Monitoring, StageInfo } from "../../../shared/monitoring/monitoring.ts";
import { queueNotEmptyAlarm } from "../../../shared/monitoring/queue-alarm.ts";
import { COLOURS, type Graph } from "../../../shared/monitoring/section.ts";
import type { IngestConfig } from "../config/schema.ts";

const NAME = "ingest-events";

export function monitoring({ streams, tables }: IngestConfig, info: StageInfo): Monitoring {
  const { stage } = info;
  const ages = Object.values(streams)
    .map(({ mapping }) => mapping.maximumRecordAgeInSeconds)
    .map((age) => (age === -1 ? LEAST_RETENTION_SECONDS : age));
  return {
    alarms: [
      ...functionAlarms(NAME, info),
      ...(ages.length > 0 ? [behind(Math.min(...ages), stage)] : []),
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
      resources: Object.keys(streams).map((name) => ({ name, graphs: [landed(name), age(name)] })),
    },
  };
}

/** A stream keeps records for a day at least. */
const LEAST_RETENTION_SECONDS = 86_400;

/** Long enough to store a burst, and long before Lambda gives up on a record. */
const LATE_SECONDS = 600;
const SHARE_OF_AGE = 0.1;

/**
 * Lambda's own metric, which is there also when the function fails: the age of the last record of a batch, the oldest
 * of all its streams.
 */
function behind(oldestSeconds: number, stage: string) {
  const seconds = Math.min(LATE_SECONDS, Math.round(oldestSeconds * SHARE_OF_AGE));
  return {
    name: `${NAME}-iterator-age`,
    title: "Ingest behind",
    description: `Events are stored more than ${seconds} s after they arrived; after ${oldestSeconds} s Lambda gives up on them.`,
    of: ofFunction(`reflex-${stage}-${NAME}`, "IteratorAge", "Maximum"),
    rule: {
      comparison: "GreaterThanThreshold",
      threshold: seconds * 1000,
      period: 60,
      datapoints: 5,
      among: 5,
      treatMissing: "notBreaching",
    },
  } as const;
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

function age(stream: string): Graph {
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
      { metric: reflexMetric(NAME, "BatchTime", "Maximum", ofStream), label: "time for a batch" },
      {
        metric: reflexMetric(NAME, "Retries", "Sum", ofStream),
        label: "retries at the table",
        axis: "right",
      },
    ],
  };
}
