import { Misconfigured } from "../../../shared/lambda/errors.ts";
import { eventsOf } from "../../../shared/notify/events-of.ts";
import { notification } from "../../../shared/notify/notification.ts";
import type { ThreadEvent } from "../model.ts";

/**
 * What a message of the topic stands for, each with its place in its thread.
 *
 * @throws {Misconfigured} for a message that is no notification of this version
 */
export function threadEventsOf(body: string): readonly ThreadEvent[] {
  const parsed = notification.safeParse(parsedJson(body));
  if (!parsed.success) {
    throw new Misconfigured(
      "a message of the queue is no notification of Reflex: it is not delivered, and goes to the dead-letter queue",
    );
  }
  return eventsOf(parsed.data).map((one) => ({
    thread: one.incident?.id ?? one.id,
    sequence: one.incident?.sequence ?? 1,
    at: Date.parse(one.at),
    notification: one,
  }));
}

function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
