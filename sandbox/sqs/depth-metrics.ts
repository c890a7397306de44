import type { SandboxClock } from "../clock.ts";
import type { MetricStore } from "../cloudwatch/metrics/store.ts";
import type { Sqs } from "./sqs.ts";

const MINUTE_MS = 60_000;

/**
 * How much is in each queue, every minute. AWS publishes it for queues that were touched in the last six hours; here
 * for all.
 * https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-available-cloudwatch-metrics.html
 */
export function publishDepths(
  sqs: Pick<Sqs, "queues">,
  metrics: Pick<MetricStore, "put">,
  clock: Pick<SandboxClock, "every" | "now">,
): void {
  clock.every(MINUTE_MS, () => {
    for (const queue of sqs.queues()) {
      const { visible, hidden } = queue.counts();
      const put = (name: string, value: number) =>
        metrics.put("AWS/SQS", name, { QueueName: queue.name }, { value }, "Count", clock.now());
      put("ApproximateNumberOfMessagesVisible", visible);
      put("ApproximateNumberOfMessagesNotVisible", hidden);
    }
  });
}
