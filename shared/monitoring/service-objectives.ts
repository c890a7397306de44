import type { CompositeSpec } from "./composite-alarm.ts";
import { ofTopic, reflexMetric } from "./metric.ts";
import type { Objective } from "./objective.ts";
import { COLOURS, type DashboardSection, type Graph } from "./section.ts";

/** Long enough for a throttle to pass, and before a quarter of an hour of refused writes. */
export const STALE_MINUTES = 10;

/** From the alarm to the call that answers it, ms. */
const SLOW_DECISION_MS = 120_000;

/** What Reflex owes however many resources there are; landed streams and node pools have one each of their own. */
export const serviceObjectives = (stage: string): readonly Objective[] => [
  {
    name: "freshness",
    title: "Looks are stale",
    description: `A stream, node pool, cluster or site goes without a good look, or without what it needs, for more than ${STALE_MINUTES} minutes too often.`,
    target: 0.995,
    metrics: { stale: reflexMetric("reflex", "MinutesStale", "Maximum") },
    isBad: `FILL(stale, 0) >= ${STALE_MINUTES}`,
  },
  {
    name: "decision-latency",
    title: "Decisions are late",
    description: `Changes come more than ${SLOW_DECISION_MS / 1000} s after the alarm that asks for them, too often.`,
    target: 0.995,
    metrics: { latency: reflexMetric("reflex", "DecisionLatency", "Maximum") },
    isBad: `FILL(latency, 0) > ${SLOW_DECISION_MS}`,
  },
  {
    name: "notifications",
    title: "Notifications fail",
    description: "Notifications do not arrive: publishing to the topic, or delivering from it, fails.",
    // So strict that one failure pages: people do not hear of what they have to do.
    target: 0.999,
    metrics: {
      undelivered: ofTopic(`reflex-${stage}-notify`, "NumberOfNotificationsFailed"),
      unpublished: reflexMetric("reflex", "NotificationFailures", "Sum"),
    },
    isBad: "FILL(undelivered, 0) + FILL(unpublished, 0)",
  },
];

/**
 * Reflex does not do its part: sweeps do not run, looks are stale, or nobody is notified. It notifies nobody itself, since
 * each of its causes does: it is the one state that a status page or another team's alarm can follow.
 *
 * @param sweeps the names of the alarms on sweeps
 */
export const notWorking = (sweeps: readonly string[]): CompositeSpec => ({
  name: "not-working",
  title: "Reflex is not working",
  description:
    "Reflex is not working: its sweeps do not run, its looks are stale, or its notifications fail.",
  inAlarm: ["slo-freshness", "slo-notifications", ...sweeps],
  // A sweep that never starts has no data.
  withoutData: sweeps,
});

/** One panel an objective: what it is read from, and its bad minutes. */
export function objectivesSection(objectives: readonly Objective[]): DashboardSection {
  return {
    title: "Objectives",
    text: "A bad minute is 1. The budget of 30 days is the share that may be bad; an alarm pages when it burns too fast.",
    graphs: objectives.map(graphOf),
  };
}

const graphOf = ({ title, target, metrics, isBad }: Objective): Graph => ({
  title: `${title}: ${target * 100} % of minutes have to be good`,
  left: { min: 0 },
  right: { label: "bad minutes", min: 0, max: 1 },
  lines: [
    ...Object.entries(metrics).map(([id, metric]) => ({ id, metric, label: metric.name })),
    { expression: `IF(${isBad}, 1, 0)`, id: "bad", label: "bad minute", axis: "right", color: COLOURS.bad },
  ],
});
