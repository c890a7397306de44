import * as z from "zod/mini";
import { parseTime } from "./event-shape.ts";
import type { AlarmMetric, Trigger } from "./trigger.ts";

/** Alarm states as CloudWatch writes them in every shape. */
export const alarmState = z.enum(["OK", "ALARM", "INSUFFICIENT_DATA"]);

/**
 * `configuration` of an alarm in an EventBridge event and in a direct alarm action: metrics with dimensions
 * as a map, expressions without any, in any order.
 */
const alarmConfiguration = z.lazy(() =>
  z.looseObject({
    metrics: z.optional(
      z.array(
        z.looseObject({
          metricStat: z.optional(
            z.looseObject({
              metric: z.looseObject({
                namespace: z.string(),
                name: z.string(),
                dimensions: z.optional(z.record(z.string(), z.string())),
              }),
            }),
          ),
        }),
      ),
    ),
    /** Composite alarms have a rule instead of metrics. */
    alarmRule: z.optional(z.string()),
  }),
);

/** The change of an alarm, as EventBridge and a direct alarm action both describe it. */
export const alarmChange = z.lazy(() =>
  z.looseObject({
    alarmName: z.string(),
    state: z.looseObject({ value: alarmState, timestamp: z.string() }),
    configuration: z.optional(alarmConfiguration),
    /** Present when one time series of a Metrics Insights alarm changed, and not the alarm. */
    alarmContributor: z.optional(z.unknown()),
    /** Present while a mute rule applies to the alarm. */
    muteDetail: z.optional(z.unknown()),
  }),
);

export function triggerOf(
  { alarmName, state, configuration, alarmContributor, muteDetail }: z.output<typeof alarmChange>,
  alarmArn: string,
  via: "eventbridge" | "direct",
): Trigger {
  if (configuration?.alarmRule !== undefined) return { kind: "nothing", why: compositeAlarm(alarmName) };
  if (alarmContributor !== undefined) return { kind: "nothing", why: alarmContributorOf(alarmName) };
  if (muteDetail !== undefined) {
    return { kind: "nothing", why: `alarm ${alarmName} is muted: a person asked that it starts no action` };
  }
  return {
    kind: "alarm",
    via,
    alarmName,
    alarmArn,
    state: state.value,
    at: parseTime(state.timestamp, `the change of alarm ${alarmName}`),
    metrics: configuration ? metricsOf(configuration) : [],
  };
}

/** The metrics of a `configuration`; expressions name no resource and are skipped. */
function metricsOf(configuration: z.output<typeof alarmConfiguration>): AlarmMetric[] {
  return (configuration.metrics ?? []).flatMap(({ metricStat }) =>
    metricStat
      ? [
          {
            namespace: metricStat.metric.namespace,
            name: metricStat.metric.name,
            dimensions: metricStat.metric.dimensions ?? {},
          },
        ]
      : [],
  );
}

export function alarmContributorOf(name: string): string {
  return `alarm ${name}: one contributor of it changed; the alarm itself sends an event when it changes`;
}

export function compositeAlarm(name: string): string {
  return `alarm ${name} is a composite alarm: it watches other alarms and names no resource`;
}
