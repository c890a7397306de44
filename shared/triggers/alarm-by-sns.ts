import * as z from "zod/mini";
import { Misconfigured } from "../lambda/errors.ts";
import { alarmState, compositeAlarm } from "./alarm-metrics.ts";
import { parseAs, parseTime, senderOf } from "./event-shape.ts";
import type { AlarmMetric, Trigger, TriggerForm } from "./trigger.ts";

const snsRecord = z.lazy(() =>
  z.looseObject({
    EventSource: z.literal("aws:sns"),
    Sns: z.looseObject({ Message: z.string() }),
  }),
);

/** In a notification dimensions are a list of name and value, unlike in the two event shapes. */
const dimensions = z.lazy(() => z.array(z.looseObject({ name: z.string(), value: z.string() })));

const notification = z.lazy(() =>
  z.looseObject({
    AlarmName: z.string(),
    AlarmArn: z.string(),
    NewStateValue: alarmState,
    StateChangeTime: z.string(),
    AlarmRule: z.optional(z.string()),
    Trigger: z.optional(
      z.looseObject({
        Namespace: z.optional(z.nullable(z.string())),
        MetricName: z.optional(z.nullable(z.string())),
        Dimensions: z.optional(z.nullable(dimensions)),
        Metrics: z.optional(
          z.nullable(
            z.array(
              z.looseObject({
                MetricStat: z.optional(
                  z.looseObject({
                    Metric: z.looseObject({
                      Namespace: z.string(),
                      MetricName: z.string(),
                      Dimensions: z.optional(z.nullable(dimensions)),
                    }),
                  }),
                ),
              }),
            ),
          ),
        ),
      }),
    ),
  }),
);

type Notification = z.output<typeof notification>;

/** SNS -> Lambda. One event may hold several records, for several resources. */
export const alarmBySns: TriggerForm = (event) => {
  const { Records } = event;
  if (!Array.isArray(Records) || senderOf(Records) !== "aws:sns") return undefined;
  const triggers = Records.map((record, at) => fromRecord(record, `record ${at} of the SNS event`));
  const failures = triggers.flatMap((trigger) => (trigger.kind === "unreadable" ? [trigger.failure] : []));
  // With nothing readable in it, the event as a whole is what is wrong.
  if (failures.length === triggers.length)
    throw new Misconfigured(failures.map(({ message }) => message).join("; "));
  return triggers;
};

function fromRecord(record: unknown, where: string): Trigger {
  try {
    return fromMessage(parseAs(snsRecord, record, where).Sns.Message, where);
  } catch (error) {
    if (error instanceof Misconfigured) return { kind: "unreadable", failure: error };
    throw error;
  }
}

function fromMessage(message: string, where: string): Trigger {
  const alarm = parseAs(notification, parseJson(message, where), `the message in ${where}`);
  if (alarm.AlarmRule !== undefined) return { kind: "nothing", why: compositeAlarm(alarm.AlarmName) };
  return {
    kind: "alarm",
    via: "sns",
    alarmName: alarm.AlarmName,
    alarmArn: alarm.AlarmArn,
    state: alarm.NewStateValue,
    at: parseTime(alarm.StateChangeTime, `the message in ${where}`),
    metrics: metricsOf(alarm),
  };
}

function parseJson(message: string, where: string): unknown {
  try {
    return JSON.parse(message);
  } catch {
    throw new Misconfigured(
      `the message in ${where} is not JSON, so it is no alarm (it begins "${message.slice(0, 40)}"): nothing was looked at`,
    );
  }
}

function metricsOf({ Trigger }: Notification): AlarmMetric[] {
  if (!Trigger) return [];
  if (Trigger.Namespace && Trigger.MetricName) {
    return [
      { namespace: Trigger.Namespace, name: Trigger.MetricName, dimensions: asMap(Trigger.Dimensions ?? []) },
    ];
  }
  return (Trigger.Metrics ?? []).flatMap(({ MetricStat }) =>
    MetricStat
      ? [
          {
            namespace: MetricStat.Metric.Namespace,
            name: MetricStat.Metric.MetricName,
            dimensions: asMap(MetricStat.Metric.Dimensions ?? []),
          },
        ]
      : [],
  );
}

function asMap(list: z.output<typeof dimensions>): Record<string, string> {
  return Object.fromEntries(list.map(({ name, value }) => [name, value]));
}
