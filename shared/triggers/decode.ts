import { Misconfigured } from "../lambda/errors.ts";
import { alarmByEventBridge } from "./alarm-by-eventbridge.ts";
import { alarmBySns } from "./alarm-by-sns.ts";
import { alarmDirect } from "./alarm-direct.ts";
import { describeEvent, type UnknownEvent } from "./event-shape.ts";
import { manual } from "./manual.ts";
import { schedule } from "./schedule.ts";
import type { Trigger } from "./trigger.ts";

/** One shape of event: its triggers, or undefined when the event is none of this shape. */
export type Shape = (event: UnknownEvent) => Trigger[] | undefined;

/** In this order: the first shape that knows the event decodes it. */
const SHAPES: readonly Shape[] = [alarmBySns, alarmByEventBridge, alarmDirect, schedule, manual];

/** The shapes in words. */
const KNOWN =
  'a CloudWatch alarm by SNS, by EventBridge or directly, an EventBridge schedule, and { "<resource>": "<name>" } by hand';

/**
 * Decodes any event that may wake an automation. A shape that is known but wrong, and an event of no known
 * shape, are `Misconfigured` and name what was seen.
 *
 * @param known what an event could have been, for the error
 */
export function decodeTriggers(event: unknown, known = KNOWN): Trigger[] {
  if (typeof event === "object" && event !== null && !Array.isArray(event)) {
    const seen: UnknownEvent = { ...event };
    for (const shape of SHAPES) {
      const triggers = shape(seen);
      if (triggers) return triggers;
    }
  }
  throw new Misconfigured(
    `the event is no trigger Reflex knows (${describeEvent(event)}): nothing was looked at. Known are ${known}`,
  );
}
