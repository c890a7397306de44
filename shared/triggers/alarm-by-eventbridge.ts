import * as z from "zod/mini";
import { alarmChange, triggerOf } from "./alarm-metrics.ts";
import type { Shape } from "./decode.ts";
import { parseAs } from "./seen.ts";
import type { Trigger } from "./trigger.ts";

const stateChange = z.looseObject({
  resources: z.tuple([z.string()], z.string()),
  detail: alarmChange,
});

const named = z.looseObject({ detail: z.looseObject({ alarmName: z.optional(z.string()) }) });

/** Events of CloudWatch on EventBridge; state changes of metric alarms are triggers, the others never. */
export const alarmByEventBridge: Shape = (event) => {
  if (event.source !== "aws.cloudwatch") return undefined;
  switch (event["detail-type"]) {
    case "CloudWatch Alarm State Change": {
      const { resources, detail } = parseAs(stateChange, event, "the CloudWatch Alarm State Change event");
      return [triggerOf(detail, resources[0], "eventbridge")];
    }
    case "CloudWatch Alarm Contributor State Change":
      return [nothing(event, "one contributor of it changed; the alarm itself tells when it changes")];
    case "CloudWatch Alarm Configuration Change":
      return [nothing(event, "its configuration was changed, which says nothing about the resource")];
    default:
      return undefined;
  }
};

function nothing(event: unknown, why: string): Trigger {
  const { detail } = parseAs(named, event, "the CloudWatch event");
  return { kind: "nothing", why: `alarm ${detail.alarmName ?? "(unnamed)"}: ${why}` };
}
