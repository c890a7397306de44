import * as z from "zod/mini";
import { alarmChange, alarmContributorOf, triggerOf } from "./alarm-metrics.ts";
import { parseAs } from "./event-shape.ts";
import type { TriggerForm } from "./trigger.ts";

const stateChange = z.lazy(() =>
  z.looseObject({
    resources: z.tuple([z.string()], z.string()),
    detail: alarmChange,
  }),
);

const named = z.lazy(() => z.looseObject({ detail: z.looseObject({ alarmName: z.optional(z.string()) }) }));

/** Events of CloudWatch on EventBridge; state changes of metric alarms are triggers, the others never. */
export const alarmByEventBridge: TriggerForm = (event) => {
  if (event.source !== "aws.cloudwatch") return undefined;
  switch (event["detail-type"]) {
    case "CloudWatch Alarm State Change": {
      const { resources, detail } = parseAs(stateChange, event, "the CloudWatch Alarm State Change event");
      return [triggerOf(detail, resources[0], "eventbridge")];
    }
    case "CloudWatch Alarm Contributor State Change":
      return [{ kind: "nothing", why: alarmContributorOf(alarmNameOf(event)) }];
    case "CloudWatch Alarm Configuration Change":
      return [
        {
          kind: "nothing",
          why: `alarm ${alarmNameOf(event)}: its configuration was changed, which says nothing about the resource`,
        },
      ];
    default:
      return undefined;
  }
};

function alarmNameOf(event: unknown): string {
  return parseAs(named, event, "the CloudWatch event").detail.alarmName ?? "(unnamed)";
}
