import * as z from "zod/mini";
import { Misconfigured } from "../../../shared/lambda/errors.ts";
import { parseTime, type UnknownEvent } from "../../../shared/triggers/event-shape.ts";
import { lifecycleTrigger } from "./lifecycle-action.ts";
import type { DrainTrigger, EventForm } from "./trigger.ts";

const WHAT = "the lifecycle action by SNS";
const snsEvent = z.lazy(() =>
  z.looseObject({
    Records: z.array(
      z.looseObject({
        EventSource: z.literal("aws:sns"),
        Sns: z.looseObject({ Message: z.string(), Timestamp: z.string() }),
      }),
    ),
  }),
);

/**
 * A lifecycle hook with an SNS topic as its notification target. Setting one up sends
 * `autoscaling:TEST_NOTIFICATION` once, by which nothing is to be done.
 */
export const lifecycleBySns: EventForm = (event) => {
  const parsed = snsEvent.safeParse(event);
  if (!parsed.success) return undefined;
  const messages = parsed.data.Records.map(({ Sns }) => ({ body: readJson(Sns.Message), at: Sns.Timestamp }));
  if (!messages.some(({ body }) => isAutoScaling(body))) return undefined;
  return messages.map(({ body, at }) => fromMessage(body, at));
};

function fromMessage(body: UnknownEvent, at: string): DrainTrigger {
  if (body.Event === "autoscaling:TEST_NOTIFICATION") {
    return { kind: "nothing", why: `group ${String(body.AutoScalingGroupName)} tests its notifications` };
  }
  if ("LifecycleTransition" in body) return lifecycleTrigger(body, parseTime(at, WHAT), WHAT);
  if (isAutoScaling(body)) {
    return {
      kind: "nothing",
      why: `the Auto Scaling notification "${String(body.Event)}" holds no termination`,
    };
  }
  const keys = Object.keys(body).join(", ") || "none";
  return {
    kind: "unreadable",
    failure: new Misconfigured(`one of the SNS messages is no Auto Scaling notification (keys: ${keys})`),
  };
}

const isAutoScaling = (body: UnknownEvent): boolean => "AutoScalingGroupName" in body;

function readJson(text: string): UnknownEvent {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" ? { ...value } : {};
  } catch {
    return {};
  }
}
