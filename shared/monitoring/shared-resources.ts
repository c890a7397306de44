import type { AlarmSpec } from "./alarm.ts";
import { ofQueue, ofTable, ofTopic, reflexMetric } from "./metric.ts";
import { objectiveAlarm } from "./objective.ts";
import { COLOURS, type DashboardSection, type Line } from "./section.ts";
import { STALE_MINUTES, serviceObjectives } from "./service-objectives.ts";

/** What is watched of the whole service, however many automations there are. */
export function sharedAlarms(stage: string): AlarmSpec[] {
  return [notServedAlarm, ...serviceObjectives(stage).map(objectiveAlarm)];
}

/** Whatever the reason, and although every run may be green: a refusal, an AWS fault, a blind monitor. */
const notServedAlarm: AlarmSpec = {
  name: "not-served",
  title: "Resource not served",
  description: `For ${STALE_MINUTES} minutes a stream, node pool, cluster or site was not looked at, or what it needed was not done.`,
  severity: "ticket",
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

const TOPICS = ["notify", "watch", "tickets"] as const;

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
        lines: TOPICS.flatMap((topic) => linesOfTopic(topic, stage)),
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

function linesOfTopic(topic: (typeof TOPICS)[number], stage: string): Line[] {
  const name = `reflex-${stage}-${topic}`;
  return [
    { metric: ofTopic(name, "NumberOfNotificationsDelivered"), label: `${topic}: delivered` },
    {
      metric: ofTopic(name, "NumberOfNotificationsFailed"),
      label: `${topic}: failed`,
      axis: "right",
      color: COLOURS.bad,
    },
  ];
}
