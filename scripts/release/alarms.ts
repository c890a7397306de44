import { type CloudWatchClient, type MetricAlarm, paginateDescribeAlarms } from "@aws-sdk/client-cloudwatch";

/**
 * The names of the stage's alarms that call a person now. Those that wake an automation are its work, and say nothing
 * about its health.
 */
export async function standingAlarms(client: CloudWatchClient, stage: string): Promise<ReadonlySet<string>> {
  const names = new Set<string>();
  const wanted = { AlarmNamePrefix: `reflex-${stage}-` };
  for await (const { MetricAlarms = [] } of paginateDescribeAlarms({ client }, wanted)) {
    for (const alarm of MetricAlarms) if (calls(alarm)) names.add(alarm.AlarmName ?? "");
  }
  return names;
}

function calls({
  StateValue,
  AlarmActions = [],
  InsufficientDataActions = [],
  ...alarm
}: MetricAlarm): boolean {
  if (StateValue === "ALARM") return !AlarmActions.some((action) => action.includes(":lambda:"));
  // An alarm on silence (docs/decisions/watch.md). A new one is in this state too, and has never been in another.
  return StateValue === "INSUFFICIENT_DATA" && InsufficientDataActions.length > 0 && hasChanged(alarm);
}

function hasChanged({
  StateTransitionedTimestamp,
  AlarmConfigurationUpdatedTimestamp,
}: MetricAlarm): boolean {
  if (!StateTransitionedTimestamp || !AlarmConfigurationUpdatedTimestamp) return false;
  return StateTransitionedTimestamp > AlarmConfigurationUpdatedTimestamp;
}

export interface Watch {
  readonly standing: () => Promise<ReadonlySet<string>>;
  /** Those that stood before: what began earlier is not the deploy's doing. */
  readonly before: ReadonlySet<string>;
  /** How often to look; once at least. */
  readonly looks: number;
  readonly pause: () => Promise<unknown>;
}

/** Looks so many times, with a pause before each but the first, and gives the new alarms as soon as there are any. */
export async function newAlarms({ standing, before, looks, pause }: Watch): Promise<readonly string[]> {
  for (let look = 1; ; look += 1) {
    const found = [...(await standing())].filter((name) => !before.has(name));
    if (found.length > 0 || look >= looks) return found;
    await pause();
  }
}
