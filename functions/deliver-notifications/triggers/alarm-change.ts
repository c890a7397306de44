import * as z from "zod/mini";
import { alarmState } from "../../../shared/triggers/alarm-metrics.ts";
import { parseTime } from "../../../shared/triggers/event-shape.ts";
import type { AlarmChange } from "../model.ts";

const nullableText = z._default(z.nullable(z.string()), "");

/** What an alarm publishes to its topic, on a metric, on others (`AlarmRule` in place of `Trigger`), or for one series. */
const topicMessage = z.looseObject({
  AlarmName: z.string(),
  AlarmDescription: nullableText,
  NewStateValue: alarmState,
  NewStateReason: nullableText,
  StateChangeTime: z.string(),
  AlarmContributorAttributes: z.optional(z.looseObject({ Resource: z.optional(z.string()) })),
  Trigger: z.optional(
    z.looseObject({
      Metrics: z.optional(z.array(z.looseObject({ Expression: z.optional(nullableText) }))),
    }),
  ),
});

const alarmDetail = {
  alarmName: z.string(),
  state: z.looseObject({ value: alarmState, timestamp: z.string(), reason: nullableText }),
  configuration: z.optional(z.looseObject({ description: z.optional(nullableText) })),
};

/** What CloudWatch puts on the event bus when a state changes, of the alarm or of one of its series. */
const stateEvent = z.looseObject({
  "detail-type": z.enum(["CloudWatch Alarm State Change", "CloudWatch Alarm Contributor State Change"]),
  detail: z.looseObject({
    ...alarmDetail,
    alarmContributor: z.optional(
      z.looseObject({ attributes: z.optional(z.looseObject({ Resource: z.optional(z.string()) })) }),
    ),
  }),
});

const deletedEvent = z.looseObject({
  "detail-type": z.literal("CloudWatch Alarm Configuration Change"),
  time: z.string(),
  detail: z.looseObject({ ...alarmDetail, operation: z.literal("delete") }),
});

const WHERE = "the alarm in the queue";

/**
 * The change of an alarm that a message of the queue reports, in the form of the alarm's topic or of the event bus;
 * undefined for a message that is not of an alarm. `covered`: of an alarm that groups, as a whole; each of its resources makes itself known.
 *
 * @throws {Misconfigured} for a time that is none
 */
export function alarmChangeOf(message: unknown): AlarmChange | "covered" | undefined {
  const published = topicMessage.safeParse(message);
  if (published.success) {
    const { AlarmName, AlarmDescription, NewStateValue, NewStateReason, StateChangeTime } = published.data;
    const { AlarmContributorAttributes: contributor, Trigger } = published.data;
    const isGrouped = Trigger?.Metrics?.some(({ Expression }) => / GROUP BY /.test(Expression ?? ""));
    if (isGrouped && !contributor) return "covered";
    return {
      alarm: AlarmName,
      resource: contributor?.Resource,
      state: NewStateValue === "OK" ? "ok" : "bad",
      at: parseTime(StateChangeTime, WHERE),
      description: AlarmDescription ?? "",
      reason: NewStateReason ?? "",
    };
  }
  const changed = stateEvent.safeParse(message);
  if (changed.success) {
    const { alarmName, state, configuration, alarmContributor } = changed.data.detail;
    return {
      alarm: alarmName,
      resource: alarmContributor?.attributes?.Resource,
      state: state.value === "OK" ? "ok" : "bad",
      at: parseTime(state.timestamp, WHERE),
      description: configuration?.description ?? "",
      reason: state.reason ?? "",
    };
  }
  const deleted = deletedEvent.safeParse(message);
  if (!deleted.success) return undefined;
  const { time, detail } = deleted.data;
  return {
    alarm: detail.alarmName,
    state: "deleted",
    at: parseTime(time, WHERE),
    description: detail.configuration?.description ?? "",
    reason: "The alarm was deleted.",
  };
}
