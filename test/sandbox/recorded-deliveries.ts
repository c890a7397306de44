import type { BusEvent, Deliveries, TopicMessage } from "../../sandbox/deliveries.ts";

export interface RecordedDeliveries extends Deliveries {
  readonly functions: { arn: string; event: unknown }[];
  readonly topics: { arn: string; message: TopicMessage }[];
  readonly queues: { arn: string; body: string }[];
  readonly events: BusEvent[];
}

/** Deliveries that only note what they were given. */
export function recordDeliveries(): RecordedDeliveries {
  const functions: RecordedDeliveries["functions"] = [];
  const topics: RecordedDeliveries["topics"] = [];
  const queues: RecordedDeliveries["queues"] = [];
  const events: BusEvent[] = [];
  return {
    functions,
    topics,
    queues,
    events,
    toFunction: async (arn, event) => void functions.push({ arn, event }),
    toTopic: async (arn, message) => void topics.push({ arn, message }),
    toQueue: async (arn, body) => void queues.push({ arn, body }),
    toBus: async (event) => void events.push(event),
  };
}
