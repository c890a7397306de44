import type { Mode } from "../../../shared/config/load.ts";
import { type Metric, ofFunction, reflexMetric } from "../../../shared/monitoring/metric.ts";
import type { Monitoring, StageInfo } from "../../../shared/monitoring/monitoring.ts";
import { type Objective, objectiveAlarm } from "../../../shared/monitoring/objective.ts";
import { queueNotEmptyAlarm } from "../../../shared/monitoring/queue-alarm.ts";
import { COLOURS, type Graph } from "../../../shared/monitoring/section.ts";
import type { IngestConfig, Mapping } from "../config/schema.ts";

const NAME = "ingest-events";

export function monitoring({ streams, tables }: IngestConfig, info: StageInfo, service: Mode): Monitoring {
  const { stage } = info;
  return {
    alarms: [
      // Mappings are disabled while the service only observes.
      ...(service === "act"
        ? Object.entries(streams).map(([name, { mapping }]) => objectiveAlarm(landingLag(name, mapping)))
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

/** A batch may wait so long for more records, and Lambda may be slow: then nothing was received for too long. */
const LEAST_WAIT_SECONDS = 360;

/**
 * One stream, as an objective: its last records are young enough in so many minutes. It pages by itself where records came in,
 * none was received after them, and they wait: then the mapping is disabled, cannot read, or the function dies, and nothing runs
 * that could say so.
 */
function landingLag(stream: string, mapping: Mapping): Objective {
  const { maximumRecordAgeInSeconds: most } = mapping;
  const oldestSeconds = most === -1 ? LEAST_RETENTION_SECONDS : most;
  const seconds = Math.min(LATE_SECONDS, Math.round(oldestSeconds * SHARE_OF_AGE));
  return {
    name: `landing-${stream}`,
    title: "Ingest behind",
    description: `Events of ${stream} are stored more than ${seconds} s after they arrived too often, or come in and are not received; after ${oldestSeconds} s Lambda gives up on them.`,
    target: 0.995,
    ...lagOf(stream, mapping, Math.max(seconds, LEAST_WAIT_SECONDS)),
    isBad: `FILL(lag, 0) > ${seconds * 1000}`,
    nestedIn: { name: "LandedStreamAlarms", count: 1 },
  };
}

/** What a filter drops is received by nobody, and of a stream in another account there are no metrics here. */
function lagOf(
  stream: string,
  { filterPatterns, streamArn }: Mapping,
  waitSeconds: number,
): Pick<Objective, "metrics" | "steps" | "pagesAbove0"> {
  const lag = reflexMetric(NAME, "IteratorAge", "Maximum", { Stream: stream });
  if (filterPatterns !== undefined || streamArn !== undefined) return { metrics: { lag } };
  const incoming: Metric = {
    namespace: "AWS/Kinesis",
    name: "IncomingRecords",
    dimensions: { StreamName: stream },
    stat: "Sum",
  };
  return {
    metrics: { incoming, lag },
    steps: {
      arrived: "FILL(incoming, 0)",
      batch: "FILL(lag, -1)",
      lastbatch: "MAX(IF(batch >= 0, EPOCH(batch), 0))",
      waited: "MAX(EPOCH(arrived)) - EPOCH(arrived)",
    },
    pagesAbove0: `SUM(IF(arrived > 0 AND EPOCH(arrived) > lastbatch AND waited >= ${waitSeconds}, 1, 0))`,
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
