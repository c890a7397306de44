import { Misconfigured } from "../../../shared/lambda/errors.ts";
import { decodeTriggers } from "../../../shared/triggers/decode.ts";
import { describeEvent, type UnknownEvent } from "../../../shared/triggers/event-shape.ts";
import { order } from "./drain-order.ts";
import { lifecycleByEventBridge } from "./lifecycle-by-eventbridge.ts";
import { lifecycleBySns } from "./lifecycle-by-sns.ts";
import { rebalanceRecommendation } from "./rebalance-recommendation.ts";
import { spotInterruption } from "./spot-interruption.ts";
import type { DrainTrigger } from "./trigger.ts";

/** One shape of event: its triggers, or undefined when the event is none of this shape. */
export type DrainShape = (event: UnknownEvent) => DrainTrigger[] | undefined;

/** In this order: the first shape that knows the event decodes it. */
const SHAPES: readonly DrainShape[] = [
  order,
  lifecycleByEventBridge,
  lifecycleBySns,
  spotInterruption,
  rebalanceRecommendation,
];

/** The shapes in words, and those that all automations know. */
const KNOWN =
  "a lifecycle hook's event by EventBridge or SNS, a Spot interruption warning, a rebalance recommendation, the order of " +
  'scale-node-pools, an EventBridge schedule, and { "nodePool": "<name>" } by hand';

/** Decodes any event that may wake drain-nodes. Throws Misconfigured that names what was seen. */
export function decodeDrainTriggers(event: unknown): DrainTrigger[] {
  if (typeof event === "object" && event !== null && !Array.isArray(event)) {
    const seen: UnknownEvent = { ...event };
    for (const shape of SHAPES) {
      const triggers = shape(seen);
      if (triggers) return triggers;
    }
  }
  return decodeTriggers(event, KNOWN).map((trigger) => {
    if (trigger.kind !== "alarm") return trigger;
    throw new Misconfigured(
      `alarm ${trigger.alarmName} was sent to drain-nodes, which no alarm wakes (${describeEvent(event)}): point it at ` +
        "scale-node-pools; nothing was looked at",
    );
  });
}
