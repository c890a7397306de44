import type { EventBridge } from "@aws-sdk/client-eventbridge";
import { asFailure } from "../../../shared/aws/failure.ts";
import type { Run } from "../../../shared/lambda/run.ts";
import type { SingleNotification } from "../../../shared/notify/events-of.ts";

/** As rules match it: docs/notifications/eventbridge.md. */
export const SOURCE = "reflex";
export const DETAIL_TYPE = "Reflex Notification";

/** Puts a notification on an event bus. An entry that the bus refuses is an answer of 200. */
export async function putEvent(
  client: Pick<EventBridge, "putEvents">,
  bus: string,
  notification: SingleNotification,
  { signal }: Pick<Run, "signal">,
): Promise<void> {
  const entry = {
    EventBusName: bus,
    Source: SOURCE,
    DetailType: DETAIL_TYPE,
    Time: new Date(notification.at),
    Detail: JSON.stringify(notification),
  };
  try {
    const input = { Entries: [entry] };
    const { Entries = [], FailedEntryCount = 0 } = await client.putEvents(input, { abortSignal: signal });
    const [answer] = Entries;
    if (FailedEntryCount === 0 && answer?.ErrorCode === undefined) return;
    const { ErrorCode = "InternalFailure", ErrorMessage = "the bus did not take it" } = answer ?? {};
    throw Object.assign(new Error(ErrorMessage), { name: ErrorCode });
  } catch (error) {
    throw asFailure(error, "events:PutEvents", bus);
  }
}
