import * as z from "zod/mini";
import { parseAs, parseTime } from "../../../shared/triggers/event-shape.ts";
import { lifecycleTrigger } from "./lifecycle-action.ts";
import type { EventForm } from "./trigger.ts";

const WHAT = "the lifecycle action";
const eventBridgeEvent = z.lazy(() => z.looseObject({ time: z.string(), detail: z.looseObject({}) }));

/** EventBridge, `aws.autoscaling`, `EC2 Instance-terminate Lifecycle Action`. */
export const lifecycleByEventBridge: EventForm = (event) => {
  if (event.source !== "aws.autoscaling") return undefined;
  const type = event["detail-type"];
  const { time, detail } = parseAs(eventBridgeEvent, event, WHAT);
  if (type === "EC2 Instance-terminate Lifecycle Action") {
    return [lifecycleTrigger(detail, parseTime(time, WHAT), WHAT)];
  }
  return [{ kind: "nothing", why: `the Auto Scaling event "${String(type)}" holds no termination` }];
};
