import type { BusEvent, Deliveries, TopicMessage } from "../../sandbox/deliveries.ts";

export interface RecordedDeliveries extends Deliveries {
  readonly functions: { arn: string; event: unknown }[];
  readonly topics: { arn: string; message: TopicMessage }[];
  readonly events: BusEvent[];
}

/** Deliveries that only note what they were given. */
export function recordDeliveries(): RecordedDeliveries {
  const functions: RecordedDeliveries["functions"] = [];
  const topics: RecordedDeliveries["topics"] = [];
  const events: BusEvent[] = [];
  return {
    functions,
    topics,
    events,
    toFunction: async (arn, event) => void functions.push({ arn, event }),
    toTopic: async (arn, message) => void topics.push({ arn, message }),
    toBus: async (event) => void events.push(event),
  };
}
