import * as z from "zod/mini";
import { alarmConfiguration, alarmState, compositeAlarm, metricsOf } from "./alarm-metrics.ts";
import type { Shape } from "./decode.ts";
import { parseAs, parseTime } from "./seen.ts";
import type { Trigger } from "./trigger.ts";

const stateChange = z.looseObject({
  resources: z.array(z.string()).check(z.minLength(1)),
  detail: z.looseObject({
    alarmName: z.string(),
    state: z.looseObject({ value: alarmState, timestamp: z.string() }),
    configuration: z.optional(alarmConfiguration),
    muteDetail: z.optional(z.unknown()),
  }),
});

const named = z.looseObject({ detail: z.looseObject({ alarmName: z.optional(z.string()) }) });

/** Events of CloudWatch on EventBridge; state changes of metric alarms are triggers, the others never. */
export const alarmByEventBridge: Shape = (event) => {
  if (event.source !== "aws.cloudwatch") return undefined;
  switch (event["detail-type"]) {
    case "CloudWatch Alarm State Change":
      return [fromStateChange(parseAs(stateChange, event, "the CloudWatch Alarm State Change event"))];
    case "CloudWatch Alarm Contributor State Change":
      return [nothing(event, "one contributor of it changed; the alarm itself tells when it changes")];
    case "CloudWatch Alarm Configuration Change":
      return [nothing(event, "its configuration was changed, which says nothing about the resource")];
    default:
      return undefined;
  }
};

function fromStateChange({ resources, detail }: z.output<typeof stateChange>): Trigger {
  const { alarmName, state, configuration, muteDetail } = detail;
  if (configuration?.alarmRule !== undefined) return { kind: "nothing", why: compositeAlarm(alarmName) };
  if (muteDetail !== undefined) {
    return { kind: "nothing", why: `alarm ${alarmName} is muted: a person asked that it starts no action` };
  }
  return {
    kind: "alarm",
    via: "eventbridge",
    alarmName,
    alarmArn: resources[0] ?? "",
    state: state.value,
    at: parseTime(state.timestamp, `the state change of alarm ${alarmName}`),
    metrics: configuration ? metricsOf(configuration) : [],
  };
}

function nothing(event: unknown, why: string): Trigger {
  const { detail } = parseAs(named, event, "the CloudWatch event");
  return { kind: "nothing", why: `alarm ${detail.alarmName ?? "(unnamed)"}: ${why}` };
}
