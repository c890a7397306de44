import { onTestFinished } from "vitest";
import { createClock } from "../../../sandbox/clock.ts";
import { createCloudWatch } from "../../../sandbox/cloudwatch/cloudwatch.ts";
import { recordDeliveries } from "../recorded-deliveries.ts";

export const START = Date.UTC(2026, 10, 21, 10, 0, 0);
export const MINUTE = 60_000;

/** A CloudWatch of its own at 10:00 on a clock that stands still, with its deliveries only noted. */
export function cloudWatchAt(start = START) {
  const errors: unknown[] = [];
  const clock = createClock({ speed: 0, start, onError: (error) => errors.push(error) });
  const deliveries = recordDeliveries();
  const cloudwatch = createCloudWatch({ clock, deliveries });
  onTestFinished(() => clock.stop());
  return { clock, deliveries, cloudwatch, errors };
}
