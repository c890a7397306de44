import { onTestFinished } from "vitest";
import { createClock } from "../../../sandbox/clock/clock.ts";
import { createCloudWatch } from "../../../sandbox/cloudwatch/cloudwatch.ts";
import { NO_METRIC_DELAY } from "../../../sandbox/cloudwatch/metrics/publication.ts";
import { recordDeliveries } from "../recorded-deliveries.ts";

export const START = Date.UTC(2026, 10, 21, 10, 0, 0);
export const MINUTE = 60_000;

/**
 * A CloudWatch of its own at 10:00 on a clock that stands still, with its deliveries only noted. Metrics of AWS's are
 * there at once, unless the test is about their delay.
 */
export function cloudWatchAt(start = START, metricDelay = NO_METRIC_DELAY) {
  const errors: unknown[] = [];
  const clock = createClock({ speed: 0, start, onError: (error) => errors.push(error) });
  const deliveries = recordDeliveries();
  const cloudwatch = createCloudWatch({ clock, deliveries, metricDelay });
  onTestFinished(() => clock.stop());
  return { clock, deliveries, cloudwatch, errors };
}
