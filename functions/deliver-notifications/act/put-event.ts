import type { EventBridgeClient } from "@aws-sdk/client-eventbridge";
import { clientOptions } from "../../../shared/aws/client-options.ts";
import { asFailure } from "../../../shared/aws/failure.ts";
import type { Run } from "../../../shared/lambda/run.ts";
import type { SingleNotification } from "../../../shared/notify/events-of.ts";
import { traced } from "../../../shared/tracing/aws-calls.ts";

/** As rules match it: docs/notifications/eventbridge.md. */
export const SOURCE = "reflex";
export const DETAIL_TYPE = "Reflex Notification";

let client: Promise<EventBridgeClient> | undefined;

/** Loaded when the first event is put: only some configs name a bus. */
export function eventBridgeClient(): Promise<EventBridgeClient> {
  client ??= import("@aws-sdk/client-eventbridge").then((sdk) =>
    traced(new sdk.EventBridgeClient(clientOptions())),
  );
  return client;
}

/** Puts a notification on an event bus. An entry that the bus refuses is an answer of 200. */
export async function putEvent(
  client: EventBridgeClient,
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
  const { PutEventsCommand } = await import("@aws-sdk/client-eventbridge");
  try {
    const { Entries = [], FailedEntryCount = 0 } = await client.send(
      new PutEventsCommand({ Entries: [entry] }),
      {
        abortSignal: signal,
      },
    );
    const [answer] = Entries;
    if (FailedEntryCount === 0 && answer?.ErrorCode === undefined) return;
    const { ErrorCode = "InternalFailure", ErrorMessage = "the bus did not take it" } = answer ?? {};
    throw Object.assign(new Error(ErrorMessage), { name: ErrorCode });
  } catch (error) {
    throw asFailure(error, "events:PutEvents", bus);
  }
}
