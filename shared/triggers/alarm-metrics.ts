import * as z from "zod/mini";
import type { AlarmMetric } from "./trigger.ts";

/** Alarm states as CloudWatch writes them in every shape. */
export const alarmState = z.enum(["OK", "ALARM", "INSUFFICIENT_DATA"]);

/**
 * `configuration` of an alarm in an EventBridge event and in a direct alarm action: metrics with dimensions
 * as a map, expressions without any, in any order.
 */
export const alarmConfiguration = z.looseObject({
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
});

/** The metrics of a `configuration`; expressions name no resource and are passed over. */
export function metricsOf(configuration: z.output<typeof alarmConfiguration>): AlarmMetric[] {
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

export function compositeAlarm(name: string): string {
  return `alarm ${name} is a composite alarm: it watches other alarms and names no resource`;
}
