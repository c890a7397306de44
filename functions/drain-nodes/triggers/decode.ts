import { Misconfigured } from "../../../shared/lambda/errors.ts";
import { decodeTriggers } from "../../../shared/triggers/decode.ts";
import { decodeByForm, describeEvent } from "../../../shared/triggers/event-shape.ts";
import { drainOrder } from "./drain-order.ts";
import { lifecycleByEventBridge } from "./lifecycle-by-eventbridge.ts";
import { lifecycleBySns } from "./lifecycle-by-sns.ts";
import { rebalanceRecommendation } from "./rebalance-recommendation.ts";
import { spotInterruption } from "./spot-interruption.ts";
import type { DrainTrigger, EventForm } from "./trigger.ts";

/** In this order: the first form that knows the event decodes it. */
const FORMS: readonly EventForm[] = [
  drainOrder,
  lifecycleByEventBridge,
  lifecycleBySns,
  spotInterruption,
  rebalanceRecommendation,
];

/** The forms in words, and those that all automations know. */
const KNOWN =
  "a lifecycle hook's event by EventBridge or SNS, a Spot interruption warning, a rebalance recommendation, the order of " +
  'scale-node-pools, an EventBridge schedule, and { "nodePool": "<name>" } by hand';

/** Decodes any event that triggers drain-nodes. Throws Misconfigured that names what was seen. */
export function decodeDrainTriggers(event: unknown): DrainTrigger[] {
  const triggers = decodeByForm(event, FORMS);
  if (triggers) return triggers;
  return decodeTriggers(event, KNOWN).map((trigger) => {
    if (trigger.kind !== "alarm") return trigger;
    throw new Misconfigured(
      `alarm ${trigger.alarmName} was sent to drain-nodes, which no alarm triggers (${describeEvent(event)}): point it at ` +
        "scale-node-pools; nothing was looked at",
    );
  });
}
