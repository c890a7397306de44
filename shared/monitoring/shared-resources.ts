import type { AlarmSpec } from "./alarm.ts";
import { atLeastOne } from "./function-alarms.ts";
import { type Metric, ofQueue, ofTable, reflexMetric } from "./metric.ts";
import { queueNotEmptyAlarm } from "./queue-alarm.ts";
import { COLOURS, type DashboardSection, type Line } from "./section.ts";

/** What is watched of the whole service, however many automations there are. */
export function sharedAlarms(stage: string): AlarmSpec[] {
  return [
    queueNotEmptyAlarm("failed-events", stage, {
      title: "Failed events",
      description: "An invocation failed. Its event stays in the queue of failed events for 14 days.",
    }),
    {
      name: "notification-failures",
      title: "Notifications fail",
      description: "Notifications do not arrive: publishing to the topic, or delivering from it, fails.",
      of: {
        expression: "FILL(undelivered, 0) + FILL(unpublished, 0)",
        label: "notifications that failed",
        metrics: {
          undelivered: ofTopic(`reflex-${stage}-notify`, "NumberOfNotificationsFailed"),
          unpublished: reflexMetric("reflex", "NotificationFailures", "Sum"),
        },
      },
      rule: atLeastOne({ period: 300, datapoints: 1, among: 1 }),
    },
    {
      name: "ledger-throttled",
      title: "Ledger throttled",
      // Reads that are throttled fail their runs, which have an alarm.
      description:
        "DynamoDB throttles writes to the ledger. Without it Reflex changes nothing and sends no notifications.",
      of: ofTable(`reflex-${stage}-ledger`, "WriteThrottleEvents", "Sum"),
      rule: atLeastOne({ period: 60, datapoints: 3, among: 5 }),
    },
    notServedAlarm,
  ];
}

/** Long enough for a throttle to pass, and before a quarter of an hour of refused writes. */
const STALE_MINUTES = 10;

/** Whatever the reason, and although every run may be green: a refusal, an AWS fault, a blind monitor. */
const notServedAlarm: AlarmSpec = {
  name: "not-served",
  title: "Resource not served",
  description: `For ${STALE_MINUTES} minutes a stream, node pool, cluster or site was not looked at, or what it needed was not done.`,
  of: {
    query: `SELECT MAX(MinutesStale) FROM SCHEMA("Reflex", Resource, service) GROUP BY Resource`,
    label: "minutes without what it needs",
    metric: reflexMetric("reflex", "MinutesStale", "Maximum"),
  },
  rule: {
    comparison: "GreaterThanOrEqualToThreshold",
    threshold: STALE_MINUTES,
    ...{ period: 60, datapoints: 2, among: 3, treatMissing: "notBreaching" },
  },
};

/** https://docs.aws.amazon.com/sns/latest/dg/sns-monitoring-using-cloudwatch.html */
function ofTopic(topic: string, name: string): Metric {
  return { namespace: "AWS/SNS", name, stat: "Sum", dimensions: { TopicName: topic } };
}

const TOPICS = ["notify", "watch"] as const;

/** A dashboard's graph takes so many tables without being a thicket. */
const TABLES_SHOWN = 20;

/** @param kept the automations' own tables and queues */
export function sharedSection(
  stage: string,
  kept: { readonly tables: readonly string[]; readonly queues: readonly string[] },
): DashboardSection {
  const all = [`reflex-${stage}-ledger`, ...kept.tables].slice(0, TABLES_SHOWN);
  return {
    title: "Queues, topics, tables",
    graphs: [
      {
        title: "Messages waiting",
        left: { min: 0 },
        lines: ["failed-events", ...kept.queues].map((queue) => ({
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
