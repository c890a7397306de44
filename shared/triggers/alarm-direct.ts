import * as z from "zod/mini";
import { alarmChange, triggerOf } from "./alarm-metrics.ts";
import { parseAs } from "./event-shape.ts";
import type { TriggerForm } from "./trigger.ts";

const alarmAction = z.lazy(() => z.looseObject({ alarmArn: z.string(), alarmData: alarmChange }));

/** An alarm whose action is the function itself. */
export const alarmDirect: TriggerForm = (event) => {
  if (!("alarmArn" in event && "alarmData" in event)) return undefined;
  const { alarmArn, alarmData } = parseAs(alarmAction, event, "the alarm action");
  return [triggerOf(alarmData, alarmArn, "direct")];
};
