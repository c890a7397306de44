import type { AlarmSpec } from "./alarm.ts";
import { atLeastOne } from "./function-alarms.ts";
import { reflexMetric } from "./metric.ts";

/**
 * Something needs a person. The alarm stays up for an hour after it was last seen, since a resource may be observed as
 * seldom as that.
 */
export function blockedAlarm(automation: string, what: string): AlarmSpec {
  return {
    name: `${automation}-blocked`,
    title: "Automation blocked",
    description: `${automation} needs to act and cannot: ${what}. A person has to change something.`,
    of: reflexMetric(automation, "Blocked", "Sum"),
    rule: atLeastOne({ period: 300, datapoints: 1, among: 12 }),
  };
}
