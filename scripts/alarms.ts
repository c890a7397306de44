import { type CloudWatchClient, paginateDescribeAlarms } from "@aws-sdk/client-cloudwatch";

/**
 * The names of the stage's alarms that stand in ALARM and call a person. Those that wake an automation are its
 * work, and say nothing about its health.
 */
export async function standingAlarms(client: CloudWatchClient, stage: string): Promise<ReadonlySet<string>> {
  const names = new Set<string>();
  const wanted = { AlarmNamePrefix: `reflex-${stage}-`, StateValue: "ALARM" } as const;
  for await (const { MetricAlarms = [] } of paginateDescribeAlarms({ client }, wanted)) {
    for (const { AlarmName = "", AlarmActions = [] } of MetricAlarms) {
      if (!AlarmActions.some((action) => action.includes(":lambda:"))) names.add(AlarmName);
    }
  }
  return names;
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
