import * as z from "zod/mini";
import { parseAs, parseTime } from "./event-shape.ts";
import type { TriggerForm } from "./trigger.ts";

const scheduledEvent = z.lazy(() =>
  z.looseObject({
    time: z.string(),
    resources: z.tuple([z.string()], z.string()),
  }),
);

/** A tick of an EventBridge rule with a schedule expression. */
export const schedule: TriggerForm = (event) => {
  if (event.source !== "aws.events" || event["detail-type"] !== "Scheduled Event") return undefined;
  const { time, resources } = parseAs(scheduledEvent, event, "the scheduled event");
  return [{ kind: "schedule", at: parseTime(time, "the scheduled event"), rule: resources[0] }];
};
