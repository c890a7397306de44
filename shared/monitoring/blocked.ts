import type { AlarmSpec } from "./alarm.ts";
import { atLeastOne } from "./function-alarms.ts";
import { reflexMetric } from "./metric.ts";

/**
 * Something needs a person. It stands for an hour after it was last seen, since a resource may be looked at as
 * seldom as that.
 */
export function blockedAlarm(automation: string, what: string): AlarmSpec {
  return {
    name: `${automation}-blocked`,
    heading: "Automation blocked",
    says: `${automation} wants to act and cannot: ${what} until a person changes something.`,
    of: reflexMetric(automation, "Blocked", "Sum"),
    rule: atLeastOne({ period: 300, datapoints: 1, among: 12 }),
  };
}
