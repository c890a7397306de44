import * as z from "zod/mini";
import { Misconfigured } from "../../../shared/lambda/errors.ts";
import { describeEvent, parseAs } from "../../../shared/triggers/event-shape.ts";

/** A message of the queue. */
export interface QueueMessage {
  readonly id: string;
  readonly receipt: string;
  readonly body: string;
  /** How often it was received, this time included. */
  readonly receives: number;
}

export type Trigger =
  | { readonly kind: "messages"; readonly queueArn: string; readonly messages: readonly QueueMessage[] }
  | { readonly kind: "test"; readonly route: string; readonly mode: "act" | "observe" }
  /** An event that is known, and about which nothing is done. */
  | { readonly kind: "nothing" };

const sqsEvent = z.looseObject({
  Records: z.array(
    z.looseObject({
      messageId: z.string(),
      receiptHandle: z.string(),
      body: z.string(),
      attributes: z.looseObject({ ApproximateReceiveCount: z.string() }),
      eventSource: z.literal("aws:sqs"),
      eventSourceARN: z.string(),
    }),
  ),
});

const testEvent = z.strictObject({ route: z.string(), mode: z.optional(z.literal("observe")) });

/** @throws {Misconfigured} for an event that is neither a batch of the queue nor `{ "route": "<name>" }` */
export function decodeTrigger(event: unknown): Trigger {
  const seen = typeof event === "object" && event !== null ? event : {};
  if ("Records" in seen) {
    const { Records } = parseAs(sqsEvent, event, "the batch of the queue");
    return {
      kind: "messages",
      queueArn: Records[0]?.eventSourceARN ?? "",
      messages: Records.map(({ messageId, receiptHandle, body, attributes }) => ({
        id: messageId,
        receipt: receiptHandle,
        body,
        receives: Number(attributes.ApproximateReceiveCount),
      })),
    };
  }
  if ("route" in seen) {
    const { route, mode = "act" } = parseAs(testEvent, event, "the test of a route");
    return { kind: "test", route, mode };
  }
  if ("detail-type" in seen && seen["detail-type"] === "CloudWatch Alarm Configuration Change")
    return { kind: "nothing" };
  throw new Misconfigured(
    `the event is neither a batch of the queue nor { "route": "<name>" } (${describeEvent(event)}): nothing was delivered`,
  );
}
