import type { SandboxClock } from "../clock/clock.ts";
import { MINUTE_MS } from "../cloudwatch/metrics/minute.ts";
import type { MetricStore } from "../cloudwatch/metrics/store.ts";
import type { Queue } from "./queue.ts";
import type { Sqs } from "./sqs.ts";

/** A queue that nobody has used for so long, and that holds nothing, is inactive: nothing is published of it. */
const INACTIVE_AFTER_MS = 6 * 60 * MINUTE_MS;

/** "There is a delay of up to 15 minutes in CloudWatch metrics when a queue is activated from an inactive state." */
const ACTIVATION_MS = 15 * MINUTE_MS;

/**
 * How much is in each queue and how old it is, every minute.
 * https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-available-cloudwatch-metrics.html
 */
export function publishDepths(
  sqs: Pick<Sqs, "queues">,
  metrics: Pick<MetricStore, "put">,
  clock: Pick<SandboxClock, "every" | "now">,
): void {
  const activations = createActivations();
  clock.every(MINUTE_MS, () => {
    for (const queue of sqs.queues()) {
      const now = clock.now();
      if (!activations.isPublished(queue, now)) continue;
      const { visible, hidden } = queue.counts();
      const put = (name: string, value: number, unit = "Count") =>
        metrics.put("AWS/SQS", name, { QueueName: queue.name }, { value }, unit, now);
      put("ApproximateNumberOfMessagesVisible", visible);
      put("ApproximateNumberOfMessagesNotVisible", hidden);
      const oldest = queue.messages()[0]?.sentAt ?? now;
      put("ApproximateAgeOfOldestMessage", Math.floor((now - oldest) / 1000), "Seconds");
    }
  });
}

/** Remembers when each queue became active; one is new at its first minute, and active from then on. */
function createActivations() {
  const since = new Map<string, { activeSince: number; lastActive: number }>();
  return {
    isPublished(queue: Queue, now: number): boolean {
      const isNew = !since.has(queue.name);
      const known = since.get(queue.name) ?? { activeSince: now - ACTIVATION_MS, lastActive: now };
      const lastUse = queue.messages().length > 0 ? now : Math.max(known.lastActive, queue.lastUsedAt());
      const wasInactive = !isNew && lastUse - known.lastActive > INACTIVE_AFTER_MS;
      const activeSince = wasInactive ? now : known.activeSince;
      since.set(queue.name, { activeSince, lastActive: lastUse });
      return now - lastUse <= INACTIVE_AFTER_MS && now - activeSince >= ACTIVATION_MS;
    },
  };
}
