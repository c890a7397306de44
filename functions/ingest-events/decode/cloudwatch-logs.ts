import { type Decoded, type Origin, Unfit } from "./event.ts";
import { isObject, type JsonObject, toJson } from "./json.ts";
import type { OpenBudget } from "./open.ts";

/**
 * The events of one message of a CloudWatch Logs subscription: `id`, `timestamp`, `message`, and of its envelope
 * `logGroup`, `logStream` and `owner`. A control message, by which CloudWatch tries the stream, holds none.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/SubscriptionFilters.html
 * @throws Unfit if it is no such message, or holds too many events.
 */
export function* logEvents(origin: Origin, message: JsonObject, budget: OpenBudget): Generator<Decoded> {
  const { messageType, logEvents: events, logGroup, logStream, owner } = message;
  if (messageType === "CONTROL_MESSAGE") {
    yield { origin, dropped: "control-message" };
    return;
  }
  // A redriven event comes by itself.
  if (origin.eventNumber !== undefined && messageType === undefined) {
    yield { origin, event: message };
    return;
  }
  if (messageType !== "DATA_MESSAGE" || !Array.isArray(events)) {
    throw new Unfit(
      "not-json",
      "no message of a CloudWatch Logs subscription: no DATA_MESSAGE with logEvents",
    );
  }
  budget.takeEvents(events.length);
  const envelope = Object.fromEntries(
    Object.entries({ logGroup, logStream, owner }).filter((entry) => entry[1] !== undefined),
  );
  for (const [eventNumber, found] of events.entries()) {
    const event = { ...envelope, ...(isObject(found) ? found : { message: found }) } as JsonObject;
    yield { origin: { ...origin, eventNumber, payload: Buffer.from(toJson(event)) }, event };
  }
  if (events.length === 0) yield { origin, dropped: "no-events" };
}
