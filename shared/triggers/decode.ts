import { Misconfigured } from "../lambda/errors.ts";
import { alarmByEventBridge } from "./alarm-by-eventbridge.ts";
import { alarmBySns } from "./alarm-by-sns.ts";
import { alarmDirect } from "./alarm-direct.ts";
import { decodeByForm, describeEvent } from "./event-shape.ts";
import { manual } from "./manual.ts";
import { schedule } from "./schedule.ts";
import type { Trigger, TriggerForm } from "./trigger.ts";

/** In this order: the first form that knows the event decodes it. */
const FORMS: readonly TriggerForm[] = [alarmBySns, alarmByEventBridge, alarmDirect, schedule, manual];

/** The forms in words. */
const KNOWN =
  'a CloudWatch alarm by SNS, by EventBridge or directly, an EventBridge schedule, and { "<resource>": "<name>" } by hand';

/**
 * Decodes any event that may wake an automation. A form that is known but wrong, and an event of no known
 * form, are `Misconfigured` and name what was seen.
 *
 * @param known what an event could have been, for the error
 */
export function decodeTriggers(event: unknown, known = KNOWN): Trigger[] {
  const triggers = decodeByForm(event, FORMS);
  if (triggers) return triggers;
  throw new Misconfigured(
    `the event is no trigger Reflex knows (${describeEvent(event)}): nothing was looked at. Known are ${known}`,
  );
}
