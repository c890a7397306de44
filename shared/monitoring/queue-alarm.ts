import type { AlarmSpec } from "./alarm.ts";
import { ofQueue } from "./metric.ts";

/**
 * A queue in which nothing should be has something in it. SQS publishes nothing for a queue that nobody has touched
 * for six hours, whatever is in it: the alarm then stays as it is.
 */
export function queueNotEmptyAlarm(
  queue: string,
  stage: string,
  { title, description }: Pick<AlarmSpec, "title" | "description">,
): AlarmSpec {
  return {
    name: `${queue}-not-empty`,
    title,
    description,
    severity: "ticket",
    of: ofQueue(`reflex-${stage}-${queue}`, "ApproximateNumberOfMessagesVisible", "Maximum"),
    rule: {
      comparison: "GreaterThanThreshold",
      threshold: 0,
      period: 60,
      datapoints: 1,
      among: 1,
      treatMissing: "ignore",
    },
  };
}
