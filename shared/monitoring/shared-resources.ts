import type { AlarmSpec } from "./alarm.ts";
import { atLeastOne } from "./function-alarms.ts";
import { type Metric, ofQueue, ofTable, reflexMetric } from "./metric.ts";
import { queueNotEmptyAlarm } from "./queue-alarm.ts";
import { COLOURS, type DashboardSection, type Line } from "./section.ts";

/** The automations that tell what they did (shared/notify). */
const TELL = ["reshard-streams", "check-sites", "scale-node-pools", "drain-nodes"] as const;

/** What is watched of the things that more than one automation uses. */
export function sharedAlarms(stage: string): AlarmSpec[] {
  const ledger = `reflex-${stage}-ledger`;
  return [
    queueNotEmptyAlarm("failed-events", stage, {
      heading: "Failed events",
      says: "A run failed, and its event is in the queue of failed events, for 14 days.",
    }),
    {
      name: "notification-failures",
      heading: "Notifications fail",
      says: "What Reflex does reaches nobody: publishing to the topic, or delivering from it, fails.",
      of: {
        expression: "FILL(undelivered, 0) + FILL(a0, 0) + FILL(a1, 0) + FILL(a2, 0) + FILL(a3, 0)",
        label: "notifications that failed",
        metrics: {
          undelivered: ofTopic(`reflex-${stage}-notify`, "NumberOfNotificationsFailed"),
          ...Object.fromEntries(
            TELL.map((automation, at) => [`a${at}`, reflexMetric(automation, "NotificationFailures", "Sum")]),
          ),
        },
      },
      rule: atLeastOne({ period: 300, datapoints: 1, among: 1 }),
    },
    {
      name: "ledger-throttled",
      heading: "Ledger throttled",
      says: "DynamoDB throttles the ledger: without it nothing is changed and nothing is told.",
      of: {
        expression: "FILL(reads, 0) + FILL(writes, 0)",
        label: "throttled reads and writes",
        metrics: {
          reads: ofTable(ledger, "ReadThrottleEvents", "Sum"),
          writes: ofTable(ledger, "WriteThrottleEvents", "Sum"),
        },
      },
      rule: atLeastOne({ period: 60, datapoints: 3, among: 5 }),
    },
  ];
}

/** https://docs.aws.amazon.com/sns/latest/dg/sns-monitoring-using-cloudwatch.html */
function ofTopic(topic: string, name: string): Metric {
  return { namespace: "AWS/SNS", name, stat: "Sum", dimensions: { TopicName: topic } };
}

const QUEUES = ["failed-events", "quarantine", "failed-batches"] as const;
const TOPICS = ["notify", "watch"] as const;

/** A dashboard's graph takes so many tables without being a thicket. */
const TABLES_SHOWN = 20;

/** @param tables those of the config */
export function sharedSection(stage: string, tables: readonly string[]): DashboardSection {
  const all = [`reflex-${stage}-ledger`, `reflex-${stage}-sites`, ...tables].slice(0, TABLES_SHOWN);
  return {
    title: "Queues, topics, tables",
    graphs: [
      {
        title: "Messages waiting",
        left: { min: 0 },
        lines: QUEUES.map((queue) => ({
          metric: ofQueue(`reflex-${stage}-${queue}`, "ApproximateNumberOfMessagesVisible", "Maximum"),
          label: queue,
        })),
      },
      {
        title: "Notifications",
        left: { min: 0 },
        right: { label: "failed", min: 0 },
        lines: TOPICS.flatMap((topic): Line[] => [
          {
            metric: ofTopic(`reflex-${stage}-${topic}`, "NumberOfNotificationsDelivered"),
            label: `${topic}: delivered`,
          },
          {
            metric: ofTopic(`reflex-${stage}-${topic}`, "NumberOfNotificationsFailed"),
            label: `${topic}: failed`,
            axis: "right",
            color: COLOURS.bad,
          },
        ]),
      },
      {
        title: "Written to tables",
        left: { label: "write units", min: 0 },
        lines: all.map((table) => ({
          metric: ofTable(table, "ConsumedWriteCapacityUnits", "Sum"),
          label: table,
        })),
      },
      {
        title: "Throttled writes to tables",
        left: { min: 0 },
        lines: all.map((table) => ({ metric: ofTable(table, "WriteThrottleEvents", "Sum"), label: table })),
      },
    ],
  };
}
