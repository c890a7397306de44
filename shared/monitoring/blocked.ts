import type { WatchAlarm } from "./alarm.ts";
import { atLeastOne } from "./function-alarms.ts";
import { own } from "./metric.ts";

/**
 * Something needs a person. It stands for an hour after it was last seen, since a resource may be looked at as
 * seldom as that.
 */
export function blocked(automation: string, what: string): WatchAlarm {
  return {
    name: `${automation}-blocked`,
    heading: "Automation blocked",
    says: `${automation} wants to act and cannot: ${what} until a person changes something.`,
    of: own(automation, "Blocked", "Sum"),
    rule: atLeastOne({ period: 300, datapoints: 1, among: 12 }),
  };
}
