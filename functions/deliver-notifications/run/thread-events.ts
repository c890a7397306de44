import { Misconfigured } from "../../../shared/lambda/errors.ts";
import type { Run } from "../../../shared/lambda/run.ts";
import { eventsOf } from "../../../shared/notify/events-of.ts";
import { notification } from "../../../shared/notify/notification.ts";
import { planAlarm } from "../decide/alarm-incidents.ts";
import type { ThreadEvent } from "../model.ts";
import { alarmThreadEvent, keyOfAlarm } from "../notify/alarm-notification.ts";
import { alarmChangeOf } from "../triggers/alarm-change.ts";
import type { Dependencies } from "./dependencies.ts";

/**
 * What a message of the queue stands for, each event with its place in its thread: the notifications of the topic
 * `notify`, and what an alarm on Reflex itself makes known.
 *
 * @throws {Misconfigured} for a message that is neither a notification of this version nor an alarm
 */
export async function threadEventsOf(
  body: string,
  run: Run,
  { alarms, placeOf }: Pick<Dependencies, "alarms" | "placeOf">,
): Promise<readonly ThreadEvent[]> {
  const message = parsedJson(body);
  const change = alarmChangeOf(message);
  if (!change) return notificationEvents(message);
  if (change === "covered") return [];
  const events = await alarms.update(
    keyOfAlarm(change),
    (before) => planAlarm(before, change),
    run.clock.now(),
    run.signal,
  );
  if (events.length === 0) run.log.info(`${change.alarm}: ${change.state}, which is no news`);
  return events.map((event) => alarmThreadEvent(change, event, placeOf(run)));
}

/** @throws {Misconfigured} */
export function notificationEvents(message: unknown): readonly ThreadEvent[] {
  const parsed = notification.safeParse(message);
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
