import type { Resource } from "../cloudformation/resource.ts";
import { logicalId } from "../config/logical-id.ts";
import { whatToDo } from "../notify/what-to-do.ts";
import { alarmName } from "./alarm.ts";

/** A state that follows from those of other alarms. It notifies nobody. */
export interface CompositeSpec {
  /** What stands after `reflex-<stage>-watch-`. */
  readonly name: string;
  readonly description: string;
  /** The heading of docs/runbook.md that says what it follows from. */
  readonly title: string;
  /** It is in ALARM while one of these is. */
  readonly inAlarm: readonly string[];
  /** Or while one of these has no data. */
  readonly withoutData: readonly string[];
}

/**
 * Under its logical id. Its alarms have to be there first.
 *
 * @param runbook where docs/ can be read, where the config says so
 */
export function compositeAlarm(spec: CompositeSpec, stage: string, runbook?: string): [string, Resource] {
  const conditions = [
    ...spec.inAlarm.map((name) => `ALARM("${alarmName(stage, name)}")`),
    ...spec.withoutData.map((name) => `INSUFFICIENT_DATA("${alarmName(stage, name)}")`),
  ];
  const resource: Resource = {
    Type: "AWS::CloudWatch::CompositeAlarm",
    DependsOn: [...new Set([...spec.inAlarm, ...spec.withoutData])].map(alarmLogicalId),
    Properties: {
      AlarmName: alarmName(stage, spec.name),
      AlarmDescription: `${spec.description}${whatToDo(spec.title, runbook)}`,
      AlarmRule: conditions.join(" OR "),
    },
  };
  return [alarmLogicalId(spec.name), resource];
}

/** The logical id of an alarm by the end of its name. */
export const alarmLogicalId = (name: string): string => `WatchAlarm${logicalId(name)}`;
