import * as z from "zod/mini";
import { alarmChange, triggerOf } from "./alarm-metrics.ts";
import type { Shape } from "./decode.ts";
import { parseAs } from "./event-shape.ts";

const alarmAction = z.looseObject({ alarmArn: z.string(), alarmData: alarmChange });

/** An alarm whose action is the function itself. */
export const alarmDirect: Shape = (event) => {
  if (!("alarmArn" in event && "alarmData" in event)) return undefined;
  const { alarmArn, alarmData } = parseAs(alarmAction, event, "the alarm action");
  return [triggerOf(alarmData, alarmArn, "direct")];
};
